"""Reading the bodies of a county; departments are few and asked for often, so they are kept in memory."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from safegrid.foundation.cache import CountyCache
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.orgs.access import visible
from safegrid.orgs.models import Committee, Department, DepartmentRole, NamedOfficer, Station

DEPARTMENTS: CountyCache[dict[UUID, Department]] = CountyCache(
    "departments", lambda county: {d.id: d for d in Department.objects.filter(county=county).order_by("code")}
)


def department(county: int, department_id: UUID) -> Department:
    """Return a department of the county; raise ``NotVisible`` when there is none."""
    found = DEPARTMENTS.get(county).get(department_id)
    if found is None:
        raise NotVisible("没有这个部门")
    return found


def department_for(user: Actor, county: int, department_id: UUID) -> Department:
    """Return a department the user may see; raise ``NotVisible`` otherwise."""
    found: Department | None = visible(user).filter(county=county, id=department_id).first()
    if found is None:
        raise NotVisible
    return found


def departments(county: int, *, active: bool = True) -> list[Department]:
    """Return the county's departments by code."""
    return [d for d in DEPARTMENTS.get(county).values() if d.is_active or not active]


def lead_department(county: int) -> Department | None:
    """Return the department that the county's scheme names as lead (牵头部门)."""
    return next((d for d in departments(county) if d.role == DepartmentRole.LEAD), None)


def by_code(county: int, code: str) -> Department | None:
    return next((d for d in departments(county, active=False) if d.code == code), None)


def names_of(county: int, department_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of departments by id; unknown ids are left out."""
    known = DEPARTMENTS.get(county)
    return {one: known[one].name for one in department_ids if one in known}


def stations(county: int) -> list[Station]:
    return list(Station.objects.filter(county=county).order_by("town"))


def committees(county: int) -> list[Committee]:
    return list(Committee.objects.filter(county=county).order_by("village"))


def named_officers(county: int, department_id: UUID) -> list[NamedOfficer]:
    """Return the officers a department has named, the present ones first."""
    return list(NamedOfficer.objects.filter(county=county, department_id=department_id).order_by("-valid_from", "name"))
