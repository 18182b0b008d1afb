"""A county of two towns with three square villages each, sites scattered in them by a fixed seed, and a grid a village.

A village is a square of 0.02 degrees (about 1.9 by 2.2 km), from 120.00 E, 30.50 N eastwards; the other town lies north.
"""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest
import shapely

from safegrid.accounts.models import Role, User
from safegrid.foundation import cache, clock
from safegrid.foundation.testing import run_queue
from safegrid.grids import services as grids
from safegrid.handbook.models import VisitNorm
from safegrid.planning import services
from safegrid.regions.models import Region
from safegrid.regions.services import set_shape
from safegrid.sites.models import Site

COUNTY = 330521
TOWN, OTHER_TOWN = "330521100", "330521109"
A, B, C = "330521100200", "330521100201", "330521100202"
D, E, F = "330521109200", "330521109201", "330521109202"
SIDE, WEST, SOUTH = 0.02, 120.0, 30.5
START = datetime(2026, 3, 2, 9, tzinfo=clock.SHANGHAI)
TODAY = START.date()
NORM = {"site_type": "shop", "risk_grade": "blue", "visits_a_year": 4, "minutes": 30}
# 120 shops of 4 × 30 minutes are 240 hours, without the way: three grids of 100 hours; 90 shops two.
PARAMETERS = {"hours_full_time": 100, "hours_part_time": 60, "tolerance": 0.15, "seconds": 5, "travel": "motor"}
SQUARES = {A: (0, 0), B: (1, 0), C: (2, 0), D: (0, 1), E: (1, 1), F: (2, 1)}


def square(code: str) -> shapely.Polygon:
    column, row = SQUARES[code]
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + SIDE, south + SIDE)


@pytest.fixture(autouse=True)
def _fresh_caches():
    cache.forget_everything()
    yield
    cache.forget_everything()


@pytest.fixture
def time():
    """Run under a clock that stands at 2 March 2026, 9:00."""
    with clock.simulated(START) as ticking:
        yield ticking


@pytest.fixture
def county(db, time) -> int:
    rows = [("33", "浙江省", 1), ("3305", "湖州市", 2), ("330521", "德清县", 3), (TOWN, "武康街道", 4), (OTHER_TOWN, "阜溪街道", 4),
            (A, "甲村", 5), (B, "乙村", 5), (C, "丙村", 5), (D, "丁村", 5), (E, "戊村", 5), (F, "己村", 5)]  # fmt: skip
    above = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
    Region.objects.bulk_create(
        Region(code=code, name=name, level=level, parent_code=code[: above[len(code)]]) for code, name, level in rows
    )
    for code in SQUARES:
        set_shape(acting_user=None, county=COUNTY, code=code, boundary=square(code))
    VisitNorm.objects.create(county=COUNTY, **NORM)
    cache.forget_everything()
    return COUNTY


@pytest.fixture
def scatter(county):
    """A factory: ``number`` shops at random places of a village (or of a box inside it)."""
    rng = np.random.default_rng(7)

    def make(code: str, number: int, box=None, **values) -> list[Site]:
        west, south, east, north = box or square(code).buffer(-0.0005).bounds
        count = Site.objects.filter(county=county).count()
        return Site.objects.bulk_create(
            Site(**{"county": county, "code": f"S{count + n:05d}", "name": f"小商铺{count + n}", "site_type": "shop",
                    "risk_grade": "blue", "town": code[:9], "village": code, "longitude": float(rng.uniform(west, east)),
                    "latitude": float(rng.uniform(south, north)), "declared_datum": "wgs84", "created_at": clock.now(),
                    "updated_at": clock.now(), **values})
            for n in range(number)
        )  # fmt: skip

    return make


@pytest.fixture
def land(county, scatter):
    """Villages A and B with many shops, C with a few; a grid for each village of the town, sites assigned."""
    for code, number in ((A, 120), (B, 90), (C, 12)):
        scatter(code, number)
    for code in (A, B, C):
        grids.open_grid(acting_user=None, county=county, code=f"{code}01", name=f"{code[-3:]}网格", town=TOWN, village=code,
                        boundary=square(code))  # fmt: skip
    return county


@pytest.fixture
def person(county):
    def make(kind: str, place: str = str(COUNTY)) -> User:
        user = User.objects.create_user(f"{kind}-{User.objects.count()}", name=kind, place=place[:6])
        Role.objects.create(user=user, kind=kind, place=place, valid_from=date(2020, 1, 1))
        return user

    return make


@pytest.fixture
def lead(person):
    return person("lead_officer")


@pytest.fixture
def chief(person):
    return person("lead_chief")


@pytest.fixture
def town_officer(person):
    return person("town_officer", TOWN)


@pytest.fixture
def draft(land, lead):
    """A draft for the town with parameters that divide A into three grids, B into two, C into one."""
    return services.create_scenario(acting_user=lead, county=land, name="武康方案", town=TOWN, parameters=PARAMETERS)


@pytest.fixture
def ready(draft, lead):
    """The same, worked out."""
    services.start_run(acting_user=lead, scenario=draft)
    run_queue()
    draft.refresh_from_db()
    assert draft.state == "ready", draft.message
    return draft
