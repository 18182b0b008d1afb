"""Who comes through the doors of the field app. Its sessions belong to phones: a browser's own session is 401, elsewhere 404."""

from tests.permissions.table import NOBODY, Door

WORKERS = {"grid_member": 401, "next_grid_member": 401, "committee": 401}
DEVICE = "01980000-0000-7000-8000-000000000000"


def device(cast):
    return {"device": DEVICE}


DOORS = [
    Door("POST", "/api/v1/field/sign-in", {NOBODY: 422}, others=422),
    Door("GET", "/api/v1/field/session", {}, others=401),
    Door("POST", "/api/v1/field/sign-out", {}, others=401),
    Door("GET", "/api/v1/field/{county}/pull", WORKERS),
    Door(
        "POST",
        "/api/v1/field/{county}/operations",
        WORKERS,
        body={"device_now": "2026-01-01T00:00:00Z", "operations": []},
    ),
    Door("POST", "/api/v1/field/{county}/uploads", WORKERS, body={"id": DEVICE, "size": 1, "sha256": "0" * 64}),
    Door("PUT", "/api/v1/field/{county}/uploads/{device}?offset=0", WORKERS, prepare=device),
    Door("GET", "/api/v1/field/devices/{device}/state", {NOBODY: 200}, others=200, prepare=device),
]
