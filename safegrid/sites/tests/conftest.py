"""A small county, and people who hold one role each there."""

from __future__ import annotations

from datetime import date

import pytest

from safegrid.accounts.models import Role, User
from safegrid.foundation import clock, events
from safegrid.foundation.cache import forget_everything
from safegrid.foundation.models import TraceRow
from safegrid.regions.models import Region
from safegrid.sites.services import register_site

COUNTY = 330521
TOWN, OTHER_TOWN = "330521100", "330521101"
VILLAGE, NEXT_VILLAGE, FAR_VILLAGE = "330521100200", "330521100201", "330521101200"
REGIONS = [
    ("33", "浙江省", 1, ""),
    ("3305", "湖州市", 2, "33"),
    ("330521", "德清县", 3, "3305"),
    (TOWN, "武康街道", 4, "330521"),
    (OTHER_TOWN, "乾元镇", 4, "330521"),
    (VILLAGE, "对河口村民委员会", 5, TOWN),
    (NEXT_VILLAGE, "城东社区居民委员会", 5, TOWN),
    (FAR_VILLAGE, "直街社区居民委员会", 5, OTHER_TOWN),
]


@pytest.fixture(autouse=True)
def _fresh_caches():
    forget_everything()
    yield
    forget_everything()


@pytest.fixture
def county(db) -> int:
    Region.objects.bulk_create(
        Region(code=code, name=name, level=level, parent_code=parent) for code, name, level, parent in REGIONS
    )
    return COUNTY


@pytest.fixture
def person(db):
    """Make an account that holds one role at a place."""

    def make(kind: str, place: str = str(COUNTY), **more) -> User:
        user = User.objects.create_user(f"{kind}-{place}-{User.objects.count()}", name=kind)
        Role.objects.create(user=user, kind=kind, place=place, valid_from=date(2020, 1, 1), **more)
        return user

    return make


@pytest.fixture
def lead(person) -> User:
    return person("lead_officer")


@pytest.fixture
def town_officer(person) -> User:
    return person("town_officer", TOWN)


@pytest.fixture
def site(county):
    """A factory that lets the system register a site."""

    def make(**values):
        known = {"name": "德清化工厂", "site_type": "enterprise", "village": VILLAGE, "industry": "2631"}
        return register_site(acting_user=None, county=county, values={**known, **values})

    return make


@pytest.fixture
def heard(monkeypatch) -> list[tuple[str, list]]:
    """What was published about sites, in order: (event, ids)."""
    told: list[tuple[str, list]] = []

    def listener(name):
        def listen(*, county, site_ids):
            assert county == COUNTY
            told.append((name, list(site_ids)))

        return listen

    for name in ("registered", "moved", "reclassified", "rescheduled"):
        monkeypatch.setitem(events._subscribers, f"sites.{name}", [listener(name)])
    return told


def actions() -> list[str]:
    """Return the acts of the county's trace, oldest first."""
    return list(TraceRow.objects.filter(county=COUNTY).order_by("at", "id").values_list("action", flat=True))


def today() -> date:
    return clock.today()
