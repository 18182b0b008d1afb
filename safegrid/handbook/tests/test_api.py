"""The handbook over the API: kinds with their limits, checklists in versions, norms."""

import pytest


@pytest.fixture
def office(cast):
    _ = cast.checklist, cast.visit_norm
    return cast.api(cast.lead_officer)


def test_kinds_are_listed_below_their_group_and_shown_with_their_limits(cast, office):
    base = f"/api/v1/hazard-kinds/{cast.county}"
    below = office.get(base, parent="FIRE").json()["items"]
    assert {one["parent_code"] for one in below} == {"FIRE"}
    changed = office.post(f"{base}/FIRE/change_limits", {"limits": {"recheck": {"value": 2, "unit": "working_days"}}})
    assert changed.status_code == 200
    limits = {one["stage"]: one for one in office.get(f"{base}/FIRE-EXIT-BLOCKED").json()["limits"]}
    assert limits["recheck"] == {"stage": "recheck", "limit": {"value": 2, "unit": "working_days"}, "stated_by": "FIRE"}
    assert limits["accept"]["stated_by"] == ""
    wrong = office.post(f"{base}/FIRE/change_limits", {"limits": {"recheck": {"value": 2, "unit": "weeks"}}})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["recheck"])


def test_a_kind_is_added_and_retired(cast, office):
    base = f"/api/v1/hazard-kinds/{cast.county}"
    body = {
        "code": "FIRE-EBIKE",
        "parent_code": "FIRE",
        "name": "电动自行车进楼",
        "nature": "hazard",
        "severity": "general",
    }
    assert office.post(base, body).status_code == 201
    assert office.post(base, body).status_code == 422
    assert office.post(f"{base}/FIRE-EBIKE/retire", {"reason": "重复"}).json()["is_active"] is False
    assert "FIRE-EBIKE" not in {one["code"] for one in office.get(base, active=True, limit=200).json()["items"]}


def test_a_checklist_is_drafted_published_and_read_with_its_items(cast, office):
    base = f"/api/v1/checklists/{cast.county}"
    item = {"code": "EXIT", "text": "出口是否畅通", "hazard_kind": "FIRE-EXIT-BLOCKED"}
    body = {"code": "ENTERPRISE", "name": "检查表", "site_type": "enterprise", "items": [item]}
    draft = office.post(base, body).json()
    assert (draft["number"], draft["state"], [one["code"] for one in draft["items"]]) == (2, "draft", ["EXIT"])
    assert cast.api(cast.grid_member).get(f"{base}/{draft['id']}").status_code == 404
    assert office.post(f"{base}/{draft['id']}/publish").json()["state"] == "published"
    states = {one["number"]: one["state"] for one in cast.api(cast.grid_member).get(base).json()["items"]}
    assert states == {1: "retired", 2: "published"}
    assert office.post(f"{base}/{draft['id']}/publish").status_code == 409
    assert office.post(base, {**body, "items": []}).json()["fields"]["items"]


def test_norms_are_read_and_set(cast, office):
    base = f"/api/v1/visit-norms/{cast.county}"
    norm = {"site_type": "enterprise", "risk_grade": "orange", "visits_a_year": 20, "minutes": 35}
    assert office.post(f"{base}/set", norm).json() == norm
    assert office.get(base).json() == [norm]
    assert cast.api(cast.outsider).get(base).json() == []
