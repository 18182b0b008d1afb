"""Cases that may be the same thing, and cases that follow their place."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safegrid.cases import services
from safegrid.cases.models import Case
from safegrid.cases.selectors import _box, similar
from safegrid.foundation import events
from safegrid.foundation.errors import NotVisible
from safegrid.grids.models import GridVersion
from safegrid.regions.datum import distance_m


def found(steps, **more):
    given_ = {"kind": steps.kind, "site_id": None, "longitude": None, "latitude": None, **more}
    return [one.case_id for one in similar(steps.cast.county, **given_)]


def point(steps, metres_north=0.0):
    return {"longitude": steps.site.longitude, "latitude": steps.site.latitude + metres_north / 111_195}


def test_the_same_kind_at_the_same_site_is_offered_however_far(steps):
    case = steps.reported()
    assert found(steps, site_id=steps.site.id) == [case.id]
    assert found(steps, site_id=steps.cast.shop.id) == []


def test_the_same_kind_nearby_is_offered_up_to_the_kinds_distance(steps):
    case = steps.reported()
    assert steps.cast.general_kind.duplicate_distance_m == 50
    assert found(steps, **point(steps, 49)) == [case.id]
    assert found(steps, **point(steps, 51)) == []


def test_another_kind_is_not(steps):
    steps.reported()
    assert found(steps, kind=steps.cast.minor_kind.code, site_id=steps.site.id) == []


def test_older_than_the_kinds_days_is_not(steps):
    case = steps.reported()
    steps.time.advance(timedelta(days=30))
    assert found(steps, site_id=steps.site.id) == [case.id]
    steps.time.advance(timedelta(seconds=1))
    assert found(steps, site_id=steps.site.id) == []


def test_a_case_that_has_ended_is_not(steps):
    case = steps.reported()
    services.reject(acting_user=steps.cast.town_officer, case=case, reason="不属实")
    assert found(steps, site_id=steps.site.id, **point(steps)) == []


def test_a_case_of_another_county_is_not(steps):
    steps.in_state("reported", **point(steps))
    assert similar(steps.cast.county, steps.kind, None, *point(steps).values())
    row = Case.objects.get(county=steps.cast.county)
    row_id = row.id
    assert all(one.case_id == row_id for one in similar(steps.cast.county, steps.kind, None, *point(steps).values()))


def test_the_same_site_comes_first_then_the_nearest(steps):
    near = steps.in_state("reported", site=None, place_kind="point", **point(steps, 20))
    far = steps.in_state("reported", site=None, place_kind="point", **point(steps, 40))
    same = steps.in_state("reported", **point(steps, 45))
    assert found(steps, site_id=steps.site.id, **point(steps)) == [same.id, near.id, far.id]


def test_the_case_itself_is_left_out_on_request(steps):
    case = steps.reported()
    assert similar(case.county, case.kind, case.site_id, None, None, but=case.id) == []


@given(st.floats(75, 134), st.floats(18, 53), st.floats(1, 500), st.floats(0, 6.28))
def test_the_box_holds_the_whole_circle(longitude, latitude, metres, angle):
    from math import cos, radians, sin

    north = metres * 0.99 * sin(angle) / 111_195
    east = metres * 0.99 * cos(angle) / (111_195 * cos(radians(latitude)))
    assert distance_m(longitude, latitude, longitude + east, latitude + north) <= metres
    box = dict(_box(longitude, latitude, metres).children)
    assert box["longitude__range"][0] <= longitude + east <= box["longitude__range"][1]
    assert box["latitude__range"][0] <= latitude + north <= box["latitude__range"][1]


def test_an_open_case_follows_its_site_into_another_grid_and_a_closed_one_stays(steps):
    open_, closed = steps.in_state("reported"), steps.in_state("closed")
    events.publish("grids.sites_assigned", county=open_.county, assigned={steps.site.id: steps.cast.next_grid.id})
    open_.refresh_from_db()
    closed.refresh_from_db()
    assert (open_.grid_id, open_.version) == (steps.cast.next_grid.id, 1)
    assert closed.grid_id == steps.cast.grid.id
    moved = steps.traced(open_, "cases.move_to_grid").changes["grid_id"]
    assert moved == [str(steps.cast.grid.id), str(steps.cast.next_grid.id)]


def test_an_open_point_is_located_anew_when_boundaries_change(steps):
    centre = steps.cast.square(1).centroid
    case = steps.in_state("reported", site=None, place_kind="point", longitude=centre.x, latitude=centre.y)
    assert GridVersion.objects.filter(county=case.county, grid=steps.cast.next_grid).exists()
    events.publish("grids.boundary_changed", county=case.county, grid_ids=[steps.cast.grid.id])
    case.refresh_from_db()
    assert case.grid_id == steps.cast.next_grid.id
    assert services.follow_boundaries(case.county) == 0


def test_a_member_loses_sight_of_what_moved_away(steps):
    case = steps.in_state("verifying", verifier_id=steps.cast.grid_member.id)
    services.follow_sites(case.county, {steps.site.id: steps.cast.next_grid.id})
    with pytest.raises(NotVisible):
        services.verify(
            acting_user=steps.cast.grid_member, case=case, finding="属实", attachment_ids=[], **steps.spot()
        )
