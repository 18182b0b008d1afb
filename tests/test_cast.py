"""The cast itself: complete, inside its county, and quick."""

from time import process_time

import shapely

from safegrid.foundation import clock
from safegrid.foundation.scope import granted
from safegrid.grids.models import GridVersion
from safegrid.sites.models import Site


def test_everybody_holds_a_role_in_force(cast):
    assert all(user.holdings() for _, user in cast.everyone())


def test_every_site_lies_in_the_boundary_of_its_grid(cast):
    cast.everything()
    for site in Site.objects.filter(county=cast.county):
        version = GridVersion.objects.get(county=cast.county, grid_id=site.grid_id)
        assert shapely.from_wkb(bytes(version.boundary)).contains(shapely.Point(site.longitude, site.latitude))


def test_a_member_is_granted_the_own_grid_only(cast):
    assert granted(cast.grid_member, "grid", clock.today()) == {cast.grid.id}
    assert granted(cast.next_grid_member, "grid", clock.today()) == {cast.next_grid.id}


def test_the_usual_handful_is_made_in_a_tenth_of_a_second(cast):
    began = process_time()
    _ = cast.lead_officer, cast.fire_officer, cast.grid_member, cast.site, cast.kinds
    assert process_time() - began < 0.1
