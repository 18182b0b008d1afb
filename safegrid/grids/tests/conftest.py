"""A county of four square villages side by side, and people who hold one role each there.

A village is a square of 0.02 degrees (about 1.9 by 2.2 km), from 120.00 E, 30.50 N eastwards: two in each town.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import shapely

from safegrid.accounts.models import Role, User
from safegrid.foundation import cache, clock
from safegrid.grids import services
from safegrid.orgs.services import open_department
from safegrid.regions.models import Region
from safegrid.regions.services import set_shape
from safegrid.sites.services import register_site

COUNTY = 330521
TOWN, OTHER_TOWN = "330521100", "330521101"
A, B, C, D = "330521100200", "330521100201", "330521101200", "330521101201"
SIDE, WEST, SOUTH = 0.02, 120.0, 30.5
START = datetime(2026, 3, 2, 9, tzinfo=clock.SHANGHAI)
TODAY = START.date()
PAPERS = ("exam", "undertaking", "equipment")


def square(number: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    """Return village ``number`` (0–3) as a square; fractions and widths in squares."""
    west = WEST + number * SIDE
    return shapely.box(west, SOUTH, west + width * SIDE, SOUTH + height * SIDE)


def inside(number: float) -> tuple[float, float]:
    """Return the middle of village ``number``."""
    return WEST + (number + 0.5) * SIDE, SOUTH + 0.5 * SIDE


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
def next_day(time):
    def go(days: int = 1) -> date:
        cache.forget_everything()  # minutes pass; other processes' caches are renewed within seconds
        time.advance(timedelta(days=days))
        return clock.today()

    return go


@pytest.fixture
def county(db, time) -> int:
    rows = [("33", "浙江省", 1), ("3305", "湖州市", 2), ("330521", "德清县", 3), (TOWN, "武康街道", 4), (OTHER_TOWN, "乾元镇", 4),
            (A, "甲村", 5), (B, "乙村", 5), (C, "丙村", 5), (D, "丁村", 5)]  # fmt: skip
    above = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
    Region.objects.bulk_create(
        Region(code=code, name=name, level=level, parent_code=code[: above[len(code)]]) for code, name, level in rows
    )
    for number, code in enumerate((A, B, C, D)):
        set_shape(acting_user=None, county=COUNTY, code=code, boundary=square(number))
    return COUNTY


@pytest.fixture
def grid(county):
    """A factory: open a grid over village ``number`` from today, or with a boundary of its own."""

    def make(number: int = 0, **values):
        village = (A, B, C, D)[number]
        known = {"code": f"G{number}", "name": f"网格{number}", "town": village[:9], "village": village,
                 "boundary": square(number)}  # fmt: skip
        return services.open_grid(acting_user=None, county=county, **{**known, **values})

    return make


@pytest.fixture
def site(county):
    """A factory: register a site in the middle of village ``number`` (``at`` moves the point, None takes it away)."""

    def make(number: int = 0, at="inside", **values):
        point = inside(number) if at == "inside" else at
        known = {"name": "小商铺", "site_type": "shop", "village": (A, B, C, D)[number]}
        if point is not None:
            known |= {"longitude": point[0], "latitude": point[1], "datum": "wgs84"}
        return register_site(acting_user=None, county=county, values={**known, **values})

    return make


@pytest.fixture
def person(county):
    def make(kind: str = "", place: str = str(COUNTY), name: str = "") -> User:
        user = User.objects.create_user(
            f"{kind or 'nobody'}-{User.objects.count()}", name=name or kind or "某人", place=place, phone="13812345678"
        )
        if kind:
            Role.objects.create(user=user, kind=kind, place=place, valid_from=date(2020, 1, 1))
        return user

    return make


@pytest.fixture
def lead(person):
    return person("lead_officer")


@pytest.fixture
def town_officer(person):
    return person("town_officer", TOWN)


@pytest.fixture
def other_town_officer(person):
    return person("town_officer", OTHER_TOWN)


@pytest.fixture
def member(person):
    """A factory: enrol a member of the town's station, with the three papers unless ``papers`` says otherwise."""

    def make(name: str = "王网格", *, town: str = TOWN, papers=PAPERS, expires_on: date | None = None, **values):
        user = person("", town, name)
        code = f"M{User.objects.count()}"
        made = services.enrol_member(
            acting_user=None, county=COUNTY, user=user, code=code, employer="武康街道办事处", town=town, **values
        )
        for kind in papers:
            services.enter_evidence(
                acting_user=None, member=made, kind=kind, number=f"{kind}-{code}", issued_on=TODAY - timedelta(days=30),
                expires_on=expires_on,
            )  # fmt: skip
        return made

    return make


@pytest.fixture
def department(county):
    return open_department(acting_user=None, county=county, code="EMB", name="应急管理局")
