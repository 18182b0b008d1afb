"""Responsibility over the API: rules written and ended, who answers and why, what is open."""

import pytest

from safegrid.duties import services


@pytest.fixture
def office(cast):
    _ = cast.duty_rules, cast.kinds, cast.site, cast.shop, cast.household
    services.rematch(cast.county)
    return cast.api(cast.lead_officer)


def test_a_rule_closes_a_gap_makes_a_conflict_and_is_ended(cast, office):
    base = f"/api/v1/duty-rules/{cast.county}"
    gaps, conflicts = f"/api/v1/duty-gaps/{cast.county}", f"/api/v1/duty-conflicts/{cast.county}"
    assert [one["site_id"] for one in office.get(gaps).json()["items"]] == [str(cast.household.id)]
    made = office.post(base, {"department_id": str(cast.fire.id), "site_type": "household"})
    assert made.status_code == 201
    assert office.get(gaps).json()["items"] == []
    clash = office.post(base, {"department_id": str(cast.fire.id), "site_type": "shop"}).json()
    (conflict,) = office.get(conflicts).json()["items"]
    assert (conflict["site_id"], conflict["state"]) == (str(cast.shop.id), "conflict")
    assert clash["id"] in conflict["conflicting"]
    ended = office.post(f"{base}/{clash['id']}/end", {"reason": "误建"})
    assert ended.json()["valid_to"] is not None
    assert office.get(conflicts).json()["items"] == []
    assert office.post(f"{base}/{clash['id']}/end", {"reason": "误建"}).status_code == 409


def test_the_rules_of_a_department_and_of_a_day(cast, office):
    base = f"/api/v1/duty-rules/{cast.county}"
    assert len(office.get(base).json()["items"]) == 4
    assert [r["words"] for r in office.get(base, department_id=str(cast.market.id)).json()["items"]] == ["小商铺"]
    assert office.get(base, in_force_on="2020-01-01").json()["items"] == []
    assert len(office.get(base, in_force_on="2025-01-01").json()["items"]) == 4


def test_the_explanation_names_the_winner_and_every_step(cast, office):
    told = office.get(f"/api/v1/duty-explanations/{cast.county}/{cast.site.id}").json()
    assert told["department_id"] == str(cast.lead_department.id)
    assert [(s["rank_words"], s["wins"]) for s in told["steps"]] == [("行业 26", True)]
    fire = office.get(
        f"/api/v1/duty-explanations/{cast.county}/{cast.household.id}", hazard_kind="FIRE-EXIT-BLOCKED"
    ).json()
    assert fire["department_id"] == str(cast.fire.id)


def test_wrong_fields_come_back_by_name(cast, office):
    answer = office.post(f"/api/v1/duty-rules/{cast.county}", {"department_id": str(cast.foreign_department.id)})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["department_id"])
    body = {"department_id": str(cast.fire.id), "town": "330523001"}
    assert list(office.post(f"/api/v1/duty-rules/{cast.county}", body).json()["fields"]) == ["town"]
