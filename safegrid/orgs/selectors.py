"""Reading the bodies of a county."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from safegrid.foundation import clock
from safegrid.foundation.cache import CountyCache
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.orgs import access
from safegrid.orgs.models import Committee, Department, DepartmentLevel, DepartmentRole, NamedOfficer, Station

Row = TypeVar("Row", bound=Model)


def _load(county: int) -> dict[UUID, Department]:
    return {row.pk: row for row in Department.objects.filter(county=county).order_by("code")}


DEPARTMENTS = CountyCache("orgs", _load)  # each verb of a case asks for them several times


def department(county: int, department_id: UUID) -> Department:
    """Return one department whoever asks; raise ``NotVisible`` when the county has none of that id."""
    found = DEPARTMENTS.get(county).get(department_id)
    found = copy(found) if found else Department.objects.filter(county=county, pk=department_id).first()
    if found is None:
        raise NotVisible("没有这个部门")
    return found


def departments(county: int, active: bool = True) -> list[Department]:
    """Return the departments of a county by code; with ``active=False`` the closed ones, too."""
    return [copy(row) for row in DEPARTMENTS.get(county).values() if row.is_active or not active]


def lead_department(county: int) -> Department | None:
    """Return the department that leads grid work in the county (牵头部门)."""
    return next((row for row in departments(county) if row.role == DepartmentRole.LEAD), None)


def by_code(county: int, code: str) -> Department | None:
    return next((row for row in departments(county, active=False) if row.code == code), None)


def names_of(county: int, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of departments by id; unknown ids are left out."""
    known = DEPARTMENTS.get(county)
    return {one: known[one].name for one in ids if one is not None and one in known}


def stations(county: int) -> list[Station]:
    """Return the town stations of a county by town."""
    return list(Station.objects.filter(county=county).order_by("town"))


def station_of(county: int, town: str) -> Station | None:
    return Station.objects.filter(county=county, town=town).first()


def committees(county: int) -> list[Committee]:
    """Return the village committees of a county by village."""
    return list(Committee.objects.filter(county=county).order_by("village"))


def officers_of(county: int, department_id: UUID, on: date | None = None) -> list[NamedOfficer]:
    """Return the officers a department has named for a day, today by default."""
    day = on or clock.today()
    found = NamedOfficer.objects.filter(county=county, department_id=department_id, valid_from__lte=day)
    return list(found.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day)).order_by("valid_from", "id"))


def choices(county: int) -> list[tuple[str, str]]:
    """Return (id, name) of the active departments of a county, for forms."""
    return [(str(one.pk), one.name) for one in departments(county)]


def levels() -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in DepartmentLevel.choices]


def roles() -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in DepartmentRole.choices]


def department_for(user: Actor, county: int, department_id: UUID) -> Department:
    """Return one department in the user's scope; raise ``NotVisible``."""
    return _one(access.visible(user), county, department_id)


def station_for(user: Actor, county: int, station_id: UUID) -> Station:
    """Return one station in the user's scope; raise ``NotVisible``."""
    return _one(access.visible_stations(user), county, station_id)


def committee_for(user: Actor, county: int, committee_id: UUID) -> Committee:
    """Return one committee in the user's scope; raise ``NotVisible``."""
    return _one(access.visible_committees(user), county, committee_id)


def officer_for(user: Actor, county: int, officer_id: UUID) -> NamedOfficer:
    """Return one named officer in the user's scope; raise ``NotVisible``."""
    return _one(access.visible_officers(user).select_related("department"), county, officer_id)


def _one(rows: QuerySet[Row], county: int, row_id: UUID) -> Row:
    found = rows.filter(county=county, pk=row_id).first()
    if found is None:
        raise NotVisible
    return found
