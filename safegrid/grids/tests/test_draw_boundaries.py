"""Opening, redrawing and closing grids."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
import shapely

from safegrid.foundation import clock, events
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible, Refused
from safegrid.foundation.models import TraceRow
from safegrid.grids import selectors, services, tasks
from safegrid.grids.models import Grid, GridVersion, SiteGrid
from safegrid.grids.tests.conftest import COUNTY, OTHER_TOWN, TOWN, A, B, inside, square
from safegrid.regions.datum import from_wgs84
from safegrid.sites.models import Site

pytestmark = pytest.mark.django_db


def grid_of(site):
    return Site.objects.get(county=COUNTY, id=site.id).grid_id


def test_points_are_found_in_their_grids_at_once_and_on_other_days(grid, next_day):
    first, second = grid(0), grid(1, valid_from=clock.today() + timedelta(days=5))
    points = np.array([inside(0), inside(1), (121.0, 30.0), (np.nan, np.nan)])
    assert selectors.locate(COUNTY, points[:, 0], points[:, 1]) == [first.id, None, None, None]
    later = clock.today() + timedelta(days=5)
    assert selectors.locate(COUNTY, points[:, 0], points[:, 1], on=later)[1] == second.id
    assert selectors.grid_at(COUNTY, *inside(0)) == first.id
    assert selectors.grid_at(330523, *inside(0)) is None


def test_villages_and_gaps_and_what_lies_outside_are_worked_out(grid):
    whole = GridVersion.objects.get(county=COUNTY, grid=grid(0))
    assert (whole.villages, whole.warnings) == ([A], [])
    half = grid(1, code="H", boundary=square(1, 0.5))
    version = GridVersion.objects.get(county=COUNTY, grid=half)
    assert version.villages == [B]
    assert any("乙村还有" in one and "未划入任何网格" in one for one in version.warnings)
    beyond = services.check_boundary(
        county=COUNTY, boundary=square(3, 1.5), valid_from=clock.today(), village="330521101201"
    )
    assert any("超出所属村（社区）丁村" in one for one in beyond.warnings)


def test_a_boundary_that_takes_from_a_neighbour_is_refused_and_names_it(grid):
    grid(0)
    with pytest.raises(Refused, match="G0"):
        grid(1, boundary=square(0.9, 1.1))
    assert not Grid.objects.filter(county=COUNTY, code="G1").exists()
    grid(1, boundary=square(0.9999, 1.0001))  # digitised apart: within tolerance


def test_a_boundary_may_not_take_what_a_neighbour_gets_later(grid):
    grid(0, valid_from=clock.today() + timedelta(days=10))
    with pytest.raises(Refused, match="重叠"):
        grid(1, boundary=square(0.5, 1.5))


def test_a_boundary_declared_in_gcj02_is_converted(grid):
    shifted = shapely.transform(square(0), lambda x, y: from_wgs84(x, y, "gcj02"), interleaved=False)
    made = grid(0, boundary=shifted, datum="gcj02")
    version = GridVersion.objects.get(county=COUNTY, grid=made)
    assert version.min_longitude == pytest.approx(120.0, abs=1e-6)


def test_a_new_boundary_moves_sites_today_traces_each_and_tells(grid, site, lead):
    first, one, two = grid(0), site(0), site(1, name="乙村的店")
    told = []

    def hear(county, grid_ids):
        told.append(grid_ids)

    events.subscribe("grids.boundary_changed", hear)
    version = services.change_boundary(acting_user=lead, grid=first, boundary=square(1))
    events._subscribers["grids.boundary_changed"].remove(hear)
    assert (grid_of(one), grid_of(two)) == (None, first.id)
    assert version.number == 2
    assert told == [[first.id]]
    moved = TraceRow.objects.filter(county=COUNTY, action="grids.assign_site", actor_id=lead.id)
    assert {row.object_id for row in moved} == {one.id, two.id}


def test_a_boundary_for_a_coming_day_waits_for_it(grid, site, next_day):
    first, one = grid(0), site(0)
    services.assign_by_location(COUNTY)
    services.change_boundary(
        acting_user=None, grid=first, boundary=square(1), valid_from=clock.today() + timedelta(days=2)
    )
    next_day()
    tasks.let_boundaries_take_effect()
    assert grid_of(one) == first.id
    next_day()
    assert tasks.let_boundaries_take_effect() == 2  # one ends, one begins
    assert grid_of(one) is None
    assert tasks.let_boundaries_take_effect() == 0
    with pytest.raises(Refused, match="只能撤回尚未生效"):
        services.withdraw_boundary(acting_user=None, version=selectors.versions(first)[0], reason="不改了")


def test_a_waiting_boundary_can_be_withdrawn_and_the_old_one_goes_on(grid, next_day, lead):
    first = grid(0)
    coming = services.change_boundary(
        acting_user=lead, grid=first, boundary=square(1), valid_from=clock.today() + timedelta(days=2)
    )
    with pytest.raises(Refused, match="请先撤回"):
        services.change_boundary(acting_user=lead, grid=first, boundary=square(0, 0.5))
    services.withdraw_boundary(acting_user=lead, version=coming, reason="方案有变")
    next_day(3)
    tasks.let_boundaries_take_effect()
    assert selectors.grid_at(COUNTY, *inside(0)) == first.id
    assert selectors.grid_at(COUNTY, *inside(1)) is None


def test_two_changes_on_one_day_leave_the_second(grid):
    first = grid(0)
    services.change_boundary(acting_user=None, grid=first, boundary=square(0, 0.5))
    services.change_boundary(acting_user=None, grid=first, boundary=square(1))
    assert selectors.grid_at(COUNTY, *inside(0)) is None
    assert selectors.grid_at(COUNTY, *inside(1)) == first.id


def test_a_site_assigned_by_an_outdated_process_is_put_right_by_the_next_pass(grid, site, time):
    first, one = grid(0), site(0)
    services.change_boundary(acting_user=None, grid=first, boundary=square(1))
    # What a process does that still has the first boundary in memory:
    SiteGrid.objects.create(county=COUNTY, site_id=one.id, grid=first, assigned_by="location", valid_from=clock.today())
    Site.objects.filter(county=COUNTY, id=one.id).update(grid_id=first.id)
    time.advance(timedelta(minutes=10))
    tasks.let_boundaries_take_effect()
    assert grid_of(one) is None


def test_closing_a_grid_ends_postings_officers_and_assignments_by_hand(grid, site, member, lead):
    first, second, one = grid(0), grid(1), site(0)
    services.assign_site_by_hand(acting_user=lead, site=one, grid=second, reason="跨村经营")
    services.post_member(acting_user=lead, member=member(), grid=second)
    services.name_officer(acting_user=lead, grid=second, kind="responsible", name="李镇长")
    services.close_grid(acting_user=lead, grid=second, reason="并入甲村")
    assert grid_of(one) == first.id
    assert selectors.members_of_grid(COUNTY, second.id) == []
    assert selectors.officers_of(COUNTY, [second.id]) == []
    assert list(selectors.grids(lead)) == [first]
    with pytest.raises(Refused, match="已撤销"):
        services.change_boundary(acting_user=lead, grid=second, boundary=square(1))
    with pytest.raises(InvalidInput, match="不能重用编码"):
        grid(1)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"code": "有空格 1"}, "code"), ({"name": " "}, "name"), ({"town": "330523001"}, "town"), ({"kind": "x"}, "kind"),
     ({"village": "330521101200"}, "village"), ({"boundary": shapely.Point(120, 30)}, "boundary"),
     ({"boundary": shapely.Polygon([(120, 30), (121, 31), (121, 30), (120, 31)])}, "boundary"),
     ({"boundary": shapely.box(500000, 3300000, 500100, 3300100)}, "boundary")],
)  # fmt: skip
def test_a_grid_with_wrong_values_is_refused_naming_the_field(grid, values, field):
    with pytest.raises(InvalidInput) as refusal:
        grid(0, **values)
    assert field in refusal.value.fields


def test_a_boundary_from_the_past_is_refused(grid):
    first = grid(0)
    with pytest.raises(InvalidInput, match="不能早于今天"):
        services.change_boundary(
            acting_user=None, grid=first, boundary=square(1), valid_from=clock.today() - timedelta(days=1)
        )


def test_only_the_lead_office_draws_and_each_sees_the_grids_of_own_places(
    grid, person, lead, town_officer, other_town_officer
):
    first, far = grid(0), grid(2)
    with pytest.raises(NotPermitted):
        services.change_boundary(acting_user=town_officer, grid=first, boundary=square(1))
    with pytest.raises(NotPermitted):
        services.close_grid(acting_user=person("leader"), grid=first, reason="x")
    assert set(selectors.grids(lead)) == {first, far}
    assert set(selectors.grids(town_officer)) == {first}
    assert set(selectors.grids(person("committee", A))) == {first}
    assert set(selectors.grids(person("auditor"))) == {first, far}
    assert not selectors.grids(person("system_admin")).exists()
    with pytest.raises(NotVisible):
        selectors.grid_for(other_town_officer, COUNTY, first.id)


def test_a_committee_sees_the_grid_that_spans_its_village(grid, person):
    spanning = grid(0, village="", boundary=square(0, 2))
    assert set(selectors.grids(person("committee", B))) == {spanning}
    assert not selectors.grids(person("committee", "330521101200")).exists()


def test_officers_are_named_for_a_period_and_their_lack_is_listed(
    grid, lead, town_officer, other_town_officer, next_day
):
    first, second = grid(0), grid(1)
    services.name_officer(acting_user=town_officer, grid=first, kind="responsible", name="李镇长", phone="13900001111")
    assert set(selectors.grids_lacking_officers(lead)) == {first, second}
    services.name_officer(acting_user=town_officer, grid=first, kind="contact", name="周所长")
    assert set(selectors.grids_lacking_officers(lead)) == {second}
    next_day()
    new = services.name_officer(acting_user=town_officer, grid=first, kind="responsible", name="王镇长")
    assert [o.name for o in selectors.officers_of(COUNTY, [first.id])] == ["周所长", "王镇长"]
    services.end_officer(acting_user=town_officer, officer=new, reason="调离")
    assert set(selectors.grids_lacking_officers(lead)) == {first, second}
    with pytest.raises(NotPermitted):
        services.name_officer(acting_user=other_town_officer, grid=first, kind="contact", name="外人")
    with pytest.raises(InvalidInput):
        services.name_officer(acting_user=lead, grid=first, kind="boss", name="")
    traced = TraceRow.objects.filter(county=COUNTY, action="grids.name_officer").first()
    assert "13900001111" not in str(traced.changes)


def test_an_officers_phone_in_full_needs_a_reason_that_is_traced(grid, lead):
    officer = services.name_officer(acting_user=lead, grid=grid(0), kind="contact", name="周所长", phone="13900001111")
    with pytest.raises(InvalidInput):
        services.unmask_officer(acting_user=lead, officer=officer, reason="")
    assert services.unmask_officer(acting_user=lead, officer=officer, reason="联系核实") == "13900001111"
    assert TraceRow.objects.get(county=COUNTY, action="grids.unmask_officer").changes["reason"] == "联系核实"


def test_names_may_change_but_not_to_nothing(grid, lead):
    first = grid(0)
    assert (
        services.change_grid(acting_user=lead, grid=first, name="甲村第一网格", kind="cluster").name == "甲村第一网格"
    )
    with pytest.raises(InvalidInput):
        services.change_grid(acting_user=lead, grid=first, name="", kind="village")
    assert (first.town, OTHER_TOWN) == (TOWN, "330521101")
