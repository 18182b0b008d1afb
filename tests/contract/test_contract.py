"""The API's contract is what the committed snapshot says: nobody's program breaks by accident."""

from __future__ import annotations

import json
import re
from pathlib import Path

from safegrid.api.management.commands.export_openapi import contract

SNAPSHOT = Path(__file__).with_name("openapi.json")
REFRESH = "if that is meant: tools/with_env.sh .venv/bin/python manage.py export_openapi tests/contract/openapi.json"


# What answers without sign-in: the national tree of regions with its old codes, public reference data that forms offer
# level by level before anybody has signed in. Shapes and everything else of a county ask who it is.
# And the field app's: signing in itself, and what a phone asks after its session has ended (by an id that it alone knows).
PUBLIC = {
    "GET /api/v1/regions",
    "GET /api/v1/regions/{code}",
    "POST /api/v1/field/sign-in",
    "GET /api/v1/field/devices/{device_id}/state",
}
# Whose writes come once by ids of their own (docs/field.md): the operation's, the upload's, the device's.
BY_OWN_IDS = "/api/v1/field/"


def operations(schema):
    return {
        f"{method.upper()} {path}": written
        for path, methods in schema["paths"].items()
        for method, written in methods.items()
    }


def test_the_contract_is_the_committed_one():
    kept, present = json.loads(SNAPSHOT.read_text(encoding="utf-8")), json.loads(contract())
    before, now = operations(kept), operations(present)
    gone, new = sorted(before.keys() - now.keys()), sorted(now.keys() - before.keys())
    changed = sorted(name for name in before.keys() & now.keys() if before[name] != now[name])
    shapes = sorted(
        name
        for name in kept["components"]["schemas"].keys() | present["components"]["schemas"].keys()
        if kept["components"]["schemas"].get(name) != present["components"]["schemas"].get(name)
    )
    assert (gone, new, changed, shapes) == ([], [], [], []), REFRESH
    assert kept == present, REFRESH


def test_every_write_carries_an_idempotency_key():
    for name, written in operations(json.loads(contract())).items():
        if not name.startswith("GET ") and BY_OWN_IDS not in name:
            headers = [p["name"] for p in written.get("parameters", []) if p["in"] == "header"]
            assert "Idempotency-Key" in headers, name


def test_every_operation_but_the_public_ones_asks_who_it_is():
    open_to_all = {name for name, one in operations(json.loads(contract())).items() if not one.get("security")}
    assert open_to_all == PUBLIC


def test_every_operation_has_a_name_of_its_own_and_words():
    written = operations(json.loads(contract())).values()
    ids = [one["operationId"] for one in written]
    assert len(ids) == len(set(ids))
    assert all(one["summary"] for one in written)


def test_every_shape_that_is_referred_to_is_there():
    written = contract()
    named = set(re.findall(r"#/components/schemas/([^\"]+)", written))
    assert named
    assert named <= json.loads(written)["components"]["schemas"].keys()
