"""Looking at what was put right, and closing."""

from datetime import timedelta
from itertools import pairwise

import pytest

from safegrid.cases import services
from safegrid.cases.models import Recheck
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.models import TraceRow


def assign(steps, case, user, **more):
    given = {"acting_user": steps.cast.town_officer, **more}
    return services.assign_recheck(case=case, rechecker_id=user.id, **given)


def passes(steps, case, user, **more):
    given = {"attachment_ids": steps.photo(user), **steps.spot(), **more}
    return services.recheck_pass(acting_user=user, case=case, **given)


def fails(steps, case, user, **more):
    given = {"reason": "出口仍堆物", "attachment_ids": steps.photo(user), **more}
    return services.recheck_fail(acting_user=user, case=case, **given)


@pytest.fixture
def major(steps):
    """A major hazard waiting for its recheck."""
    steps.kind = steps.cast.major_kind.code
    case = steps.rectified()
    assert case.severity == "major"
    return case


def test_the_member_charged_passes_it(steps):
    case = assign(steps, steps.rectified(), steps.cast.grid_member)
    assert steps.told(steps.cast.grid_member, "cases.assign_recheck")
    case = passes(steps, case, steps.cast.grid_member)
    assert (case.state, case.stage) == ("rechecked", "close")
    row = Recheck.objects.get(county=case.county, case_id=case.id)
    assert (row.result, row.done_by_id, row.assigned_to_id) == (
        "passed",
        steps.cast.grid_member.id,
        steps.cast.grid_member.id,
    )
    assert row.longitude == steps.site.longitude
    assert not case.timers.filter(stage="handle", stopped_at__isnull=True).exists()


def test_a_member_not_charged_sees_the_case_but_cannot_pass_it(steps):
    with pytest.raises(NotPermitted):
        passes(steps, steps.rectified(), steps.cast.grid_member)


def test_a_member_of_the_next_village_does_not_see_it(steps):
    with pytest.raises(NotVisible):
        passes(steps, steps.rectified(), steps.cast.next_grid_member)


def test_the_station_passes_without_being_charged(steps):
    case = steps.rechecked()
    assert Recheck.objects.get(county=case.county, case_id=case.id).result == "passed"
    assert steps.told(steps.cast.lead_officer, "cases.recheck_pass")


def test_a_colleague_of_the_department_passes_but_not_who_fed_back(steps):
    case = steps.rectified()
    with pytest.raises(NotPermitted, match="未参与整改"):
        passes(steps, case, steps.cast.fire_officer)
    assert passes(steps, case, steps.colleague(steps.cast.fire_officer, "fire_2")).state == "rechecked"


def test_who_noted_a_disposal_cannot_pass_either(steps):
    first, second = steps.cast.fire_officer, steps.colleague(steps.cast.fire_officer, "fire_2")
    case = services.record_disposal(acting_user=first, case=steps.handling(), words="督促清理")
    case = services.feed_back(acting_user=second, case=case, result="已清理", attachment_ids=steps.photo(second))
    for officer in (first, second):
        with pytest.raises(NotPermitted):
            passes(steps, case, officer)


def test_after_a_failed_recheck_the_next_round_has_its_own_rectifiers(steps):
    first, second = steps.cast.fire_officer, steps.colleague(steps.cast.fire_officer, "fire_2")
    case = fails(steps, steps.rectified(), steps.cast.town_officer)
    case = services.feed_back(acting_user=second, case=case, result="已重新清理", attachment_ids=steps.photo(second))
    assert passes(steps, case, first).state == "rechecked"


@pytest.mark.parametrize("missing", [{"attachment_ids": ()}, {"longitude": None}, {"latitude": None}])
def test_passing_needs_photograph_and_position(steps, missing):
    with pytest.raises(InvalidInput) as refused:
        passes(steps, steps.rectified(), steps.cast.town_officer, **missing)
    assert set(refused.value.fields) == set(missing)


def test_a_failed_recheck_goes_back_and_its_time_runs_on(steps):
    case = steps.handling()  # 24 hours by the clock
    steps.time.advance(timedelta(hours=10))
    case = steps.fed_back(case)
    steps.time.advance(timedelta(hours=30))
    case = fails(steps, case, steps.cast.town_officer)
    assert (case.state, case.stage, case.reworks) == ("handling", "handle", 1)
    assert case.due_at == clock.now() + timedelta(hours=14)
    assert not case.was_overdue
    assert steps.told(steps.cast.fire_officer, "cases.recheck_fail")
    assert Recheck.objects.get(county=case.county, case_id=case.id).words == "出口仍堆物"


def test_each_round_leaves_its_own_recheck(steps):
    case = fails(steps, steps.rectified(), steps.cast.town_officer)
    case = steps.passed(steps.fed_back(case))
    rows = Recheck.objects.filter(county=case.county, case_id=case.id).order_by("round")
    assert list(rows.values_list("round", "result")) == [(1, "failed"), (2, "passed")]


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"attachment_ids": ()}])
def test_failing_needs_reason_and_photograph(steps, wrong):
    with pytest.raises(InvalidInput):
        fails(steps, steps.rectified(), steps.cast.town_officer, **wrong)


def test_who_rectified_cannot_be_charged_nor_a_stranger(steps):
    case = steps.rectified()
    for user in (steps.cast.fire_officer, steps.cast.market_officer, steps.cast.next_grid_member, steps.cast.auditor):
        with pytest.raises(InvalidInput) as refused:
            assign(steps, case, user)
        assert "rechecker_id" in refused.value.fields


def test_a_recheck_is_waived_by_the_lead_office_with_a_reason(steps):
    case = steps.rectified()
    with pytest.raises(InvalidInput):
        services.waive_recheck(acting_user=steps.cast.lead_officer, case=case, reason="")
    with pytest.raises(NotPermitted):
        services.waive_recheck(acting_user=steps.cast.town_officer, case=case, reason="照片清楚")
    case = services.waive_recheck(acting_user=steps.cast.lead_officer, case=case, reason="照片清楚")
    assert case.state == "rechecked"
    assert Recheck.objects.get(county=case.county, case_id=case.id).result == "waived"


def test_the_recheck_of_a_major_hazard_is_never_waived(steps, major):
    with pytest.raises(NotPermitted):
        services.waive_recheck(acting_user=steps.cast.lead_officer, case=major, reason="照片清楚")


def test_a_major_hazard_is_passed_by_the_department_together_with_a_member(steps, major):
    officer = steps.colleague(steps.cast.fire_officer, "fire_2")
    with pytest.raises(InvalidInput) as refused:
        passes(steps, major, officer)
    assert "with_member_id" in refused.value.fields
    with pytest.raises(InvalidInput):
        passes(steps, major, officer, with_member_id=steps.cast.committee.id)
    case = passes(steps, major, officer, with_member_id=steps.cast.grid_member.id)
    assert Recheck.objects.get(county=case.county, case_id=case.id).with_member_id == steps.cast.grid_member.id


def test_the_member_charged_with_a_major_hazard_goes_along_and_does_not_pass_alone(steps, major):
    case = assign(steps, major, steps.cast.grid_member)
    with pytest.raises(NotPermitted):
        passes(steps, case, steps.cast.grid_member)
    with pytest.raises(NotPermitted):
        passes(steps, case, steps.cast.town_officer)
    officer = steps.colleague(steps.cast.fire_officer, "fire_2")
    case = passes(steps, case, officer)
    assert Recheck.objects.get(county=case.county, case_id=case.id).with_member_id == steps.cast.grid_member.id


def test_the_lead_office_closes_and_everybody_concerned_learns_so(steps):
    case = steps.closed()
    assert (case.state, case.closed_at, case.stage, case.due_at) == ("closed", clock.now(), "", None)
    assert not case.timers.filter(stopped_at__isnull=True).exists()
    for user in (steps.cast.grid_member, steps.cast.fire_officer):
        assert steps.told(user, "cases.close") == [f"结案：{case.number}"]


def test_the_station_closes_minor_cases_only(steps):
    with pytest.raises(NotPermitted, match="轻微"):
        services.close(acting_user=steps.cast.town_officer, case=steps.rechecked())
    steps.kind = steps.cast.minor_kind.code
    case = steps.rechecked(severity="minor")
    assert services.close(acting_user=steps.cast.town_officer, case=case).state == "closed"


@pytest.mark.parametrize("person", ["grid_member", "fire_officer", "lead_chief", "leader"])
def test_nobody_else_closes(steps, person):
    with pytest.raises(NotPermitted):
        services.close(acting_user=getattr(steps.cast, person), case=steps.rechecked())


def test_the_whole_way_leaves_one_trace_row_for_each_verb(steps):
    case = steps.closed()
    rows = TraceRow.objects.filter(county=case.county, object_id=case.id, object_type="cases.case").order_by("at", "id")
    assert [row.action.removeprefix("cases.") for row in rows] == [
        "report", "register", "dispatch", "receive", "feed_back", "recheck_pass", "close",
    ]  # fmt: skip
    moves = [tuple(row.changes["state"]) for row in rows]
    assert all(before[1] == after[0] for before, after in pairwise(moves))
