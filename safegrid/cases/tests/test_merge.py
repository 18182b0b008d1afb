"""One matter reported twice."""

from uuid import uuid4

import pytest

from safegrid.cases import services
from safegrid.cases.following import followed, followers
from safegrid.cases.models import Case, CaseTimer
from safegrid.cases.selectors import similar
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, WrongState


def merge(steps, case, into, user=None):
    return services.merge(acting_user=user or steps.cast.town_officer, case=case, into_id=into and into.id)


def by_committee(steps):
    return steps.reported(acting_user=steps.cast.committee, channel="committee")


def test_the_similar_case_is_offered_and_merged_into_and_its_timers_end(steps):
    first, second = steps.registered(), by_committee(steps)
    offered = similar(second.county, second.kind, second.site_id, second.longitude, second.latitude, but=second.id)
    assert [one.case_id for one in offered] == [first.id]
    second = merge(steps, second, first)
    assert (second.state, second.merged_into_id, second.stage, second.due_at) == ("merged", first.id, "", None)
    assert not CaseTimer.objects.filter(county=second.county, case_id=second.id, stopped_at__isnull=True).exists()
    assert steps.traced(second, "cases.merge").changes["into"] == first.number
    assert steps.told(steps.cast.committee, "cases.merge") == [f"并案：{second.number}"]


def test_the_reporter_follows_the_other_case_however_often_that_is_merged_in_turn(steps):
    first, second, third = by_committee(steps), steps.reported(), steps.registered()
    merge(steps, first, second)
    second = Case.objects.get(county=second.county, id=second.id)
    merge(steps, second, third)
    assert followers(third) == {steps.cast.committee.id, steps.cast.grid_member.id}
    first = Case.objects.get(county=first.county, id=first.id)
    assert followed(first).id == third.id
    assert followed(third) is third
    third = Case.objects.get(county=third.county, id=third.id)
    services.reclassify(acting_user=steps.cast.lead_officer, case=third, kind=third.kind, severity="minor", reason="轻")
    third = Case.objects.get(county=third.county, id=third.id)
    third = services.dispatch(acting_user=steps.cast.lead_officer, case=third, department_id=steps.cast.fire.id,
                              reason="消防")  # fmt: skip
    officer = steps.cast.fire_officer
    third = steps.passed(steps.fed_back(services.receive(acting_user=officer, case=third)))
    third = services.close(acting_user=steps.cast.lead_officer, case=third)
    assert steps.told(steps.cast.committee, "cases.close") == [f"结案：{third.number}"]


def test_unmerging_brings_it_back_to_triage_on_its_own(steps):
    first, second = steps.registered(), steps.registered()
    second = merge(steps, second, first)
    second = services.unmerge(acting_user=steps.cast.lead_officer, case=second, reason="不是同一隐患")
    assert (second.state, second.merged_into_id, second.registered_at, second.stage) == (
        "reported", None, None, "accept")  # fmt: skip
    assert followers(first) == set()
    assert steps.traced(second, "cases.unmerge").changes["merged_into"] == [str(first.id), None]
    assert steps.told(steps.cast.grid_member, "cases.unmerge")


def test_nothing_merges_into_itself_into_nothing_or_into_what_has_ended(steps):
    case = steps.reported()
    rejected = services.reject(acting_user=steps.cast.town_officer, case=steps.reported(), reason="不属实")
    merged = merge(steps, steps.reported(), steps.registered())
    for into in (case, None, rejected, merged, steps.closed()):
        with pytest.raises(InvalidInput) as refused:
            merge(steps, case, into)
        assert "into_id" in refused.value.fields
    with pytest.raises(InvalidInput):
        services.merge(acting_user=steps.cast.town_officer, case=case, into_id=uuid4())
    assert Case.objects.get(county=case.county, id=case.id).state == "reported"


def test_two_cases_never_follow_each_other(steps):
    first, second = steps.reported(), steps.reported()
    merge(steps, first, second)
    with pytest.raises(InvalidInput, match="已并案"):
        merge(steps, second, first)


def test_a_town_merges_only_into_what_it_sees(steps):
    case = steps.reported()
    steps.site = steps.cast.other_site
    elsewhere = steps.reported(acting_user=steps.cast.other_grid_member)
    with pytest.raises(InvalidInput, match="没有找到"):
        merge(steps, case, elsewhere)
    assert merge(steps, case, elsewhere, steps.cast.lead_officer).state == "merged"


def test_an_accident_does_not_vanish_in_a_hazard(steps):
    hazard = steps.reported()
    steps.kind = steps.cast.accident_kind.code
    accident = steps.reported()
    with pytest.raises(InvalidInput, match="事故"):
        merge(steps, accident, hazard)
    assert merge(steps, accident, steps.reported()).state == "merged"


def test_who_may_not_and_when(steps):
    case, into = steps.reported(), steps.reported()
    for person in (steps.cast.leader, steps.cast.lead_chief):
        with pytest.raises(NotPermitted):
            merge(steps, case, into, person)
    with pytest.raises(NotVisible):
        merge(steps, case, into, steps.cast.other_town_officer)
    with pytest.raises(WrongState):
        merge(steps, steps.handling(), into)
    case = merge(steps, case, into)
    with pytest.raises(NotPermitted):
        services.unmerge(acting_user=steps.cast.town_officer, case=case, reason="乡镇不能撤销")
    with pytest.raises(InvalidInput):
        services.unmerge(acting_user=steps.cast.lead_officer, case=case, reason="")


def test_of_two_at_once_the_second_meets_a_conflict(steps):
    case, into = steps.reported(), steps.reported()
    seen = Case.objects.get(county=case.county, id=case.id)
    merge(steps, case, into)
    with pytest.raises(Conflict):
        merge(steps, seen, into, steps.cast.lead_officer)
