"""Whatever the sites and the borders: after publication every site that grid work covers has exactly one grid."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from safegrid.foundation import clock
from safegrid.foundation.testing import run_queue
from safegrid.grids import selectors as grids
from safegrid.grids.models import SiteGrid
from safegrid.planning import selectors, services
from safegrid.planning.tests.conftest import PARAMETERS, SIDE, SOUTH, WEST, A, B, C, D, E, F
from safegrid.sites.models import Site
from safegrid.sites.services import mark_directly_supervised
from safegrid.wiring import connect

VILLAGES = (A, B, C, D, E, F)


@pytest.fixture(autouse=True)
def _wired():
    connect()


def sow(scatter, seed: int) -> None:
    """Scatter sites at random, crowds at single places, on borders, at corners, without coordinates, outside the county."""
    rng = np.random.default_rng(seed)
    for code in VILLAGES:
        scatter(code, int(rng.integers(0, 90)))
        x, y = WEST + rng.uniform(0, 3) * SIDE, SOUTH + rng.uniform(0, 2) * SIDE
        scatter(code, int(rng.integers(0, 25)), box=(x, y, x, y))
        scatter(code, int(rng.integers(0, 4)), longitude=None, latitude=None)
        scatter(code, int(rng.integers(0, 3)), box=(119.8, 30.2, 119.9, 30.3))
    on_border = WEST + SIDE
    scatter(A, 10, box=(on_border, SOUTH, on_border, SOUTH + SIDE))
    scatter(B, 2, box=(on_border, SOUTH + SIDE, on_border, SOUTH + SIDE))


@pytest.mark.parametrize(
    ("seed", "nesting", "tolerance"), [(1, "village", 0.15), (2, "town", 0.2), (3, "village", 0.05)]
)
def test_every_site_has_exactly_one_grid_after_publication(county, scatter, lead, chief, seed, nesting, tolerance):
    sow(scatter, seed)
    one = Site.objects.filter(county=county, village=A).first()
    mark_directly_supervised(acting_user=None, site=one, reason="重大危险源", authority="市应急管理局")
    wanted = {**PARAMETERS, "nesting": nesting, "tolerance": tolerance}
    row = services.create_scenario(acting_user=lead, county=county, name="全县", parameters=wanted)
    services.start_run(acting_user=lead, scenario=row)
    run_queue()
    row.refresh_from_db()
    assert row.state == "ready", (row.message, [each.text for each in selectors.messages_of(row)])
    services.approve_scenario(acting_user=chief, scenario=row, words="一处人数过多，配两名网格员")
    services.publish_scenario(acting_user=chief, scenario=row, valid_from=clock.today())
    run_queue()
    row.refresh_from_db()
    assert row.state == "published", row.message
    for site in Site.objects.filter(county=county):
        held = list(SiteGrid.objects.filter(county=county, site_id=site.id, valid_to=None))
        assert len(held) == (0 if site.is_directly_supervised else 1), site.code
        assert site.grid_id == (held[0].grid_id if held else None)
    areas = [piece.area for piece in grids.pieces(county)]
    land = shapely.box(WEST, SOUTH, WEST + 3 * SIDE, SOUTH + 2 * SIDE)
    assert sum(area.area for area in areas) == pytest.approx(land.area, rel=1e-5)
    assert shapely.symmetric_difference(shapely.union_all(areas), land).area < 1e-8
