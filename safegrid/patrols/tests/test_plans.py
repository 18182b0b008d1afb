"""Plans: every due visit has its place or is said to have none, nothing is rewritten without a change, leave and moves count."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safegrid.cases.models import Case
from safegrid.foundation import clock
from safegrid.foundation.testing import run_queue
from safegrid.grids.models import MemberLeave, Posting
from safegrid.grids.selectors import members_at
from safegrid.patrols.ground import read_ground
from safegrid.patrols.models import MemberPlan, PlannedDay, PlannedVisit
from safegrid.patrols.planner import plan_wanted
from safegrid.patrols.services import add_visit, skip_visit
from safegrid.patrols.tests.planning import Patch
from safegrid.patrols.work import drafted
from safegrid.sites.models import Site
from safegrid.sites.services import change_site

TODAY = date(2025, 3, 5)  # a Wednesday


def whole(patch, *members):
    """Assert that the plan of each member is whole: what is due stands in it once, with a day or a reason why not."""
    ground = read_ground(patch.county, [one.id for one in members or (patch.member,)], clock.today())
    open_rows = PlannedVisit.objects.filter(county=patch.county, state="planned")
    for member in members or (patch.member,):
        due = Counter((one.site_id, one.due_by) for one, _ in drafted(ground, member.id).visits)
        kept = Counter(open_rows.filter(member_id=member.id).values_list("site_id", "due_by"))
        assert due == kept
    for row in open_rows:
        assert (row.on is None) == bool(row.left_out), vars(row)
        assert row.on is None or row.on >= clock.today()
        assert row.not_before is None or row.on is None or row.on >= row.not_before
    taken = [(row.member_id, row.on, row.position) for row in open_rows if row.position is not None]
    assert len(set(taken)) == len(taken)


def rows(patch):
    return list(PlannedVisit.objects.filter(county=patch.county).order_by("id").values())


def test_sites_are_planned_on_working_days_with_a_route(patch):
    for _ in range(30):
        patch.site(grade="yellow", visited=TODAY - timedelta(days=28))
    assert patch.plan() == 1
    found = patch.open()
    assert len(found) >= 30
    assert all(row.on.weekday() < 5 for row in found)
    assert all(8 * 60 <= row.begins < row.leaves <= 18 * 60 for row in found if row.position is not None)
    for on in {row.on for row in found if row.position is not None}:
        day = sorted((row.position, row.arrives) for row in found if row.on == on)
        assert [arrives for _, arrives in day] == sorted(arrives for _, arrives in day)
        assert PlannedDay.objects.get(county=patch.county, on=on).travel_minutes > 0
    whole(patch)


def test_the_pause_at_noon_is_kept_free(patch):
    for _ in range(40):
        patch.site(grade="yellow", visited=TODAY - timedelta(days=28))
    patch.plan()
    noon = [
        (row.begins, row.leaves)
        for row in patch.open()
        if row.position is not None and row.begins < 14 * 60 < row.leaves
    ]
    sessions = read_ground(patch.county, [patch.member.id], TODAY).sessions
    (_, pause_from), (pause_to, _) = sessions[0], sessions[1]
    assert noon == [] or pause_to <= 14 * 60
    assert all(row.leaves <= pause_from or row.begins >= pause_to for row in patch.open() if row.position is not None)


def test_planned_again_without_a_change_nothing_is_rewritten(patch):
    for _ in range(25):
        patch.site(visited=TODAY - timedelta(days=40))
    patch.plan()
    before, plan = rows(patch), MemberPlan.objects.get(county=patch.county)
    with clock.simulated(clock.now() + timedelta(hours=3)):
        assert patch.plan() == 0
    assert rows(patch) == before
    assert MemberPlan.objects.get(county=patch.county).version == plan.version


def test_many_days_are_written_by_as_many_statements_as_few(patch):
    for at in range(60):
        patch.site(grade="orange", visited=TODAY - timedelta(days=at % 14))
    with CaptureQueriesContext(connection) as first:
        patch.plan()
    assert PlannedDay.objects.filter(county=patch.county, returns__gt=0).count() >= 5
    MemberPlan.objects.filter(county=patch.county).update(mode="walking", begins=600)
    with CaptureQueriesContext(connection) as again:
        assert patch.plan() == 1
    asked = [
        [one["sql"] for one in found.captured_queries if '"patrols_plannedday"' in one["sql"]]
        for found in (first, again)
    ]
    # Read, written; read, changed, and new ones written where the way is so much longer that it takes more days.
    assert len(asked[0]) == 2
    assert len(asked[1]) <= 3


def test_only_the_rows_that_change_are_written(patch):
    near = patch.site(grade="yellow", visited=TODAY - timedelta(days=26))
    patch.plan()
    before = patch.one(near)
    Site.objects.filter(county=patch.county, id=near.id).update(risk_grade="red")
    assert patch.plan() == 1
    after = patch.one(near)
    assert (after.id, after.reason) == (before.id, "overdue")
    assert after.due_by < before.due_by


def test_a_red_site_never_visited_is_planned_within_its_interval_of_the_first_plan(patch):
    sites = [patch.site(grade="red") for _ in range(20)]
    patch.plan()
    first = {site.id: patch.one(site) for site in sites if patch.open(site)}
    assert len(first) == 20  # once a week: all of them within two
    assert max(row.due_by for row in first.values()) <= TODAY + timedelta(days=7 + 7 // 6)


def test_households_without_a_norm_direct_and_closed_sites_are_left_out(patch):
    cast = patch.cast
    closed, direct, paused = (patch.site(grade="red", visited=TODAY - timedelta(days=30)) for _ in range(3))
    Site.objects.filter(county=patch.county, id=closed.id).update(status="closed")
    Site.objects.filter(county=patch.county, id=direct.id).update(is_directly_supervised=True)
    Site.objects.filter(county=patch.county, id=paused.id).update(status="paused")
    _ = cast.household
    patch.plan()
    assert {row.site_id for row in patch.open()} == {paused.id}


def test_a_site_that_closes_leaves_the_plan(patch):
    site = patch.site(grade="red", visited=TODAY - timedelta(days=30))
    patch.plan()
    Site.objects.filter(county=patch.county, id=site.id).update(status="closed")
    patch.plan()
    assert patch.open() == []
    assert set(PlannedVisit.objects.filter(county=patch.county).values_list("state", flat=True)) == {"dropped"}


def test_a_case_put_right_brings_a_look_within_a_week(patch):
    site = patch.site(grade="blue", visited=TODAY - timedelta(days=10))
    Case.objects.create(
        county=patch.county, number="1", state="rectified", kind="FIRE", severity="general", nature="hazard", channel="member",
        words="x", place_kind="site", site=site, town=site.town, reported_at=clock.now(), rectified_at=clock.now(),
        updated_at=clock.now(),
    )  # fmt: skip
    patch.plan()
    row = patch.one(site)
    assert (row.reason, row.due_by) == ("hazard", TODAY + timedelta(days=7))
    assert row.on <= row.due_by


def test_more_than_fits_is_said_and_the_longest_overdue_goes_first(patch):
    patch.norm("shop", "red", 52, minutes=120)
    sites = [patch.site(grade="red", visited=TODAY - timedelta(days=10 + at)) for at in range(60)]
    patch.plan()
    whole(patch)
    out = {row.site_id for row in patch.open() if row.left_out == "hours"}
    placed = {row.site_id for row in patch.open() if row.position is not None}
    assert out
    assert placed
    assert sites[-1].id in placed


def test_what_is_left_over_today_moves_on_and_stays_overdue(patch):
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    patch.plan()
    first = patch.one(site)
    with clock.simulated(clock.now() + timedelta(days=5)):  # a Monday
        patch.plan()
        later = patch.one(site)
        assert (later.id, later.due_by, later.on) == (first.id, first.due_by, TODAY + timedelta(days=5))


def test_after_hours_nothing_more_is_planned_for_today(patch):
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    with clock.simulated(clock.now() + timedelta(hours=11)):
        patch.plan()
        assert patch.one(site).on == TODAY + timedelta(days=1)


def leave(patch, first, last, substitute=None):
    patch_member = patch.member
    MemberLeave.objects.create(county=patch.county, member=patch_member, substitute=substitute, reason="病假", first_day=first,
                               last_day=last)  # fmt: skip
    if substitute is not None:
        own = Posting.objects.get(county=patch.county, member=patch_member)
        Posting.objects.create(county=patch.county, member=substitute, grid=own.grid, valid_from=first, valid_to=last,
                               substitute_for=own)  # fmt: skip


def test_during_leave_the_substitute_visits_and_afterwards_the_member_again(patch):
    other = patch.cast.member_of(patch.cast.next_grid_member)
    for at in range(20):
        patch.site(grade="orange", visited=TODAY - timedelta(days=4 + at % 14))
    leave(patch, TODAY, TODAY + timedelta(days=2), other)
    patch.plan(patch.member, other)
    whole(patch, patch.member, other)
    last_day = TODAY + timedelta(days=2)
    found = patch.open()
    assert {row.member_id for row in found if row.on is not None and row.on <= last_day} == {other.id}
    assert {row.member_id for row in found if row.on is not None and row.on > last_day} >= {patch.member.id}
    sites = Counter((row.site_id, row.due_by) for row in found)
    assert max(sites.values()) == 1


def test_on_leave_without_a_substitute_the_visits_wait_and_say_so(patch):
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    leave(patch, TODAY, TODAY + timedelta(days=30))
    patch.plan()
    row = patch.one(site)
    assert (row.member_id, row.on, row.left_out) == (patch.member.id, None, "away")


def test_a_site_that_changes_hands_changes_plans(patch):
    cast, site = patch.cast, patch.site(grade="red", visited=TODAY - timedelta(days=20))
    other = cast.member_of(cast.next_grid_member)
    patch.plan(patch.member, other)
    Site.objects.filter(county=patch.county, id=site.id).update(grid_id=cast.next_grid.id)
    patch.plan(patch.member, other)
    assert {row.member_id for row in patch.open(site)} == {other.id}
    whole(patch, patch.member, other)


def test_a_member_who_leaves_has_no_plan_any_more(patch):
    patch.site(grade="red", visited=TODAY - timedelta(days=20))
    patch.plan()
    patch.member.left_on = TODAY
    patch.member.save()
    patch.plan()
    assert patch.open() == []


def test_one_members_failure_stops_nobody_and_is_kept(patch, monkeypatch):
    other = patch.cast.member_of(patch.cast.next_grid_member)
    site = patch.site(grade="red", grid=patch.cast.next_grid, visited=TODAY - timedelta(days=20))
    patch.site(grade="red", visited=TODAY - timedelta(days=20))
    MemberPlan.objects.create(county=patch.county, member_id=patch.member.id, member_user_id=patch.user.id,
                              town=patch.cast.town, began_on=TODAY, mode="flying")  # fmt: skip
    assert patch.plan(patch.member, other) == 1
    assert patch.open(site)
    failed = MemberPlan.objects.get(county=patch.county, member_id=patch.member.id)
    assert "KeyError" in failed.failure
    MemberPlan.objects.filter(county=patch.county, id=failed.id).update(mode="walking")
    patch.plan()
    failed.refresh_from_db()
    assert failed.failure == ""


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_skipped_added_visited_or_moved_each_due_visit_is_planned_or_said_to_be_left_out(cast, seed):
    rng = random.Random(seed)
    with clock.simulated(clock.now().replace(year=2025, month=3, day=5, hour=1)) as time_now:
        patch = Patch(cast, seed=seed)
        other = cast.member_of(cast.next_grid_member)
        sites = [patch.site(visited=TODAY - timedelta(days=rng.randint(1, 120)) if rng.random() < 0.8 else None)
                 for _ in range(25)]  # fmt: skip
        patch.plan(patch.member, other)
        for _ in range(12):
            act, own = rng.choice(["skip", "add", "visit", "move", "grade", "night"]), [
                row for row in patch.open() if row.member_id == patch.member.id]  # fmt: skip
            site = rng.choice(sites)
            site.refresh_from_db()
            if act == "skip" and own:
                skip_visit(acting_user=patch.user, planned=rng.choice(own), reason="下雨")
            elif act == "add" and site.grid_id == cast.grid.id:
                add_visit(acting_user=patch.user, site=site, on=clock.today() + timedelta(days=rng.randint(0, 3)))
            elif act == "visit":
                patch.visited(site, clock.today())
            elif act == "move":
                grid = rng.choice([cast.grid, cast.next_grid])
                Site.objects.filter(county=patch.county, id=site.id).update(grid_id=grid.id)
            elif act == "grade":
                Site.objects.filter(county=patch.county, id=site.id).update(risk_grade=rng.choice(["red", "blue"]))
            elif act == "night":
                time_now.move_to(clock.now() + timedelta(days=1))
            plan_wanted(patch.county)
            patch.plan(*members_at(patch.county))
            whole(patch, patch.member, other)
            assert patch.plan(patch.member, other) == 0


def test_visits_are_planned_for_when_somebody_is_there(patch):
    late = patch.site(grade="red", visited=TODAY - timedelta(days=20), opening_hours="14:00-22:00")
    early = patch.site(grade="red", visited=TODAY - timedelta(days=20), opening_hours="06:00-10:00")
    never = patch.site(grade="red", visited=TODAY - timedelta(days=20), opening_hours="20:00-02:00")
    patch.plan()
    first, second, third = (patch.one(site) for site in (late, early, never))
    assert first.begins is not None
    assert first.begins >= 14 * 60
    assert second.begins is not None
    assert second.begins + 20 <= 10 * 60
    assert third.begins is not None  # open in none of the hours of work: called on all the same


def test_who_is_open_only_at_other_hours_of_the_day_asked_for_is_called_on_all_the_same(patch):
    site = patch.site(grade="blue", visited=TODAY - timedelta(days=1), opening_hours="06:00-11:00")
    with clock.simulated(clock.now().replace(hour=14)):
        add_visit(acting_user=patch.user, site=site, on=TODAY)
        patch.plan()
        assert (patch.one(site).on, patch.one(site).begins is not None) == (TODAY, True)


def test_other_hours_have_the_plan_made_anew(patch):
    site = patch.site(grade="red", visited=TODAY - timedelta(days=20))
    patch.plan()
    change_site(acting_user=None, site=site, values={"opening_hours": "15:00-18:00"})
    run_queue()
    assert (patch.one(site).begins or 0) >= 15 * 60
