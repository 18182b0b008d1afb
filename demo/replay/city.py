"""The replay's county: the city's community areas as towns, its tracts as villages and grids, and the people in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from PIL import Image
from shapely.ops import unary_union
from tqdm import tqdm

from demo.people import hire, open_account
from demo.replay.source import Tract, tracts
from demo.territory import open_grids
from safegrid.cases import services as cases
from safegrid.duties import services as duties
from safegrid.files import services as files
from safegrid.foundation import calendar, clock
from safegrid.foundation.errors import Refused
from safegrid.grids import services as grids
from safegrid.handbook import services as handbook
from safegrid.orgs import services as orgs
from safegrid.orgs.selectors import departments
from safegrid.regions import selectors as regions
from safegrid.regions import services as region_services
from safegrid.regions.services import Node

COUNTY = 901701
NAME = "芝加哥（数据回放）"
SOURCE = "US Census TIGER 2010"
KINDS = (
    ("FOOD", "", "食品经营场所", "general"),
    ("FOOD-CRITICAL", "FOOD", "食品经营场所严重违法（critical）", "general"),
    ("FOOD-SERIOUS", "FOOD", "食品经营场所较重违法（serious）", "general"),
    ("FOOD-MINOR", "FOOD", "食品经营场所轻微违法（minor）", "minor"),
)
ITEMS = [
    {"code": "critical", "text": "没有严重违法（critical）", "hazard_kind": "FOOD-CRITICAL"},
    {"code": "serious", "text": "没有较重违法（serious）", "hazard_kind": "FOOD-SERIOUS"},
    {"code": "minor", "text": "没有轻微违法（minor）", "hazard_kind": "FOOD-MINOR"},
]
SITE_TYPES = ("enterprise", "shop", "workshop", "public_place")
DEPARTMENTS = (
    ("LEAD", "牵头办公室", "lead"),
    ("HEALTH", "公共卫生局", "cooperating"),
    ("SCHOOL", "教育局", "cooperating"),
)


@dataclass
class City:
    """Who acts in the replay, and what they act with. ``members`` and ``town_officers`` by town."""

    lead_officer: Any
    officers: dict[UUID, Any] = field(default_factory=dict)
    town_officers: dict[str, Any] = field(default_factory=dict)
    members: dict[str, Any] = field(default_factory=dict)
    photos: dict[UUID, UUID] = field(default_factory=dict)
    checklists: dict[str, Any] = field(default_factory=dict)


def town_code(district: int) -> str:
    return f"{COUNTY}{district:03d}"


def build(folder: Path, first_day: date) -> City:
    """Set the county up through the services an administrator uses; it must not exist yet."""
    if regions.codes_of_county(COUNTY):
        raise Refused("这个数据库里已有一次回放；请换一个空数据库再运行")
    districts: dict[int, list[Tract]] = {}
    for tract in tracts(folder):
        districts.setdefault(tract.district, []).append(tract)
    villages = _regions(districts)
    with transaction.atomic():
        calendar.load_shipped_years(acting_user=None, county=COUNTY)
        _handbook()
        _duties()
        cases.load_default_ladder(COUNTY)
        city = _office()
        for code in SITE_TYPES:
            city.checklists[code] = _checklist(code)
    grid_of = _grids(villages)
    for district in tqdm(districts, desc="乡镇与网格员", unit="个"):
        with transaction.atomic():
            _town(
                city, district, [grid_of[code] for code in grid_of if code.startswith(town_code(district))], first_day
            )
    return city


def _regions(districts: dict[int, list[Tract]]) -> dict[str, Tract]:
    nodes = [Node("90", NAME), Node("9017", NAME), Node(str(COUNTY), NAME)]
    villages: dict[str, Tract] = {}
    for district, its_tracts in districts.items():
        nodes.append(Node(town_code(district), its_tracts[0].district_name))
        for number, tract in enumerate(its_tracts, start=1):
            code = f"{town_code(district)}{number:03d}"
            villages[code] = tract
            nodes.append(Node(code, f"Tract {tract.key}"))
    region_services.load_regions(nodes, source=SOURCE)
    areas = {code: tract.area for code, tract in villages.items()}
    for district, its_tracts in districts.items():
        areas[town_code(district)] = unary_union([tract.area for tract in its_tracts])
    rows = [
        region_services.shape_row(county=COUNTY, code=code, boundary=area,
                                  source=SOURCE)
        for code, area in areas.items()
    ]  # fmt: skip
    region_services.save_shapes(acting_user=None, county=COUNTY, rows=rows)
    return villages


def _handbook() -> None:
    handbook.load_content(acting_user=None, county=COUNTY)
    for code, parent, name, severity in KINDS:
        handbook.add_kind(acting_user=None, county=COUNTY, code=code, parent_code=parent, name=name, nature="violation",
                          severity=severity)  # fmt: skip


def _checklist(site_type: str) -> Any:
    draft = handbook.draft_checklist(acting_user=None, county=COUNTY, code=f"FOOD-{site_type}", name="食品经营场所检查表",
                                     site_type=site_type, industry_prefix="90", items=ITEMS)  # fmt: skip
    return handbook.publish_checklist(acting_user=None, checklist=draft)


def _duties() -> None:
    bodies = {
        code: orgs.open_department(acting_user=None, county=COUNTY, code=code, name=name, role=role)
        for code, name, role in DEPARTMENTS
    }
    for site_type in SITE_TYPES:
        body = bodies["SCHOOL" if site_type == "public_place" else "HEALTH"]
        duties.add_rule(acting_user=None, county=COUNTY, department=body, site_type=site_type, words="按场所类型")


def _office() -> City:
    city = City(hire(username="replay-lead", name="牵头经办", kind="lead_officer", place=str(COUNTY)))
    for number, body in enumerate(departments(COUNTY)):
        officer = hire(username=f"replay-department-{number}", name=f"{body.name}经办", kind="department_officer",
                       place=str(COUNTY), department_id=body.id)  # fmt: skip
        city.officers[body.id] = officer
        city.photos[officer.id] = _photo(officer, number)
    return city


def _grids(villages: dict[str, Tract]) -> dict[str, Any]:
    specs = [
        {"code": code, "name": f"{tract.district_name} {tract.key}", "town": code[:9], "village": code,
         "boundary": tract.area, "source": SOURCE}
        for code, tract in villages.items()
    ]  # fmt: skip
    drawn = open_grids(COUNTY, tqdm(specs, desc="网格", unit="个"))
    return {grid.code: grid for grid in drawn}


def _town(city: City, district: int, its_grids: list[Any], first_day: date) -> None:
    town = town_code(district)
    officer = hire(
        username=f"replay-town-{district}", name=f"{regions.name_of(town)}安监员", kind="town_officer", place=town
    )
    city.town_officers[town] = officer
    city.photos[officer.id] = _photo(officer, 1000 + district)
    user = open_account(username=f"replay-member-{district}", name=f"{regions.name_of(town)}网格员", county=COUNTY)
    member = grids.enrol_member(acting_user=None, county=COUNTY, user=user, code=f"M{district:03d}",
                                employer=regions.name_of(town), town=town, hired_on=first_day - timedelta(days=30))  # fmt: skip
    for kind in ("exam", "undertaking", "equipment"):
        grids.enter_evidence(acting_user=None, member=member, kind=kind, number=f"{kind}-{district}",
                             issued_on=clock.today())  # fmt: skip
    for grid in its_grids:
        grids.post_member(acting_user=None, member=member, grid=grid)
    user.forget_holdings()
    city.members[town] = user
    city.photos[user.id] = _photo(user, 2000 + district)


def _photo(user: Any, shade: int) -> UUID:
    """Upload one small picture, which this user gives wherever a photograph is asked for."""
    picture, out = Image.new("RGB", (64, 48), (shade % 256, shade // 256 * 16 % 256, 96)), BytesIO()
    picture.save(out, "JPEG")
    stored = files.store(acting_user=user, county=COUNTY, data=out.getvalue(), name="现场.jpg")
    return stored.id
