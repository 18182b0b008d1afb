"""Making scenarios, saying what they are worked out with, copying and discarding them."""

from __future__ import annotations

import pytest

from safegrid.foundation import trace
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, WrongState
from safegrid.planning import access, parameters, selectors, services
from safegrid.planning.tests.conftest import NORM, OTHER_TOWN, PARAMETERS, TOWN, A, B, D


def actions(row):
    return [one.action for one in trace.trace_of(row)]


def test_a_lead_officer_makes_a_draft_with_the_norms_of_the_handbook(land, lead):
    made = services.create_scenario(acting_user=lead, county=land, name=" 方案一 ", town=TOWN)
    assert (made.state, made.name, made.created_by_id) == ("draft", "方案一", lead.id)
    assert made.parameters["norms"] == [NORM]
    assert actions(made) == ["planning.create"]


@pytest.mark.parametrize("kind", ["lead_chief", "town_officer", "leader", "auditor"])
def test_nobody_else_makes_one(land, person, kind):
    user = person(kind, TOWN if kind == "town_officer" else "330521")
    with pytest.raises(NotPermitted):
        services.create_scenario(acting_user=user, county=land, name="方案", town=TOWN)


def test_a_scenario_needs_a_name_and_a_town_of_the_county(land, lead):
    with pytest.raises(InvalidInput) as missing:
        services.create_scenario(acting_user=lead, county=land, name=" ")
    assert set(missing.value.fields) == {"name"}
    with pytest.raises(InvalidInput) as strange:
        services.create_scenario(acting_user=lead, county=land, name="方案", town="330523001")
    assert set(strange.value.fields) == {"town"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"tolerance": 3}, "tolerance"),
        ({"tolerance": True}, "tolerance"),
        ({"travel": "horse"}, "travel"),
        ({"nesting": "county"}, "nesting"),
        ({"seconds": "fast"}, "seconds"),
        ({"hours_full_time": 100, "hours_part_time": 200}, "hours_part_time"),
        ({"norms": [NORM, NORM]}, "norms"),
        ({"norms": [{**NORM, "minutes": -1}]}, "norms"),
        ({"relaxations": [{"villages": [A], "reason": "一村"}]}, "relaxations"),
        ({"relaxations": [{"villages": [A, D], "reason": "跨镇"}]}, "relaxations"),
        ({"relaxations": [{"villages": [A, B], "reason": " "}]}, "relaxations"),
        ({"exclusions": [{"site_id": "x", "reason": "不对"}]}, "exclusions"),
        ({"locked_grids": ["0190d8e0-0000-7000-8000-000000000000"]}, "locked_grids"),
        ({"code_rule": {"digits": 9}}, "code_rule"),
        ({"colour": 1}, "colour"),
    ],
)
def test_wrong_parameters_are_named_by_their_field(land, lead, given, field):
    with pytest.raises(InvalidInput) as wrong:
        services.create_scenario(acting_user=lead, county=land, name="方案", town=TOWN, parameters=given)
    assert set(wrong.value.fields) == {field}


def test_parameters_are_read_back_as_they_were_written():
    said = {**PARAMETERS, "norms": [NORM], "relaxations": [{"villages": [A, B], "reason": "同一园区"}],
            "exclusions": [{"site_id": "0190d8e0-0000-7000-8000-000000000000", "reason": "矿山"}],
            "code_rule": {"digits": 3, "separator": "-"}}  # fmt: skip
    once = parameters.read(said)
    assert parameters.read(once.as_json()) == once
    assert once.speed_kmh == parameters.SPEEDS["motor"]
    assert once.code_rule.shown == "12-3"


def test_a_copy_keeps_what_is_not_changed(draft, lead):
    copied = services.copy_scenario(acting_user=lead, scenario=draft, name="不跨镇", changes={"nesting": "town"})
    assert (copied.copied_from_id, copied.town, copied.state) == (draft.id, TOWN, "draft")
    assert {**copied.parameters, "nesting": "village"} == draft.parameters


def test_changing_parameters_drops_the_plan(ready, lead):
    changed = services.change_scenario(acting_user=lead, scenario=ready, changes={"tolerance": 0.2})
    assert (changed.state, changed.labels, changed.figures) == ("draft", [], {})
    assert actions(ready)[-1] == "planning.change"


def test_who_saw_an_older_version_changes_nothing(draft, lead):
    seen = draft.version
    services.change_scenario(acting_user=lead, scenario=draft, changes={"tolerance": 0.2}, version=seen)
    with pytest.raises(Conflict):
        services.change_scenario(acting_user=lead, scenario=draft, changes={"tolerance": 0.3}, version=seen)


def test_two_hands_on_one_row_are_a_conflict(draft, lead):
    stale = selectors.scenario_for(lead, draft.county, draft.id)
    services.change_scenario(acting_user=lead, scenario=draft, changes={"tolerance": 0.2})
    with pytest.raises(Conflict):
        services.change_scenario(acting_user=lead, scenario=stale, changes={"tolerance": 0.3})


def test_a_discarded_scenario_says_why_and_goes_nowhere(draft, lead):
    with pytest.raises(InvalidInput):
        services.discard_scenario(acting_user=lead, scenario=draft, reason="")
    services.discard_scenario(acting_user=lead, scenario=draft, reason="改用另一方案")
    assert draft.state == "superseded"
    with pytest.raises(WrongState):
        services.start_run(acting_user=lead, scenario=draft)


def test_a_town_sees_its_own_scenarios_and_no_others(draft, town_officer, person, lead):
    whole = services.create_scenario(acting_user=lead, county=draft.county, name="全县")
    assert [one.id for one in selectors.scenarios(town_officer).filter(county=draft.county)] == [draft.id]
    other = person("town_officer", OTHER_TOWN)
    for user, row in ((other, draft), (town_officer, whole)):
        with pytest.raises(NotVisible):
            selectors.scenario_for(user, row.county, row.id)
    assert access.verbs_for(town_officer, draft) == []
