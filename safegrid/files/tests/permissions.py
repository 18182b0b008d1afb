"""Who comes through the doors of the files: who works in a county brings them, who sees the row they are used on opens them."""

from io import BytesIO
from typing import Any

from PIL import Image

from safegrid.files.services import store
from tests.cast import Cast
from tests.permissions.table import Door


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (32, 24), (120, 90, 60)).save(out, "JPEG")
    return out.getvalue()


def uploaded(cast: Cast) -> dict[str, Any]:
    """A photo that the grid member has brought and used nowhere yet."""
    return {"photo": store(acting_user=cast.grid_member, county=cast.county, data=photo(), name="现场.jpg")}


WORKING = (
    "system_admin", "leader", "lead_officer", "lead_chief", "town_officer", "other_town_officer", "lead_department_officer",
    "fire_officer", "market_officer", "hotline_officer", "committee", "grid_member", "next_grid_member", "site_contact",
    "agency_expert", "reward_officer",
)  # fmt: skip

DOORS = [
    Door(
        "POST",
        "/api/v1/files/{county}",
        {**dict.fromkeys(WORKING, 201), "auditor": 403},
        body={"grade": "internal"},
        files={"file": photo()},
    ),
    Door("GET", "/files/{county}/{photo.id}/", {"grid_member": 200}, prepare=uploaded),
    Door(
        "GET", "/files/{county}/{photo.id}/thumbnail/", {"grid_member": 200, "other_grid_member": 404}, prepare=uploaded
    ),
]
