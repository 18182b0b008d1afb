"""The summary tables say what the rows say: at first, after every change, and again after harm was done to them."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.cases import services as cases
from safegrid.cases.firing import fire_timers
from safegrid.cases.models import Case
from safegrid.cases.tests.steps import MORNING
from safegrid.cases.tests.test_indices import case_specs, written
from safegrid.foundation import cache, clock
from safegrid.foundation.keys import cross_county
from safegrid.foundation.queue import run_periodic
from safegrid.foundation.testing import run_queue
from safegrid.grids import services as grids
from safegrid.patrols.models import Visit
from safegrid.sites import services as sites
from safegrid.statistics import services, tasks
from safegrid.statistics.measures import CASES
from safegrid.statistics.models import CaseSummary, Mark, PlaceSummary, VisitSummary
from safegrid.statistics.tests import naive


def kept(county, span="day"):
    """Return {(day, level, place, by, key): Counter}, empty rows left out."""
    rows = CaseSummary.objects.filter(county=county, span=span)
    found = {}
    for line in rows.values_list("on", "level", "place", "by", "key", *CASES):
        counts = Counter({name: number for name, number in zip(CASES, line[5:], strict=True) if number})
        if counts:
            found[line[:5]] = counts
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(case_specs, max_size=8), later=st.lists(case_specs, max_size=4))
def test_sums_are_what_plain_loops_over_the_rows_find(cast, drawn, later):
    with clock.simulated(MORNING), transaction.atomic():
        for number, spec in enumerate(drawn):
            written(cast, number, spec)
        services.keep(cast.county)
        assert kept(cast.county) == naive.sums(cast.county, MORNING)
        for number, spec in enumerate(later):
            written(cast, 100 + number, spec)
        days = {naive.day_of(case.reported_at) for case in Case.objects.filter(county=cast.county)}
        services.mark(cast.county, "cases", days)
        services.keep(cast.county)
        wanted = naive.sums(cast.county, MORNING)
        assert kept(cast.county) == wanted
        by_month = {}
        for (day, *slot), counts in wanted.items():
            by_month.setdefault((day.replace(day=1), *slot), Counter()).update(counts)
        assert kept(cast.county, "month") == by_month
        assert services.differences(cast.county) == []
        transaction.set_rollback(True)


def in_step(steps):
    """Bring the sums up to date and compare them with the rows."""
    services.keep(steps.cast.county)
    assert kept(steps.cast.county) == naive.sums(steps.cast.county, clock.now())


def test_every_act_on_a_case_is_in_the_sums_after_the_queue_has_run(steps):
    services.keep(steps.cast.county)
    case = steps.dispatched()
    in_step(steps)
    case = cases.return_(acting_user=steps.cast.fire_officer, case=case, reason="不属本部门")
    in_step(steps)
    steps.closed()
    in_step(steps)
    cases.cancel(acting_user=steps.cast.lead_chief, case=steps.reported(), reason="误录")
    in_step(steps)


def test_an_overrun_is_in_the_sums_before_and_after_the_timers_are_moved(steps):
    case = steps.handling()
    in_step(steps)
    steps.time.move_to(case.due_at + timedelta(minutes=5))
    in_step(steps)
    assert kept(case.county)[(naive.day_of(case.reported_at), 3, str(case.county), "", "")]["overdue_now"] == 1
    fire_timers()
    in_step(steps)
    steps.time.advance(timedelta(days=60))
    fire_timers()
    in_step(steps)
    assert kept(case.county)[(naive.day_of(case.reported_at), 3, str(case.county), "", "")]["badly_over_now"] == 1


def test_a_case_that_follows_its_site_into_another_grid_is_counted_there(steps):
    _ = steps.cast.next_grid
    cache.forget_everything()
    case = steps.dispatched()
    in_step(steps)
    grids.assign_site_by_hand(
        acting_user=steps.cast.lead_officer, site=steps.site, grid=steps.cast.next_grid, reason="道路以东划入"
    )
    in_step(steps)
    counted = kept(case.county)
    day = naive.day_of(case.reported_at)
    assert (day, 4, case.town, "grid", str(steps.cast.next_grid.id)) in counted
    assert (day, 4, case.town, "grid", str(steps.cast.grid.id)) not in counted


def test_a_visit_is_counted_for_its_member_grid_and_place(round_):
    services.keep(round_.cast.county)
    visit = round_.record(words="正常")
    services.keep(visit.county)
    rows = VisitSummary.objects.filter(county=visit.county, span="day", visits=1)
    assert {(row.level, row.place, row.by, row.key) for row in rows} == {
        (3, str(visit.county), "", ""), (4, visit.town, "", ""), (5, visit.village, "", ""),
        (4, visit.town, "grid", str(visit.grid_id)), (4, visit.town, "member", str(visit.member_user_id)),
    }  # fmt: skip
    assert services.differences(visit.county) == []


def test_a_site_registered_is_in_the_coverage_after_the_next_run(steps):
    services.keep(steps.cast.county, places=True)
    before = _now(steps.cast.county).sites
    values = {"name": "新开小店", "site_type": "shop", "town": steps.cast.town, "village": steps.cast.village}
    sites.register_site(acting_user=steps.cast.lead_officer, county=steps.cast.county, values=values)
    assert steps.cast.county in services.out_of_date()
    run_periodic("statistics.keep")
    assert _now(steps.cast.county).sites == before + 1
    assert services.differences(steps.cast.county) == []


def _now(county):
    return PlaceSummary.objects.get(county=county, span="now", level=3, by="")


def test_summing_twice_changes_nothing_and_writes_nothing(steps):
    steps.closed()
    services.keep(steps.cast.county, places=True)
    ids = set(CaseSummary.objects.filter(county=steps.cast.county).values_list("id", flat=True))
    services.mark(steps.cast.county, "cases", [clock.today()])
    assert services.keep(steps.cast.county, places=True) == 1
    assert set(CaseSummary.objects.filter(county=steps.cast.county).values_list("id", flat=True)) == ids
    assert services.keep(steps.cast.county) == 0


def test_a_mark_that_comes_while_sums_are_written_stays(steps):
    county, today = steps.cast.county, clock.today()
    services.begin(county)
    services.mark(county, "cases", [today])
    ours = set(Mark.objects.filter(county=county, source="cases").values_list("id", flat=True))
    with transaction.atomic():
        services.keep(county)
        services.mark(county, "cases", [today])
    left = set(Mark.objects.filter(county=county, source="cases").values_list("id", flat=True))
    assert len(left) == 1
    assert not left & ours


def test_what_was_changed_behind_the_back_of_all_is_found_and_mended(steps):
    case = steps.closed()
    services.keep(case.county, places=True)
    assert services.differences(case.county) == []
    Case.objects.filter(county=case.county, id=case.id).update(returns=3)
    CaseSummary.objects.filter(county=case.county, span="month").update(reported=99)
    with pytest.raises(CommandError):
        call_command("reconcile_statistics", case.county)
    assert services.differences(case.county) != []
    call_command("reconcile_statistics", case.county, "--mend")
    assert services.differences(case.county) == []
    in_step(steps)


def test_a_county_that_was_never_summed_is_summed_whole_by_the_queue(steps):
    steps.closed()
    steps.time.advance(timedelta(days=40))
    steps.dispatched()
    with cross_county("the queue's marks of all"):
        Mark.objects.all().delete()
    assert tasks.keep_places() == 1
    run_queue()
    assert kept(steps.cast.county) == naive.sums(steps.cast.county, clock.now())
    call_command("sum_statistics")
    assert services.differences(steps.cast.county) == []


def test_the_nightly_proof_tells_how_much_differed(steps):
    steps.closed()
    assert run_periodic("statistics.prove") == 0
    CaseSummary.objects.filter(county=steps.cast.county, level=3, by="", span="day").update(closed=7)
    assert run_periodic("statistics.prove") > 0
    assert run_periodic("statistics.prove") == 0


def test_nothing_of_another_county_is_counted(steps):
    case = steps.reported()
    services.keep(steps.cast.foreign_county, places=True)
    services.keep(case.county, places=True)
    assert kept(steps.cast.foreign_county) == {}
    assert Visit.objects.filter(county=steps.cast.foreign_county).count() == 0
