"""Exactly one grid for each site on any date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.foundation import clock, events
from safegrid.foundation.cache import forget_everything
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.models import TraceRow
from safegrid.grids import selectors, services
from safegrid.grids.models import SiteGrid
from safegrid.grids.tests.conftest import COUNTY, A, inside, square
from safegrid.sites.models import Site
from safegrid.sites.services import set_grids

pytestmark = pytest.mark.django_db


def grid_of(site) -> object:
    return Site.objects.get(county=COUNTY, id=site.id).grid_id


def assign(*rows):
    return services.assign_by_location(COUNTY, [row.id for row in rows] or None)


def test_a_site_gets_the_grid_it_stands_in_and_one_outside_gets_none(grid, site):
    first, second = grid(0), grid(1)
    a, b, outside = site(0), site(1, name="另一家"), site(0, at=(121.5, 30.5), name="县外")
    done = assign()
    assert (done.seen, done.outside) == (3, 1)
    assert [grid_of(row) for row in (a, b, outside)] == [first.id, second.id, None]
    assert assign().changed == 0


def test_opening_a_grid_takes_in_the_sites_that_stand_there_already(grid, site):
    one = site(0)
    assert grid_of(one) is None
    made = grid(0)
    assert grid_of(one) == made.id
    trace = TraceRow.objects.get(county=COUNTY, action="grids.assign_site", object_id=one.id)
    assert trace.changes["grid_id"] == [None, str(made.id)]


def test_a_site_without_coordinates_goes_by_its_village_only_where_one_grid_covers_it(grid, site):
    whole = grid(0)
    one, two = site(0, at=None), site(1, at=None, name="乙村的店")
    grid(1, code="W", boundary=square(1, 0.5))
    grid(1, code="E", boundary=square(1.5, 0.5))
    assign()
    assert (grid_of(one), grid_of(two)) == (whole.id, None)


@pytest.mark.parametrize(
    ("values", "belongs"),
    [({"status": "paused"}, True), ({"status": "closed"}, False), ({"status": "moved"}, False),
     ({"is_directly_supervised": True}, False)],
)  # fmt: skip
def test_only_active_and_paused_sites_outside_direct_supervision_have_a_grid(grid, site, values, belongs):
    made, one = grid(0), site(0)
    assign()
    Site.objects.filter(county=COUNTY, id=one.id).update(**values)
    assign(one)
    assert grid_of(one) == (made.id if belongs else None)
    assert SiteGrid.objects.filter(county=COUNTY, site_id=one.id, valid_to__isnull=True).count() == belongs


def test_a_site_that_moves_leaves_its_history(grid, site, next_day):
    first, second, one = grid(0), grid(1), site(0)
    assign()
    yesterday, today = clock.today(), next_day()
    longitude, latitude = inside(1)
    Site.objects.filter(county=COUNTY, id=one.id).update(longitude=longitude, latitude=latitude)
    assign(one)
    assert selectors.grid_of_site(COUNTY, one.id, yesterday) == first.id
    assert selectors.grid_of_site(COUNTY, one.id, today) == second.id
    assert [row.grid_id for row in selectors.assignments_of_site(COUNTY, one.id)] == [second.id, first.id]


def test_a_hand_assignment_stays_whatever_the_position_until_taken_back(grid, site, town_officer):
    first, second, one = grid(0), grid(1), site(0)
    row = services.assign_site_by_hand(acting_user=town_officer, site=one, grid=second, reason="经营场所在乙村")
    assert (row.assigned_by, row.reason, grid_of(one)) == ("hand", "经营场所在乙村", second.id)
    assert assign().by_hand == 1
    assert grid_of(one) == second.id
    assert [r.site_id for r in selectors.assigned_by_hand(COUNTY, second.id)] == [one.id]
    assert services.return_to_location(acting_user=town_officer, site=one) == first.id
    assert grid_of(one) == first.id


def test_a_hand_assignment_needs_a_reason_an_open_grid_and_a_site_in_grid_work(grid, site, lead):
    made, one = grid(0), site(0)
    coming = grid(1, valid_from=clock.today() + timedelta(days=3))
    with pytest.raises(InvalidInput, match="理由"):
        services.assign_site_by_hand(acting_user=lead, site=one, grid=made, reason=" ")
    with pytest.raises(Refused, match="尚未生效"):
        services.assign_site_by_hand(acting_user=lead, site=one, grid=coming, reason="提前")
    Site.objects.filter(county=COUNTY, id=one.id).update(is_directly_supervised=True)
    with pytest.raises(Refused, match="直接监管"):
        services.assign_site_by_hand(acting_user=lead, site=one, grid=made, reason="想要")
    with pytest.raises(Refused, match="不是手工指定"):
        services.return_to_location(acting_user=lead, site=one)


def test_an_officer_of_another_town_cannot_assign_by_hand(grid, site, other_town_officer):
    made, one = grid(0), site(0)
    with pytest.raises(NotPermitted):
        services.assign_site_by_hand(acting_user=other_town_officer, site=one, grid=made, reason="想要")


def test_changes_are_announced_with_the_new_grid_of_each_site(grid, site):
    told = []

    def hear(county, assigned):
        told.append((county, assigned))

    events.subscribe("grids.sites_assigned", hear)
    one = site(0)
    told.clear()
    made = grid(0)
    events._subscribers["grids.sites_assigned"].remove(hear)
    assert told == [(COUNTY, {one.id: made.id})]


def test_a_wrong_column_is_put_right_by_the_next_assignment(grid, site):
    made, one = grid(0), site(0)
    assign()
    set_grids(COUNTY, {one.id: None})
    assign(one)
    assert grid_of(one) == made.id


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 2), st.floats(0, 2.5)),
        st.tuples(st.just("vanish"), st.integers(0, 2)),
        st.tuples(st.just("hand"), st.integers(0, 2), st.integers(0, 1)),
        st.tuples(st.just("back"), st.integers(0, 2)),
        st.tuples(st.just("mark"), st.integers(0, 2), st.booleans()),
        st.tuples(st.just("status"), st.integers(0, 2), st.sampled_from(["active", "paused", "closed"])),
        st.tuples(st.just("draw"), st.floats(0.2, 1.8), st.integers(0, 2)),
        st.tuples(st.just("close"), st.integers(0, 1)),
        st.tuples(st.just("wait"), st.integers(1, 2)),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_a_site_has_at_most_one_grid_on_any_date_and_its_column_says_which(
    steps, county, django_db_blocker, time
):
    from django.db import transaction

    with transaction.atomic(), clock.simulated(clock.now()) as ticking:
        run(steps, ticking)
        transaction.set_rollback(True)
    forget_everything()


def run(steps, ticking) -> None:
    """Two grids share villages A and B; their common border moves; three sites move, are marked and assigned by hand."""
    grids = [
        services.open_grid(acting_user=None, county=COUNTY, code=f"P{n}", name="网格", town=A[:9], boundary=square(n))
        for n in (0, 1)
    ]
    now = clock.now()
    sites = Site.objects.bulk_create(
        Site(county=COUNTY, code=f"S{n}", name="店", site_type="shop", town=A[:9], village=A, created_at=now,
             updated_at=now, longitude=inside(n)[0], latitude=inside(n)[1])
        for n in range(3)
    )  # fmt: skip
    services.assign_by_location(COUNTY)
    first_day = clock.today()
    for step in steps:
        take(step, grids, sites, ticking)
        holds(sites, first_day)


def take(step, grids, sites, ticking) -> None:
    verb, *given = step
    rows = Site.objects.filter(county=COUNTY)
    try:
        if verb == "move":
            longitude, latitude = inside(given[1])
            rows.filter(id=sites[given[0]].id).update(longitude=longitude, latitude=latitude)
        elif verb == "vanish":
            rows.filter(id=sites[given[0]].id).update(longitude=None, latitude=None)
        elif verb == "hand":
            site = rows.get(id=sites[given[0]].id)
            services.assign_site_by_hand(acting_user=None, site=site, grid=grids[given[1]], reason="理由")
        elif verb == "back":
            services.return_to_location(acting_user=None, site=rows.get(id=sites[given[0]].id))
        elif verb == "mark":
            rows.filter(id=sites[given[0]].id).update(is_directly_supervised=given[1])
        elif verb == "status":
            rows.filter(id=sites[given[0]].id).update(status=given[1])
        elif verb == "draw":
            services.change_boundary(
                acting_user=None, grid=grids[0], boundary=shapely.intersection(square(0, given[0]), square(0, 1)),
                valid_from=clock.today() + timedelta(days=given[1]),
            )  # fmt: skip
        elif verb == "close":
            services.close_grid(acting_user=None, grid=grids[given[0]], reason="撤并")
        else:
            forget_everything()
            ticking.advance(timedelta(days=given[0]))
            services.take_effect(COUNTY)
    except Refused:
        return
    if verb in {"move", "vanish", "mark", "status"}:
        services.assign_by_location(COUNTY, [sites[given[0]].id])


def holds(sites, first_day: date) -> None:
    for one in sites:
        row = Site.objects.get(county=COUNTY, id=one.id)
        history = list(SiteGrid.objects.filter(county=COUNTY, site_id=one.id))
        day = first_day
        while day <= clock.today() + timedelta(days=1):
            present = [h for h in history if h.valid_from <= day and (h.valid_to is None or h.valid_to >= day)]
            assert len(present) <= 1
            day += timedelta(days=1)
        present = [h for h in history if h.valid_to is None]
        assert row.grid_id == (present[0].grid_id if present else None)
        if not selectors.needs_grid(row):
            assert row.grid_id is None
        elif row.longitude is not None and present and present[0].assigned_by == "location":
            assert row.grid_id == selectors.grid_at(COUNTY, row.longitude, row.latitude)
        elif row.longitude is not None and not present:
            assert selectors.grid_at(COUNTY, row.longitude, row.latitude) is None
