"""Skipping, adding, planning anew, travel settings: by whom, what it does to the plan, and what the trace says."""

from datetime import date, timedelta

import pytest

from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, WrongState
from safegrid.foundation.models import TraceRow
from safegrid.foundation.testing import run_queue
from safegrid.grids import services as grids
from safegrid.patrols import services
from safegrid.patrols.models import MemberPlan, PlannedVisit, PlanRun
from safegrid.patrols.planner import plan_chunk, plan_wanted, start_nights
from safegrid.patrols.selectors import progress_of
from safegrid.patrols.tests.planning import Patch
from safegrid.sites import services as sites

TODAY = date(2025, 3, 5)


def traced(patch, action) -> TraceRow:
    return TraceRow.objects.get(county=patch.county, action=action)


@pytest.fixture
def overdue(patch) -> PlannedVisit:
    """A planned visit three days past its limit, planned for today."""
    site = patch.site(grade="red", visited=TODAY - timedelta(days=11))
    patch.plan()
    row = patch.one(site)
    assert (row.on, row.due_by) == (TODAY, TODAY - timedelta(days=3))
    return row


def test_skipped_it_moves_to_another_day_and_stays_overdue(patch, overdue):
    row = services.skip_visit(acting_user=patch.user, planned=overdue, reason=" 门口修路 ")
    assert (row.on, row.due_by, row.skips, row.skip_reason) == (
        TODAY + timedelta(days=1),
        overdue.due_by,
        1,
        "门口修路",
    )
    assert MemberPlan.objects.get(county=patch.county).is_wanted
    run_queue()
    row = patch.one(row.site)
    assert (row.id, row.on, row.due_by, row.position) == (overdue.id, TODAY + timedelta(days=1), overdue.due_by, 0)
    assert traced(patch, "patrols.skip_visit").changes["reason"] == "门口修路"


def test_skipped_before_a_weekend_it_comes_on_monday(patch, overdue):
    with clock.simulated(clock.now() + timedelta(days=2)):
        patch.plan()
        row = services.skip_visit(acting_user=patch.user, planned=patch.one(overdue.site), reason="下雨")
        assert row.on == date(2025, 3, 10)


def test_skipped_beyond_the_days_with_routes_it_does_not_come_back_to_the_day_it_was_skipped_on(patch):
    site = patch.site(grade="yellow", visited=TODAY - timedelta(days=17))
    patch.plan()
    far = patch.one(site)
    skipped_on = far.on
    assert skipped_on > date(2025, 3, 16)
    services.skip_visit(acting_user=patch.user, planned=far, reason="停产检修")
    run_queue()
    again = next(row for row in patch.open(site) if row.id == far.id)
    assert again.on >= again.not_before > skipped_on


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_skip_needs_a_reason(patch, overdue, reason):
    with pytest.raises(InvalidInput) as refused:
        services.skip_visit(acting_user=patch.user, planned=overdue, reason=reason)
    assert set(refused.value.fields) == {"reason"}
    assert patch.one(overdue.site).skips == 0


def test_nobody_skips_anothers_visits(patch, overdue):
    cast = patch.cast
    for person, error in (("town_officer", NotPermitted), ("lead_officer", NotPermitted), ("next_grid_member", NotVisible),
                          ("outsider", NotPermitted)):  # fmt: skip
        with pytest.raises(error):
            services.skip_visit(acting_user=getattr(cast, person), planned=overdue, reason="x")
    with pytest.raises(NotPermitted):
        services.skip_visit(acting_user=None, planned=overdue, reason="x")


def test_what_is_done_is_not_skipped_even_where_the_phone_did_not_know(patch, overdue):
    PlannedVisit.objects.filter(county=patch.county, id=overdue.id).update(state="done")
    with pytest.raises(Conflict):
        services.skip_visit(acting_user=patch.user, planned=overdue, reason="x")
    overdue.refresh_from_db()
    with pytest.raises(WrongState):
        services.skip_visit(acting_user=patch.user, planned=overdue, reason="x")


def test_a_site_not_due_is_added_today_and_stands_in_the_route(patch):
    site = patch.site(grade="blue", visited=TODAY - timedelta(days=3))
    patch.plan()
    assert not patch.open(site)
    row = services.add_visit(acting_user=patch.user, site=site, on=TODAY)
    assert (row.reason, row.on, row.due_by, row.minutes) == ("added", TODAY, TODAY, 20)
    run_queue()
    row = patch.one(site)
    assert (row.on, row.position) == (TODAY, 0)
    assert traced(patch, "patrols.add_visit").changes["site"] == str(site.id)


def test_a_visit_planned_for_another_day_comes_forward_instead_of_twice(patch):
    site = patch.site(grade="orange", visited=TODAY - timedelta(days=7))
    patch.plan()
    planned = patch.one(site)
    assert planned.on > TODAY
    row = services.add_visit(acting_user=patch.user, site=site, on=TODAY)
    run_queue()
    assert [(one.id, one.on) for one in patch.open(site)] == [(planned.id, TODAY)]
    assert row.due_by == planned.due_by


def test_what_was_added_and_not_made_stays_until_it_is(patch):
    site = patch.site(grade="blue", visited=TODAY - timedelta(days=3))
    patch.plan()
    services.add_visit(acting_user=patch.user, site=site, on=TODAY)
    with clock.simulated(clock.now() + timedelta(days=1)):
        patch.plan()
        row = patch.one(site)
        assert (row.on, row.due_by) == (TODAY + timedelta(days=1), TODAY)


def test_only_own_sites_of_the_coming_days_are_added(patch):
    cast, site = patch.cast, patch.site()
    for on in (TODAY - timedelta(days=1), TODAY + timedelta(days=14)):
        with pytest.raises(InvalidInput):
            services.add_visit(acting_user=patch.user, site=site, on=on)
    with pytest.raises(NotVisible):
        services.add_visit(acting_user=patch.user, site=cast.next_site, on=TODAY)
    with pytest.raises(NotPermitted):
        services.add_visit(acting_user=cast.town_officer, site=site, on=TODAY)
    assert not PlannedVisit.objects.filter(county=patch.county).exists()


# Travel


def plan_of(patch) -> MemberPlan:
    patch.plan()
    return MemberPlan.objects.get(county=patch.county, member_id=patch.member.id)


def test_travel_settings_change_hours_start_and_speed(patch):
    for _ in range(6):
        patch.site(grade="red", visited=TODAY - timedelta(days=20))
    plan = plan_of(patch)
    services.change_travel(
        acting_user=patch.user, plan=plan, mode="walking", begins=600, ends=900, start=(120.001, 30.501)
    )
    run_queue()
    found = [row for row in patch.open() if row.position is not None]
    assert found
    assert all(600 <= row.begins < row.leaves <= 900 for row in found)
    changes = traced(patch, "patrols.change_travel").changes
    assert changes["mode"] == ["bicycle", "walking"]
    assert changes["begins"] == [None, 600]


@pytest.mark.parametrize(("person", "error"), [
    ("grid_member", None), ("town_officer", None), ("lead_officer", None), ("other_town_officer", NotPermitted),
    ("next_grid_member", NotPermitted), ("leader", NotPermitted), ("outsider", NotPermitted),
])  # fmt: skip
def test_who_may_change_them(patch, person, error):
    plan = plan_of(patch)
    if error is None:
        services.change_travel(acting_user=getattr(patch.cast, person), plan=plan, mode="motor")
    else:
        with pytest.raises(error):
            services.change_travel(acting_user=getattr(patch.cast, person), plan=plan, mode="motor")


@pytest.mark.parametrize(("field", "more"), [
    ("mode", {"mode": "flying"}), ("ends", {"begins": 600, "ends": 630}), ("begins", {"begins": 2000}),
    ("ends", {"begins": 17 * 60 + 20}),
])  # fmt: skip
def test_settings_that_make_no_day_are_refused(patch, field, more):
    with pytest.raises(InvalidInput) as refused:
        services.change_travel(acting_user=patch.user, plan=plan_of(patch), **{"mode": "walking", **more})
    assert field in refused.value.fields


def test_settings_seen_before_another_change_are_a_conflict(patch):
    plan = plan_of(patch)
    services.change_travel(acting_user=patch.user, plan=plan, mode="motor")
    with pytest.raises(Conflict):
        services.change_travel(acting_user=patch.user, plan=plan, mode="walking", version=plan.version - 1)


# The queue


def test_the_night_plans_every_member_once(patch):
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    other = patch.cast.member_of(patch.cast.next_grid_member)
    assert (start_nights(), start_nights()) == (1, 0)
    run_queue()
    run = PlanRun.objects.get(county=patch.county)
    assert (run.state, run.total, run.failed, progress_of(run)) == ("done", 2, 0, 2)
    assert MemberPlan.objects.filter(county=patch.county, member_id=other.id, planned_to=date(2025, 3, 16)).exists()
    assert patch.open(site)
    plan_chunk(patch.county, run.id, [patch.member.id])  # handed out again
    assert progress_of(run) == 2


def test_a_planning_ends_though_others_plan_its_members_meanwhile(patch):
    cast, other = patch.cast, patch.cast.member_of(patch.cast.next_grid_member)
    whole = services.replan(acting_user=cast.lead_officer, county=patch.county)
    town = services.replan(acting_user=cast.town_officer, county=patch.county, town=cast.town)
    one = services.replan(acting_user=cast.town_officer, county=patch.county, member=patch.member)
    assert whole.total == town.total == 2
    mine = [(run, patch.member) for run in (whole, town, one)]
    for run, member in (*mine, (town, other), (whole, other)):
        plan_chunk(patch.county, run.id, [member.id])
    states = dict(PlanRun.objects.filter(county=patch.county).values_list("id", "state"))
    assert states == {whole.id: "done", town.id: "done", one.id: "done"}
    assert [progress_of(run) for run in (whole, town, one)] == [2, 2, 1]


def test_an_older_planning_that_comes_late_takes_nobody_from_the_newer(patch):
    cast, other = patch.cast, patch.cast.member_of(patch.cast.next_grid_member)
    whole = services.replan(acting_user=cast.lead_officer, county=patch.county)
    town = services.replan(acting_user=cast.town_officer, county=patch.county, town=cast.town)
    plan_chunk(patch.county, town.id, [patch.member.id])
    plan_chunk(patch.county, whole.id, [patch.member.id, other.id])
    plan_chunk(patch.county, town.id, [other.id])
    assert set(PlanRun.objects.filter(county=patch.county).values_list("state", flat=True)) == {"done"}


def test_a_planning_ends_though_a_member_leaves_meanwhile(patch):
    patch.plan()
    run = services.replan(acting_user=patch.cast.lead_officer, county=patch.county)
    patch.member.left_on = TODAY
    patch.member.save()
    run_queue()
    run.refresh_from_db()
    assert run.state == "done"


def test_the_night_takes_back_what_was_planned_for_members_who_left_later(patch):
    _ = patch.cast.member_of(patch.cast.next_grid_member)
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    patch.plan()
    grids.member_leaves(
        acting_user=patch.cast.town_officer, member=patch.member, on=TODAY + timedelta(days=2), reason="退休"
    )
    run_queue()
    assert patch.open(site)
    with clock.simulated(clock.now() + timedelta(days=2)):
        start_nights()
        run_queue()
        assert not patch.open(site)


def test_a_town_that_there_is_not_is_refused(patch):
    for town in (f"{patch.county}9", f"{patch.county}999", f"{patch.county}99999"):
        with pytest.raises(InvalidInput) as refused:
            services.replan(acting_user=patch.cast.lead_officer, county=patch.county, town=town)
        assert set(refused.value.fields) == {"town"}
    assert not PlanRun.objects.filter(county=patch.county).exists()


def test_nothing_is_planned_before_one_o_clock_at_night(patch):
    with clock.simulated(clock.now().replace(hour=0, minute=30)):
        assert start_nights() == 0


def test_a_stopped_planning_plans_no_further_member(patch):
    patch.site(grade="red", visited=TODAY - timedelta(days=20))
    run = services.replan(acting_user=patch.cast.town_officer, county=patch.county, town=patch.cast.town)
    services.stop_run(acting_user=patch.cast.lead_officer, run=run)
    run_queue()
    run.refresh_from_db()
    assert (run.state, patch.open()) == ("stopped", [])
    with pytest.raises(WrongState):
        services.stop_run(acting_user=patch.cast.lead_officer, run=run)
    assert traced(patch, "patrols.stop_run").object_id == run.id


def test_replanning_is_the_stations_and_the_lead_offices_and_takes_the_place_of_an_older_one(patch):
    cast = patch.cast
    for person in ("grid_member", "other_town_officer", "leader", "outsider"):
        with pytest.raises(NotPermitted):
            services.replan(acting_user=getattr(cast, person), county=patch.county, town=cast.town)
    with pytest.raises(NotPermitted):
        services.replan(acting_user=cast.town_officer, county=patch.county)
    first = services.replan(acting_user=cast.town_officer, county=patch.county, town=cast.town)
    second = services.replan(acting_user=cast.lead_officer, county=patch.county, town=cast.town)
    states = dict(PlanRun.objects.filter(county=patch.county).values_list("id", "state"))
    assert states == {first.id: "stopped", second.id: "running"}
    run_queue()
    second.refresh_from_db()
    assert second.state == "done"


# What others do


def wanted(patch) -> bool:
    return MemberPlan.objects.get(county=patch.county, member_id=patch.member.id).is_wanted


def test_however_often_a_plan_is_wanted_it_is_made_once(patch, django_capture_on_commit_callbacks):
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    patch.plan()
    for _ in range(3):
        services.skip_visit(acting_user=patch.user, planned=patch.one(site), reason="下雨")
    version = MemberPlan.objects.get(county=patch.county).version
    run_queue()
    assert MemberPlan.objects.get(county=patch.county).version == version + 1
    assert plan_wanted(patch.county) == 0


def test_a_site_registered_closed_or_moved_wants_a_new_plan(patch):
    cast = patch.cast
    _ = cast.station
    patch.plan()
    site = sites.register_site(acting_user=cast.lead_officer, county=patch.county, values={
        "name": "新开小店", "site_type": "shop", "industry": "5212", "town": cast.town, "village": cast.village,
        "risk_grade": "red", "longitude": 120.005, "latitude": 30.505, "datum": "wgs84"})  # fmt: skip
    assert wanted(patch)
    run_queue()
    assert patch.open(site)
    sites.close_site(acting_user=cast.lead_officer, site=site, how="closed", reason="注销")
    assert wanted(patch)
    run_queue()
    assert not patch.open(site)


def test_leave_wants_new_plans(patch):
    patch.site(grade="red", visited=TODAY - timedelta(days=20))
    patch.plan()
    grids.grant_leave(acting_user=patch.cast.town_officer, member=patch.member, first_day=TODAY,
                      last_day=TODAY + timedelta(days=20), reason="病假")  # fmt: skip
    assert wanted(patch)
    run_queue()
    assert {row.left_out for row in patch.open()} == {"away"}


def test_before_a_county_has_plans_nobody_is_asked_for_one(cast):
    patch = Patch(cast)
    sites.close_site(acting_user=None, site=patch.site(), how="closed", reason="注销")
    assert not MemberPlan.objects.filter(county=cast.county).exists()
