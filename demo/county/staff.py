"""The people of the demonstration county: one account to sign in with for each role, and everybody else who acts."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db import transaction
from PIL import Image, ImageDraw

from demo.county import COUNTY
from demo.county.names import person, phone
from demo.people import hire, open_account
from demo.territory import open_grids
from safegrid.cases import services as cases
from safegrid.duties import services as duties
from safegrid.files import services as files
from safegrid.foundation import calendar, clock
from safegrid.grids import services as grids
from safegrid.handbook import services as handbook
from safegrid.orgs import services as orgs
from safegrid.orgs.selectors import by_code, departments
from safegrid.regions.models import Level
from safegrid.regions.selectors import descendants, name_of, shapes
from safegrid.sites import services as sites

PASSWORD = "Demo-330521-Grid"  # noqa: S105  (of a demonstration on one's own machine; printed at its start)
GRIDS_WITHOUT_MEMBER = 3
GRIDS_WITHOUT_OFFICERS = 5


@dataclass
class Staff:
    """Who acts in the history. ``members`` by grid id, ``officers`` by department id, ``town_officers`` by town,
    ``contacts`` by site id."""

    lead: Any = None
    second_lead: Any = None
    chief: Any = None
    leader: Any = None
    hotline: Any = None
    officers: dict[UUID, Any] = field(default_factory=dict)
    town_officers: dict[str, Any] = field(default_factory=dict)
    committees: list[tuple[str, Any]] = field(default_factory=list)
    members: dict[UUID, Any] = field(default_factory=dict)
    contacts: dict[UUID, Any] = field(default_factory=dict)
    photos: dict[UUID, UUID] = field(default_factory=dict)
    accounts: list[tuple[str, str, str]] = field(default_factory=list)


@transaction.atomic
def set_up(rng: random.Random) -> Staff:
    """Give the county its calendar, handbook, duties, bodies and officials."""
    calendar.load_shipped_years(acting_user=None, county=COUNTY)
    sites.load_industries(acting_user=None)
    handbook.load_content(acting_user=None, county=COUNTY)
    duties.load_content(acting_user=None, county=COUNTY)
    cases.load_default_ladder(COUNTY)
    staff = Staff()
    _county_office(rng, staff)
    for town in descendants(str(COUNTY), Level.TOWN):
        _town(rng, staff, town.code)
    return staff


def _county_office(rng: random.Random, staff: Staff) -> None:
    lead = by_code(COUNTY, "EMB")
    assert lead is not None
    at_lead = {"place": str(COUNTY), "department_id": lead.id}
    staff.lead = _account(rng, staff, "lead", "lead_officer", "牵头部门经办（县应急管理局）", **at_lead)
    staff.second_lead = _person(rng, "lead2", "lead_officer", **at_lead)
    staff.chief = _account(rng, staff, "chief", "lead_chief", "牵头部门负责人", **at_lead)
    staff.leader = _account(rng, staff, "leader", "leader", "分管县领导", place=str(COUNTY))
    staff.hotline = _account(rng, staff, "hotline", "hotline_officer", "12345热线坐席", place=str(COUNTY))
    _account(rng, staff, "admin", "system_admin", "系统管理员", place=str(COUNTY))
    _account(rng, staff, "auditor", "auditor", "审计（只读）", place=str(COUNTY))
    _account(rng, staff, "city", "upper_level", "市级主管部门", place="3305")
    _account(rng, staff, "reward", "reward_officer", "举报奖励经办", place=str(COUNTY))
    for body in departments(COUNTY):
        orgs.name_officer(acting_user=None, department=body, name=person(rng), title="科长", valid_from=clock.today())
        where = {"place": str(COUNTY), "department_id": body.id}
        if body.code == "FRB":
            officer = _account(rng, staff, "fire", "department_officer", f"部门经办（{body.name}）", **where)
        else:
            officer = _person(rng, f"officer-{body.code.lower()}", "department_officer", **where)
        staff.officers[body.id] = officer


def _town(rng: random.Random, staff: Staff, town: str) -> None:
    orgs.open_station(acting_user=None, county=COUNTY, town=town, name=f"{name_of(town)}应急消防管理站")
    first = not staff.town_officers
    if first:
        officer = _account(rng, staff, "town", "town_officer", f"乡镇安监站（{name_of(town)}）", place=town)
    else:
        officer = _person(rng, f"town-{town}", "town_officer", place=town)
    staff.town_officers[town] = officer
    for number, village in enumerate(descendants(town, Level.VILLAGE)):
        orgs.open_committee(acting_user=None, county=COUNTY, village=village.code, name=village.name)
        if number == 0:
            made = (
                _account(rng, staff, "committee", "committee", f"村（居）委会（{village.name}）", place=village.code)
                if first
                else _person(rng, f"committee-{village.code}", "committee", place=village.code)
            )
            staff.committees.append((village.code, made))


def _person(rng: random.Random, username: str, kind: str, **role: Any) -> Any:
    return hire(username=username, name=person(rng), kind=kind, phone=phone(rng), **role)


def _account(rng: random.Random, staff: Staff, username: str, kind: str, label: str, **role: Any) -> Any:
    user = hire(username=username, name=person(rng), kind=kind, phone=phone(rng), password=PASSWORD, **role)
    staff.accounts.append((username, PASSWORD, label))
    return user


def post(rng: random.Random, staff: Staff) -> None:
    """Open one grid for each village, name its officers, and post members: one to one or two grids."""
    areas = {shape.code: shape.area for shape in shapes(COUNTY, Level.VILLAGE) if shape.area is not None}
    opened = open_grids(
        COUNTY,
        [
            {"code": f"{village}01", "name": f"{name_of(village)}网格", "town": village[:9], "village": village,
             "boundary": area, "is_approximate": True, "source": "演示数据：近似边界"}
            for village, area in areas.items()
        ],
    )  # fmt: skip
    for number, grid in enumerate(opened):
        if number >= GRIDS_WITHOUT_OFFICERS:
            for kind, title in (("responsible", "副镇长"), ("contact", "驻村干部")):
                grids.name_officer(
                    acting_user=None, grid=grid, kind=kind, name=person(rng), title=title, phone=phone(rng)
                )
    served = opened[GRIDS_WITHOUT_MEMBER:]
    number = 0
    while served:
        town = served[0].town
        mine = [grid for grid in served[: rng.choice((1, 1, 2))] if grid.town == town]
        served = served[len(mine) :]
        number += 1
        with transaction.atomic():
            _member(rng, staff, number, town, mine)


def _member(rng: random.Random, staff: Staff, number: int, town: str, mine: list[Any]) -> None:
    username = "member" if number == 1 else f"member-{number:03d}"
    password = PASSWORD if number == 1 else None
    user = open_account(username=username, name=person(rng), county=COUNTY, password=password, phone=phone(rng))
    if number == 1:
        staff.accounts.append((username, PASSWORD, f"网格员（{mine[0].name}）"))
    member = grids.enrol_member(
        acting_user=None, county=COUNTY, user=user, code=f"W{number:04d}", employer=f"{name_of(town)}人民政府", town=town,
        is_full_time=rng.random() < 0.6, home_village=mine[0].village, task_givers=["EMB", "FRB"],
        hired_on=clock.today() - timedelta(days=rng.randint(60, 900)),
    )  # fmt: skip
    for kind, label in (("exam", "证"), ("undertaking", "诺"), ("equipment", "物")):
        grids.enter_evidence(acting_user=None, member=member, kind=kind, number=f"德{label}字第{number:04d}号",
                             issued_on=clock.today(), expires_on=clock.today() + timedelta(days=365))  # fmt: skip
    for grid in mine:
        grids.post_member(acting_user=None, member=member, grid=grid)
        staff.members[grid.id] = user
    user.forget_holdings()


def contact_of(rng: random.Random, staff: Staff, site: Any) -> Any:
    """Open the account of one site's contact."""
    label = f"监管对象联系人（{site.name}）"
    staff.contacts[site.id] = _account(rng, staff, "site", "site_contact", label, place=site.town, site_id=site.id)
    return staff.contacts[site.id]


def contact_at(rng: random.Random, staff: Staff, site: Any) -> Any:
    """Return who answers for a site; the account is opened when the site first has something to answer."""
    if site.id not in staff.contacts:
        username = f"site-{len(staff.contacts):03d}"
        staff.contacts[site.id] = _person(rng, username, "site_contact", place=site.town, site_id=site.id)
    return staff.contacts[site.id]


def photo_of(staff: Staff, user: Any) -> UUID:
    """Return the picture that a user gives wherever one is asked for; uploaded on first use."""
    if user.id not in staff.photos:
        shade = len(staff.photos) * 37 % 160
        picture = Image.new("RGB", (480, 360), (200 - shade, 120 + shade // 2, 90 + shade))
        pen = ImageDraw.Draw(picture)
        pen.rectangle((40, 200, 440, 330), fill=(80, 80, 90))
        pen.polygon(((40, 200), (240, 90), (440, 200)), fill=(150, 60 + shade, 50))
        pen.text((170, 20), "DEMONSTRATION", fill="white")
        out = BytesIO()
        picture.save(out, "JPEG")
        stored = files.store(acting_user=user, county=COUNTY, data=out.getvalue(), name="现场照片.jpg")
        staff.photos[user.id] = stored.id
    return staff.photos[user.id]
