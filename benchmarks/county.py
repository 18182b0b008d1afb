"""The county of the benchmarks: 20 towns, 300 villages with a grid each, the shipped handbook and duties, its people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.conf import settings
from django.db import transaction

from safegrid.accounts.models import Role, User
from safegrid.cases import services as cases
from safegrid.duties import services as duties
from safegrid.foundation import cache, calendar, clock
from safegrid.foundation.geometry import area_m2, box, write_area
from safegrid.foundation.models import ScopeGrant
from safegrid.grids.models import EvidenceKind, GateEvidence, Grid, GridMember, GridVersion, Posting
from safegrid.handbook import services as handbook
from safegrid.orgs import services as orgs
from safegrid.orgs.models import Department
from safegrid.regions.models import Region
from safegrid.sites import services as sites

COUNTY, SINCE = 330521, date(2024, 1, 1)
TOWNS, VILLAGES = 20, 15  # of the county; of a town
SIDE, WEST, SOUTH = 0.02, 119.8, 30.3  # degrees


@dataclass
class Village:
    """A village and the one grid in it, a square."""

    code: str
    grid: Any
    area: Any

    @property
    def town(self) -> str:
        return self.code[:9]


@dataclass
class County:
    """What there is to work with; ``people`` by role."""

    villages: list[Village]
    departments: list[Department]
    people: dict[str, User]


def papers(members: Sequence[GridMember]) -> None:
    """Give members what the gates ask for: without it the night's look suspends them."""
    GateEvidence.objects.bulk_create(
        (GateEvidence(county=COUNTY, member=member, kind=kind, number=f"{kind}-{member.code}", issued_on=SINCE)
         for member in members for kind in EvidenceKind.values),
        batch_size=500,
    )  # fmt: skip


@transaction.atomic
def build() -> County:
    """Make the county in an empty database."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in by password here
    codes = [f"{COUNTY}{100 + town}{200 + village}" for town in range(TOWNS) for village in range(VILLAGES)]
    _regions(codes)
    sites.load_industries(acting_user=None)
    calendar.load_shipped_years(acting_user=None, county=COUNTY)
    handbook.load_content(acting_user=None, county=COUNTY)
    duties.load_content(acting_user=None, county=COUNTY)
    cases.load_default_ladder(COUNTY)
    for town in sorted({code[:9] for code in codes}):
        orgs.open_station(acting_user=None, county=COUNTY, town=town, name=f"{town}安监站")
    villages = [_village(index, code) for index, code in enumerate(codes)]
    departments = list(Department.objects.filter(county=COUNTY).order_by("code"))
    made = County(villages, departments, {})
    _people(made)
    cache.forget_everything()
    return made


def _regions(codes: list[str]) -> None:
    towns = dict.fromkeys(code[:9] for code in codes)
    names = {"33": "浙江省", "3305": "湖州市", str(COUNTY): "测算县"}
    names |= {code: f"第{int(code[6:]) - 99}镇" for code in towns} | {code: f"{code[6:]}村" for code in codes}
    level, parent = {2: 1, 4: 2, 6: 3, 9: 4, 12: 5}, {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
    Region.objects.bulk_create(
        Region(code=code, name=name, level=level[len(code)], parent_code=code[: parent[len(code)]])
        for code, name in names.items()
    )


def _village(index: int, code: str) -> Village:
    x, y = WEST + SIDE * (index % VILLAGES), SOUTH + SIDE * (index // VILLAGES)
    area = shapely.box(x, y, x + SIDE, y + SIDE)
    grid = Grid.objects.create(
        county=COUNTY, code=f"{code}01", name=f"{code[6:]}网格", town=code[:9], village=code, opened_on=SINCE
    )
    GridVersion.objects.create(
        county=COUNTY, grid=grid, number=1, boundary=write_area(area), area_m2=area_m2(area), villages=[code],
        is_approximate=True, valid_from=SINCE, **box(area),
    )  # fmt: skip
    return Village(code, grid, area)


def _people(county: County) -> None:
    lead = next(one for one in county.departments if one.role == "lead")
    other = next(one for one in county.departments if one.role != "lead")
    first = county.villages[0]
    roles = (
        ("lead_officer", str(COUNTY), lead.id),
        ("town_officer", first.town, None),
        ("department_officer", str(COUNTY), other.id),
        ("grid_member", first.code, None),
        ("auditor", str(COUNTY), None),
    )
    for kind, place, department in roles:
        user = User(username=kind, name=kind, place=str(COUNTY))
        user.set_unusable_password()
        user.save()
        Role.objects.create(user=user, kind=kind, place=place, department_id=department, valid_from=SINCE)
        county.people[kind] = user
    user = county.people["grid_member"]
    member = GridMember.objects.create(
        county=COUNTY, user_id=user.id, code="M-0001", name=user.name, employer="网格服务中心", town=first.town,
        home_village=first.code, hired_on=SINCE,
    )  # fmt: skip
    papers([member])
    posting = Posting.objects.create(county=COUNTY, member=member, grid=first.grid, valid_from=clock.today())
    ScopeGrant.objects.create(
        county=COUNTY, user_id=user.id, kind="grid", key=first.grid.id, source=posting.id, valid_from=SINCE
    )
