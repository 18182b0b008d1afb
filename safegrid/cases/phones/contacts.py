"""Whom a member or a committee calls: the accident desk, the station, the committee, departments, officers of the own grids.

Numbers of offices and of the desk are given; an official's own phone is masked, as on pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from safegrid.accounts import selectors as accounts
from safegrid.cases import duty_desk
from safegrid.foundation.crypto import mask_mobile
from safegrid.foundation.scope import Actor, held
from safegrid.grids import selectors as grids
from safegrid.orgs import access as orgs

DESK, STATION, COMMITTEE, LEAD = "事故值班", "乡镇安监站", "村（居）委会", "牵头部门"
DEPARTMENT, OFFICER = "部门", "网格负责人"


def rows(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``contacts``, in the order of the list; nothing where the user sees no directory."""
    own = grids.own_grids(user, county) if held(user, "grid_member") else []
    towns, villages = _places(user, county, [grid for grid, _ in own])
    departments = list(orgs.visible(user).filter(county=county, is_active=True).order_by("code"))
    found = _desk(county) if departments else []
    stations = orgs.visible_stations(user).filter(county=county, town__in=towns).order_by("town")
    found += [_row(f"station:{one.pk}", STATION, one.name, "", one.duty_phone) for one in stations]
    committees = orgs.visible_committees(user).filter(county=county, village__in=villages).order_by("village")
    found += [_row(f"committee:{one.pk}", COMMITTEE, one.name, "", one.duty_phone) for one in committees]
    for is_lead, group in ((True, LEAD), (False, DEPARTMENT)):
        found += [_row(f"department:{one.pk}", group, one.name, "", one.duty_phone) for one in departments
                  if (one.role == "lead") is is_lead and one.town in ("", *towns)]  # fmt: skip
    found += _officers(county, own)
    return [(key, {**row, "position": position}) for position, (key, row) in enumerate(found)]


def station(user: Actor, county: int, town: str) -> Any:
    """Return a town's station; None where the user sees none."""
    return orgs.visible_stations(user).filter(county=county, town=town).first()


def _row(key: str, group: str, name: str, title: str, phone: str) -> tuple[str, dict[str, Any]]:
    return key, {"group": group, "name": name, "title": title, "phone": phone}


def _places(user: Actor, county: int, own: list[Any]) -> tuple[set[str], set[str]]:
    """Return the towns and villages that the user works in."""
    places = {holding.place for holding in held(user, "grid_member", "committee") if holding.county == county}
    villages = {place for place in places if len(place) == 12} | {grid.village for grid in own if grid.village}
    towns = {place[:9] for place in places if len(place) >= 9} | {grid.town for grid in own}
    member = grids.member_of(user) if own else None
    return towns | ({member.town} if member is not None else set()), villages


def _desk(county: int) -> list[tuple[str, dict[str, Any]]]:
    """Return who sits at the accident desk now; the shift's phone is the desk's."""
    shifts = duty_desk.on_duty(county)
    names = accounts.names_of([one.user_id for one in shifts]) if shifts else {}
    return [_row(f"duty:{one.pk}", DESK, names.get(one.user_id, "值班人员"), "值班", one.phone) for one in shifts]


def _officers(county: int, own: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    labels = dict(grids.OFFICER_KINDS)
    names = {grid.id: grid.name for grid, _ in own}
    found = grids.officers_of(county, list(names)) if names else []
    return [_row(f"officer:{one.pk}", OFFICER, one.name, f"{names[one.grid_id]}{labels[one.kind]}",
                 mask_mobile(one.phone)) for one in found]  # fmt: skip
