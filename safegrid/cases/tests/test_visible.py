"""Who sees a case, and which verbs they are offered: the table of access.md."""

import pytest

from safegrid.cases import services
from safegrid.cases.access import can, creators, verbs_for, visible
from safegrid.cases.models import CaseAssistance
from safegrid.cases.selectors import (
    case_for,
    cases,
    counts,
    my_turn,
    near_limit,
    overdue,
)  # fmt: skip
from safegrid.foundation import clock
from safegrid.foundation.errors import NotPermitted, NotVisible
from safegrid.foundation.keys import cross_county

EVERYONE_OF_THE_COUNTY = {"lead_officer", "lead_chief", "leader", "auditor", "upper_level"}


def seers(steps, case):
    found = set()
    for name, user in steps.cast.everyone():
        with cross_county("upper levels look into counties"):
            if visible(user).filter(county=case.county, id=case.id).exists():
                found.add(name)
    return found


def test_a_report_is_seen_by_reporter_station_and_county(steps):
    assert seers(steps, steps.reported()) == EVERYONE_OF_THE_COUNTY | {"grid_member", "town_officer"}


def test_a_committee_sees_what_the_committee_of_its_village_reported(steps):
    case = steps.reported(acting_user=steps.cast.committee, channel="committee")
    assert seers(steps, case) == EVERYONE_OF_THE_COUNTY | {"committee", "town_officer"}
    assert "committee" not in seers(steps, steps.reported())


def test_the_hotline_sees_tickets_only(steps):
    ticket = steps.reported(acting_user=steps.cast.hotline_officer, channel="hotline", attachment_ids=())
    assert "hotline_officer" in seers(steps, ticket)
    assert "hotline_officer" not in seers(steps, steps.reported())


def test_an_expert_sees_own_reports_only(steps):
    own = steps.reported(acting_user=steps.cast.agency_expert, channel="agency")
    assert "agency_expert" in seers(steps, own)
    assert "agency_expert" not in seers(steps, steps.reported())


def test_the_main_department_sees_it_and_after_it_was_asked_the_assisting_one(steps):
    case = steps.dispatched()
    assert {"fire_officer", "market_officer"} & seers(steps, case) == {"fire_officer"}
    CaseAssistance.objects.create(county=case.county, case=case, department=steps.cast.market, request="核对执照",
                                  asked_at=clock.now())  # fmt: skip
    assert {"fire_officer", "market_officer"} <= seers(steps, case)
    assert can(steps.cast.market_officer, "assist_receive", case)
    assert not can(steps.cast.market_officer, "receive", case)


def test_a_member_sees_an_assigned_case_only_in_an_own_grid(steps):
    case = steps.in_state("verifying", verifier_id=steps.cast.grid_member.id)
    assert "grid_member" in seers(steps, case)
    elsewhere = steps.in_state("verifying", verifier_id=steps.cast.grid_member.id, grid_id=steps.cast.next_grid.id)
    assert "grid_member" not in seers(steps, elsewhere)
    nowhere = steps.in_state("verifying", verifier_id=steps.cast.grid_member.id, grid_id=None)
    assert "grid_member" in seers(steps, nowhere)


def test_a_case_of_the_own_grid_that_is_not_assigned_is_not_the_members(steps):
    assert "grid_member" not in seers(steps, steps.in_state("reported"))


def test_the_sites_contact_sees_it_from_the_order_on(steps):
    assert "site_contact" not in seers(steps, steps.handling())
    assert "site_contact" in seers(steps, steps.ordered())


def test_the_contact_of_another_site_never_does(steps):
    case = steps.in_state("handling", site=steps.cast.shop, order_served_at=clock.now())
    assert "site_contact" not in seers(steps, case)


def test_another_county_the_administrator_and_the_reward_officer_see_nothing(steps):
    case = steps.ordered()
    for user in (steps.cast.outsider, steps.cast.system_admin, steps.cast.reward_officer):
        assert visible(user).filter(county=case.county).count() == 0
        with pytest.raises(NotVisible):
            case_for(user, case.county, case.id)
        assert verbs_for(user, case) == []


def test_a_reporters_name_and_phone_are_masked_for_everybody(steps):
    case = steps.reported(acting_user=steps.cast.hotline_officer, channel="hotline", reporter_name="钱某某",
                          reporter_phone="13900001111")  # fmt: skip
    for user in (steps.cast.lead_officer, steps.cast.hotline_officer, steps.cast.upper_level):
        seen = case_for(user, case.county, case.id)
        assert (seen.reporter_name, seen.reporter_phone) == ("钱**", "139****1111")


def test_the_phone_is_unmasked_with_a_reason_and_in_the_trace(steps):
    case = steps.reported(acting_user=steps.cast.hotline_officer, channel="hotline", reporter_name="钱某某",
                          reporter_phone="13900001111")  # fmt: skip
    seen = services.unmask_reporter(acting_user=steps.cast.lead_officer, case=case, reason="回访")
    assert seen == ("钱某某", "13900001111")
    row = steps.traced(case, "cases.unmask_reporter")
    assert (row.actor_id, row.changes) == (steps.cast.lead_officer.id, {"reason": "回访"})
    with pytest.raises(NotPermitted):
        services.unmask_reporter(acting_user=steps.cast.town_officer, case=case, reason="好奇")


def verbs(user, case):
    return {row.verb for row in verbs_for(user, case)}


def test_each_is_offered_what_the_table_gives(steps):
    case = steps.reported()
    assert verbs(steps.cast.town_officer, case) == {"assign_verification", "register", "reject", "merge", "reclassify"}
    assert verbs(steps.cast.grid_member, case) == set()
    assert verbs(steps.cast.auditor, case) == set()
    assert verbs(steps.cast.lead_chief, case) == {"cancel", "unmask_reporter"}
    assert verbs(steps.cast.leader, case) == {"supervise"}


def test_the_department_is_offered_handling_and_the_contact_its_answer(steps):
    case = steps.ordered()
    assert verbs(steps.cast.fire_officer, case) >= {"record_disposal", "order_rectification", "feed_back", "dispute"}
    assert verbs(steps.cast.site_contact, case) == {"submit_rectification"}


def test_the_contact_is_offered_the_answer_although_the_shown_case_hides_things(steps):
    case = steps.ordered()
    contact = steps.cast.site_contact
    assert verbs(contact, case_for(contact, case.county, case.id)) == {"submit_rectification"}


def test_a_case_comes_in_by_those_who_may_report(steps):
    assert {row.verb for row in creators(steps.cast.grid_member)} == {"report", "settle_on_spot"}
    assert {row.verb for row in creators(steps.cast.committee)} == {"report"}
    assert creators(steps.cast.auditor) == []


@pytest.mark.parametrize(
    ("step", "person"),
    [("reported", "town_officer"), ("registered", "lead_officer"), ("dispatched", "fire_officer"),
     ("handling", "fire_officer"), ("rectified", "town_officer"), ("rechecked", "lead_officer")],
)  # fmt: skip
def test_a_case_is_on_the_desk_of_whose_turn_it_is(steps, step, person):
    case = getattr(steps, step)()
    for name in ("town_officer", "lead_officer", "fire_officer", "market_officer", "other_town_officer"):
        mine = list(my_turn(getattr(steps.cast, name), case.county))
        assert mine == ([case] if name == person else []), name


def test_the_members_desk_holds_what_was_assigned(steps):
    case = services.assign_recheck(acting_user=steps.cast.town_officer, case=steps.rectified(),
                                   rechecker_id=steps.cast.grid_member.id)  # fmt: skip
    assert list(my_turn(steps.cast.grid_member, case.county)) == [case]


def test_near_and_overdue_lists_follow_the_timers(steps):
    near = steps.in_state("handling", timing="near", due_at=clock.now())
    late = steps.in_state("handling", timing="badly_overdue", due_at=clock.now())
    steps.in_state("closed", timing="overdue")
    assert list(near_limit(steps.cast.lead_officer, near.county)) == [near]
    assert list(overdue(steps.cast.fire_officer, near.county)) == [late]
    assert counts(steps.cast.lead_officer, near.county) == {"handling": 2, "closed": 1}
    assert counts(steps.cast.market_officer, near.county) == {}


def test_the_list_is_latest_first_and_in_scope(steps):
    first = steps.reported()
    second = steps.reported(site=steps.cast.shop)
    assert list(cases(steps.cast.town_officer, first.county)) == [second, first]
    assert list(cases(steps.cast.other_town_officer, first.county)) == []
