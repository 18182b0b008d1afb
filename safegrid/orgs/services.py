"""Keeping the bodies of a county."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, NotVisible, Refused
from safegrid.foundation.scope import Actor
from safegrid.orgs.access import require
from safegrid.orgs.models import Committee, Department, DepartmentLevel, DepartmentRole, NamedOfficer, Station
from safegrid.orgs.selectors import DEPARTMENTS, department

CHANGEABLE = ("name", "role", "duty_phone")


@transaction.atomic
def open_department(*, acting_user: Actor | None, county: int, code: str, name: str,
                    level: str = DepartmentLevel.COUNTY, role: str = DepartmentRole.COOPERATING, town: str = "",
                    duty_phone: str = "") -> Department:  # fmt: skip
    """Add a department; a second lead department, a doubled code or a town body without its town is refused."""
    require(acting_user, "open_department", county)
    problems = _problems(county, name=name, role=role)
    if not code.strip() or any(d.code == code for d in DEPARTMENTS.get(county).values()):
        problems["code"] = "编码不能为空，也不能重复"
    if level not in DepartmentLevel.values:
        problems["level"] = "请选择层级"
    if (level == DepartmentLevel.TOWN) != bool(town) or (town and not town.startswith(str(county))):
        problems["town"] = "乡镇机构须指定本县的乡镇，其他机构不填"
    if problems:
        raise InvalidInput(problems)
    made = Department(county=county, code=code.strip(), name=name.strip(), level=level, role=role, town=town,
                      duty_phone=duty_phone)  # fmt: skip
    made.save(force_insert=True)
    trace.record(acting_user=acting_user, action="orgs.open_department", target=made,
                 changes={"code": code, "name": name, "level": level, "role": role, "town": town})  # fmt: skip
    DEPARTMENTS.changed(county)
    return made


def _problems(county: int, *, name: str, role: str, but: UUID | None = None) -> dict[str, str]:
    problems = {}
    if not name.strip():
        problems["name"] = "请填写名称"
    if role not in DepartmentRole.values:
        problems["role"] = "请选择牵头或配合"
    leads = [
        d for d in DEPARTMENTS.get(county).values() if d.role == DepartmentRole.LEAD and d.is_active and d.id != but
    ]
    if role == DepartmentRole.LEAD and leads:
        problems["role"] = f"牵头部门只能有一个，现为{leads[0].name}"
    return problems


@transaction.atomic
def change_department(*, acting_user: Actor | None, department: Department, values: dict[str, Any]) -> Department:
    """Change name, role or duty phone of a department."""
    county = department.county
    require(acting_user, "change_department", county)
    new = {name: values[name] for name in CHANGEABLE if name in values and values[name] != getattr(department, name)}
    problems = _problems(county, name=new.get("name", department.name), role=new.get("role", department.role),
                         but=department.id)  # fmt: skip
    if problems:
        raise InvalidInput(problems)
    if new:
        changes = {name: [getattr(department, name), value] for name, value in new.items()}
        Department.objects.filter(county=county, id=department.id).update(**new)
        trace.record(acting_user=acting_user, action="orgs.change_department", target=department, changes=changes)
        DEPARTMENTS.changed(county)
    return Department.objects.get(county=county, id=department.id)


@transaction.atomic
def close_department(*, acting_user: Actor | None, department: Department, reason: str) -> Department:
    """Close a department: it gets no new rules or cases; what it has stays its own until handed over."""
    county = department.county
    require(acting_user, "close_department", county)
    if not reason.strip():
        raise InvalidInput({"reason": "请填写撤并原因"})
    if department.role == DepartmentRole.LEAD:
        raise Refused("牵头部门不能直接撤销，请先指定新的牵头部门")
    if not Department.objects.filter(county=county, id=department.id, is_active=True).update(is_active=False):
        raise Refused("该部门已经撤销")
    trace.record(acting_user=acting_user, action="orgs.close_department", target=department,
                 changes={"is_active": [True, False], "reason": reason})  # fmt: skip
    DEPARTMENTS.changed(county)
    return Department.objects.get(county=county, id=department.id)


@transaction.atomic
def open_station(*, acting_user: Actor | None, county: int, town: str, name: str, duty_phone: str = "") -> Station:
    """Add the station of a town; a town has one."""
    require(acting_user, "open_station", county)
    station = Station(county=county, town=town, name=name.strip(), duty_phone=duty_phone)
    _insert_once(station, place=town, digits=9, message="该乡镇已有安监站")
    trace.record(
        acting_user=acting_user, action="orgs.open_station", target=station, changes={"town": town, "name": name}
    )
    return station


@transaction.atomic
def open_committee(
    *, acting_user: Actor | None, county: int, village: str, name: str, duty_phone: str = ""
) -> Committee:
    """Add the committee of a village or community; each has one."""
    require(acting_user, "open_committee", county)
    committee = Committee(county=county, village=village, name=name.strip(), duty_phone=duty_phone)
    _insert_once(committee, place=village, digits=12, message="该村（社区）已有村（居）委会")
    trace.record(acting_user=acting_user, action="orgs.open_committee", target=committee,
                 changes={"village": village, "name": name})  # fmt: skip
    return committee


def _insert_once(body: Station | Committee, *, place: str, digits: int, message: str) -> None:
    if not body.name:
        raise InvalidInput({"name": "请填写名称"})
    if len(place) != digits or not place.startswith(str(body.county)):
        raise InvalidInput({"place": f"请填写本县的 {digits} 位区划代码"})
    try:
        with transaction.atomic():
            body.save(force_insert=True)
    except IntegrityError:
        raise Refused(message) from None


@transaction.atomic
def name_officer(*, acting_user: Actor | None, county: int, department_id: UUID, name: str, title: str = "",
                 phone: str = "", user_id: UUID | None = None, valid_from: date | None = None) -> NamedOfficer:  # fmt: skip
    """Name the person of a department who takes part in grid work (guidance 二(三)3(1) 确定专人)."""
    require(acting_user, "name_officer", county)
    if not name.strip():
        raise InvalidInput({"name": "请填写姓名"})
    body = department(county, department_id)
    officer = NamedOfficer(county=county, department=body, user_id=user_id, name=name.strip(), title=title, phone=phone,
                           valid_from=valid_from or clock.today())  # fmt: skip
    officer.save(force_insert=True)
    trace.record(acting_user=acting_user, action="orgs.name_officer", target=officer,
                 changes={"department": body.name, "name": name, "title": title})  # fmt: skip
    return officer


@transaction.atomic
def end_officer(*, acting_user: Actor | None, county: int, officer_id: UUID, valid_to: date | None = None) -> None:
    """End a named officer's period, today unless said otherwise."""
    require(acting_user, "end_officer", county)
    last = valid_to or clock.today()
    officer = NamedOfficer.objects.filter(county=county, id=officer_id).first()
    if officer is None:
        raise NotVisible
    if last < officer.valid_from:
        raise InvalidInput({"valid_to": "结束日期不能早于开始日期"})
    NamedOfficer.objects.filter(county=county, id=officer_id).update(valid_to=last)
    trace.record(acting_user=acting_user, action="orgs.end_officer", target=officer,
                 changes={"valid_to": [officer.valid_to, last]})  # fmt: skip
