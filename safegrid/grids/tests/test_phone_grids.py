"""Own grids on the phone: boundaries within five metres, officers without their own numbers, nobody else's grids."""

import json

import pytest
import shapely

from safegrid.foundation import cache, clock
from safegrid.grids import field
from safegrid.grids.models import GridOfficer, GridVersion, Posting
from tests.setting import SINCE

COUNTY = 330521


def grids(user):
    return dict(field.FEEDS[0].rows(user, COUNTY))


def test_a_member_keeps_own_grids_with_names_part_and_officers(cast):
    member = cast.grid_member
    for kind, phone in (("responsible", "0572-8060001"), ("contact", "13905720001")):
        GridOfficer.objects.create(
            county=COUNTY, grid=cast.grid, kind=kind, name="张", title="主任", phone=phone, valid_from=SINCE
        )
    _ = cast.next_grid
    rows = grids(member)
    assert set(rows) == {str(cast.grid.id)}
    row = rows[str(cast.grid.id)]
    assert (row["code"], row["town_name"], row["village_names"], row["role"], row["is_approximate"]) == (
        cast.grid.code, "武康街道", ["居仁社区居委会"], "primary", True,
    )  # fmt: skip
    assert sorted((one["kind"], one["phone"]) for one in row["officers"]) == [
        ("contact", "139****0001"), ("responsible", "0572-8060001"),
    ]  # fmt: skip
    assert shapely.from_geojson(json.dumps(row["boundary"])).equals(cast.square(0))


def test_a_deputy_is_told_so_and_a_primary_elsewhere_too(cast):
    member = cast.grid_member
    posting = Posting.objects.create(
        county=COUNTY, member=cast.member_of(member), grid=cast.next_grid, role="deputy", valid_from=SINCE
    )
    cast.grant(member, "grid", cast.next_grid.id, posting.id)
    assert {row["role"] for row in grids(member).values()} == {"primary", "deputy"}
    assert grids(member)[str(cast.next_grid.id)]["role"] == "deputy"


def test_a_ragged_boundary_is_simplified_to_within_five_metres(cast):
    member, version = cast.grid_member, GridVersion.objects.get(county=COUNTY, grid=cast.grid)
    ragged = cast.square(0).buffer(0.004, quad_segs=400)
    version.boundary = shapely.to_wkb(ragged)
    version.save()
    cache.forget_everything()
    told = shapely.from_geojson(json.dumps(grids(member)[str(cast.grid.id)]["boundary"]))
    assert told.is_valid
    assert shapely.get_num_coordinates(told) < shapely.get_num_coordinates(ragged) / 5
    assert shapely.hausdorff_distance(told, ragged) * 111_320 <= 5.2  # and the rounding to a tenth of a metre


@pytest.mark.parametrize("person", ["committee", "town_officer", "lead_officer", "site_contact", "outsider"])
def test_nobody_but_members_keeps_grids(cast, person):
    _ = cast.grid
    assert grids(getattr(cast, person)) == {}


def test_a_posting_that_ended_takes_the_grid_along(cast):
    member = cast.grid_member
    Posting.objects.filter(county=COUNTY).update(valid_to=clock.today().replace(year=2024))
    assert grids(member) == {}


def test_the_feed_takes_few_statements(cast, django_assert_max_num_queries):
    member = cast.grid_member
    grids(member)
    with django_assert_max_num_queries(6):
        grids(member)
