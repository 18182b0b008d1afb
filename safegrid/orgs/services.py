"""The verbs of a county's bodies. Nothing is deleted: a department is closed, an officer's naming ends."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction

from safegrid.foundation import clock, trace
from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.scope import Actor
from safegrid.orgs import access
from safegrid.orgs.models import Committee, Department, DepartmentLevel, DepartmentRole, NamedOfficer, Station
from safegrid.orgs.selectors import DEPARTMENTS

CODE = re.compile(r"[A-Za-z0-9_-]{1,30}")
PHONE = re.compile(r"\+?[0-9][0-9 \-转,，]{2,39}")
DEPARTMENT_FIELDS = frozenset({"name", "level", "role", "town", "duty_phone"})
OFFICER_FIELDS = frozenset({"title", "phone", "valid_to"})
REFUSED = "您的角色不能办理这项操作"


@transaction.atomic
def open_department(
    *,
    acting_user: Actor | None,
    county: int,
    code: str,
    name: str,
    level: str = DepartmentLevel.COUNTY,
    role: str = DepartmentRole.COOPERATING,
    town: str = "",
    duty_phone: str = "",
) -> Department:
    """Open a department of a county; its code is unique there and one department leads. Raises ``InvalidInput``."""
    _keeper(acting_user, "open_department", county, town)
    if not CODE.fullmatch(code or ""):
        raise InvalidInput({"code": "部门代码为 1–30 个字母、数字、下划线或短横线"})
    if Department.objects.filter(county=county, code=code).exists():
        raise InvalidInput({"code": "本县已有这个部门代码"})
    made = Department(county=county, code=code, name=name, level=level, role=role, town=town, duty_phone=duty_phone)
    _check_department(made)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # somebody else opened it at the same moment
        raise InvalidInput({"code": "本县已有这个部门代码"}) from None
    DEPARTMENTS.changed(county)
    told = {"code": code, "name": name, "level": level, "role": role, "town": town}
    trace.record(acting_user=acting_user, action="orgs.open_department", target=made, changes=told)
    return made


@transaction.atomic
def change_department(*, acting_user: Actor | None, department: Department, **values: Any) -> Department:
    """Change the name, level, role, town or duty phone of a department. Raises ``InvalidInput``."""
    _may(acting_user, "change_department", department)
    if unknown := set(values) - DEPARTMENT_FIELDS:
        raise InvalidInput(dict.fromkeys(unknown, "不能修改此项"))
    _change(acting_user, "orgs.change_department", department, values, _check_department)
    DEPARTMENTS.changed(department.county)
    return department


def _check_department(row: Department) -> None:
    wrong: dict[str, str] = {}
    if not row.name.strip() or len(row.name) > 100:
        wrong["name"] = "请填写部门名称，不超过 100 个字"
    if row.level not in DepartmentLevel.values:
        wrong["level"] = "没有这个层级"
    if row.role not in DepartmentRole.values:
        wrong["role"] = "只能是牵头部门或配合部门"
    if (row.level == DepartmentLevel.TOWN) != bool(row.town):
        wrong["town"] = "乡镇部门必须指明乡镇，其他部门不填"
    if row.role == DepartmentRole.LEAD and _other_lead(row):
        wrong["role"] = "本县已有牵头部门，请先把它改为配合部门"
    if wrong:
        raise InvalidInput(wrong)
    _check_code(row.county, row.town, 9, "town")
    _check_phone(row.duty_phone)


def _other_lead(row: Department) -> bool:
    leads = Department.objects.filter(county=row.county, role=DepartmentRole.LEAD, is_active=True)
    return row.is_active and leads.exclude(pk=row.pk).exists()


@transaction.atomic
def close_department(*, acting_user: Actor | None, department: Department, reason: str) -> Department:
    """Close a department to new work; what it has done stays under its name. Its named officers end."""
    _may(acting_user, "close_department", department)
    _need_reason(reason)
    if not department.is_active:
        raise Refused("这个部门已经关闭")
    for officer in NamedOfficer.objects.filter(county=department.county, department=department):
        if officer.valid_to is None or officer.valid_to >= clock.today():
            end_officer(acting_user=None, officer=officer, reason=reason)
    department.is_active = False
    department.save(update_fields=["is_active"])
    DEPARTMENTS.changed(department.county)
    told = {"is_active": [True, False], "reason": reason}
    trace.record(acting_user=acting_user, action="orgs.close_department", target=department, changes=told)
    return department


@transaction.atomic
def reopen_department(*, acting_user: Actor | None, department: Department, reason: str) -> Department:
    """Open a closed department again."""
    _may(acting_user, "reopen_department", department)
    _need_reason(reason)
    if department.is_active:
        raise Refused("这个部门没有关闭")
    department.is_active = True
    _check_department(department)
    department.save(update_fields=["is_active"])
    DEPARTMENTS.changed(department.county)
    told = {"is_active": [False, True], "reason": reason}
    trace.record(acting_user=acting_user, action="orgs.reopen_department", target=department, changes=told)
    return department


@transaction.atomic
def open_station(*, acting_user: Actor | None, county: int, town: str, name: str, duty_phone: str = "") -> Station:
    """Open the work-safety station of a town; a town has one. Raises ``InvalidInput``."""
    _keeper(acting_user, "open_station", county, town)
    _check_body(county, town, 9, "town", name, duty_phone)
    if Station.objects.filter(county=county, town=town).exists():
        raise InvalidInput({"town": "这个乡镇已有安监站"})
    made = Station.objects.create(county=county, town=town, name=name, duty_phone=duty_phone)
    trace.record(acting_user=acting_user, action="orgs.open_station", target=made, changes={"town": town, "name": name})
    return made


@transaction.atomic
def change_station(*, acting_user: Actor | None, station: Station, name: str, duty_phone: str) -> Station:
    """Change a station's name and duty phone."""
    _may(acting_user, "change_station", station)
    values = {"name": name, "duty_phone": duty_phone}
    _change(
        acting_user, "orgs.change_station", station, values,
        lambda row: _check_body(row.county, row.town, 9, "town", row.name, row.duty_phone),
    )  # fmt: skip
    return station


@transaction.atomic
def open_committee(
    *, acting_user: Actor | None, county: int, village: str, name: str, duty_phone: str = ""
) -> Committee:
    """Open a village or residents' committee; a village has one. Raises ``InvalidInput``."""
    _keeper(acting_user, "open_committee", county, village)
    _check_body(county, village, 12, "village", name, duty_phone)
    if Committee.objects.filter(county=county, village=village).exists():
        raise InvalidInput({"village": "这个村（社区）已有村（居）委会"})
    made = Committee.objects.create(county=county, village=village, name=name, duty_phone=duty_phone)
    told = {"village": village, "name": name}
    trace.record(acting_user=acting_user, action="orgs.open_committee", target=made, changes=told)
    return made


@transaction.atomic
def change_committee(*, acting_user: Actor | None, committee: Committee, name: str, duty_phone: str) -> Committee:
    """Change a committee's name and duty phone."""
    _may(acting_user, "change_committee", committee)
    values = {"name": name, "duty_phone": duty_phone}
    _change(
        acting_user, "orgs.change_committee", committee, values,
        lambda row: _check_body(row.county, row.village, 12, "village", row.name, row.duty_phone),
    )  # fmt: skip
    return committee


@transaction.atomic
def name_officer(
    *,
    acting_user: Actor | None,
    department: Department,
    name: str,
    title: str = "",
    phone: str = "",
    user_id: UUID | None = None,
    valid_from: date,
    valid_to: date | None = None,
) -> NamedOfficer:
    """Name the person who answers for grid work in a department, for a period (both days included)."""
    _may(acting_user, "name_officer", department)
    if not department.is_active:
        raise Refused("部门已关闭，不能指定责任人")
    if not name.strip() or len(name) > 60:
        raise InvalidInput({"name": "请填写姓名，不超过 60 个字"})
    if valid_to is not None and valid_to < valid_from:
        raise InvalidInput({"valid_to": "结束日期不能早于开始日期"})
    _check_phone(phone, "phone")
    made = NamedOfficer.objects.create(
        county=department.county, department=department, user_id=user_id, name=name.strip(), title=title[:60],
        phone=phone, valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    told = {"department": department.pk, "name": name, "title": title, "phone": mask_phone(phone),
            "valid_from": valid_from, "valid_to": valid_to}  # fmt: skip
    trace.record(acting_user=acting_user, action="orgs.name_officer", target=made, changes=told)
    return made


@transaction.atomic
def change_officer(*, acting_user: Actor | None, officer: NamedOfficer, **values: Any) -> NamedOfficer:
    """Correct the title, the phone or the last day of a naming; who is named, and since when, stays as it is."""
    _may(acting_user, "name_officer", officer)
    if unknown := set(values) - OFFICER_FIELDS:
        raise InvalidInput(dict.fromkeys(unknown, "不能修改此项"))
    before = {name: getattr(officer, name) for name in values}
    for name, value in values.items():
        setattr(officer, name, value)
    if len(officer.title) > 60:
        raise InvalidInput({"title": "职务不超过 60 个字"})
    if officer.valid_to is not None and officer.valid_to < officer.valid_from:
        raise InvalidInput({"valid_to": "结束日期不能早于开始日期"})
    _check_phone(officer.phone, "phone")
    told = {name: [before[name], after] for name, after in values.items() if before[name] != after}
    if told:
        officer.save(update_fields=list(told))
        if "phone" in told:  # the trace is read by more people than may read a number in full
            told["phone"] = [mask_phone(number) for number in told["phone"]]
        trace.record(acting_user=acting_user, action="orgs.change_officer", target=officer, changes=told)
    return officer


@transaction.atomic
def end_officer(
    *, acting_user: Actor | None, officer: NamedOfficer, on: date | None = None, reason: str = ""
) -> NamedOfficer:
    """End a naming: ``on`` is the first day without it, today by default."""
    _may(acting_user, "end_officer", officer)
    last = (on or clock.today()) - timedelta(days=1)
    if officer.valid_to is not None and officer.valid_to <= last:
        return officer
    before, officer.valid_to = officer.valid_to, last
    officer.save(update_fields=["valid_to"])
    told = {"valid_to": [before, last], "reason": reason}
    trace.record(acting_user=acting_user, action="orgs.end_officer", target=officer, changes=told)
    return officer


@transaction.atomic
def unmask_officer(*, acting_user: Actor | None, officer: NamedOfficer, reason: str) -> str:
    """Return a named officer's full phone number, for a reason that stays in the trace."""
    _may(acting_user, "unmask_officer", officer)
    _need_reason(reason)
    told = {"field": "phone", "reason": reason}
    trace.record(acting_user=acting_user, action="orgs.unmask_officer", target=officer, changes=told)
    return officer.phone


def _change(acting_user: Actor | None, action: str, row: Any, values: dict[str, Any], check: Any) -> None:
    changes = {name: [getattr(row, name), after] for name, after in values.items() if getattr(row, name) != after}
    for name, after in values.items():
        setattr(row, name, after)
    check(row)
    if changes:
        row.save(update_fields=list(changes))
        trace.record(acting_user=acting_user, action=action, target=row, changes=changes)


def _keeper(acting_user: Actor | None, verb: str, county: int, place: str) -> None:
    if acting_user is not None and not access.keeps(acting_user, verb, county, place):
        raise NotPermitted(REFUSED)


def _may(acting_user: Actor | None, verb: str, row: models.Model) -> None:
    if acting_user is not None and not access.can(acting_user, verb, row):
        raise NotPermitted(REFUSED)


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidInput({"reason": "请填写原因"})


def _check_body(county: int, code: str, digits: int, field: str, name: str, phone: str) -> None:
    if not name.strip() or len(name) > 100:
        raise InvalidInput({"name": "请填写名称，不超过 100 个字"})
    if not code:
        raise InvalidInput({field: f"请填写 {digits} 位行政区划代码"})
    _check_code(county, code, digits, field)
    _check_phone(phone)


def _check_code(county: int, code: str, digits: int, field: str) -> None:
    if code and not (len(code) == digits and code.isascii() and code.isdigit() and code.startswith(str(county))):
        raise InvalidInput({field: f"应为本县 {digits} 位行政区划代码"})


def _check_phone(phone: str, field: str = "duty_phone") -> None:
    if phone and not PHONE.fullmatch(phone):
        raise InvalidInput({field: "电话号码不正确"})
