"""The feeds that belong to no context: who one is, and the tasks of all contexts in one list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from safegrid.foundation.fieldwork import Feed
from safegrid.foundation.scope import Actor, held
from safegrid.grids.selectors import member_of
from safegrid.regions import selectors as regions


def me(user: Actor, county: int) -> dict[str, Any]:
    """Return who signs in, as the app shows it: name, roles in force in the county, the member's own row, the village."""
    holdings = [holding for holding in user.holdings() if holding.county == county]
    villages = [holding.place for holding in held(user, "committee") if holding.county == county]
    return {
        "id": str(user.id),
        "name": user.label,
        "username": getattr(user, "username", ""),
        "roles": sorted({holding.kind for holding in holdings}),
        "county": county,
        "county_name": regions.name_of(str(county)),
        "member": _member(user, county),
        "village": villages[0] if villages else "",
    }


def _member(user: Actor, county: int) -> dict[str, Any] | None:
    member = member_of(user)
    if member is None or member.county != county:
        return None
    return {
        "id": str(member.id),
        "code": member.code,
        "name": member.name,
        "is_full_time": member.is_full_time,
        "employer": member.employer,
        "town": member.town,
        "town_name": regions.name_of(member.town),
    }


def _me(user: Actor, county: int) -> Iterator[tuple[str, dict[str, Any]]]:
    yield str(user.id), me(user, county)


def _tasks(user: Actor, county: int) -> Iterator[tuple[str, dict[str, Any]]]:
    from safegrid.field.assembly import offer

    for kind in offer().kinds.values():
        for task in kind.rows(user, county):
            yield (
                f"{kind.kind}:{task.id}",
                {
                    "kind": kind.kind,
                    "kind_label": str(kind.label),
                    "title": task.title,
                    "words": task.words,
                    "site_id": task.site_id,
                    "longitude": task.longitude,
                    "latitude": task.latitude,
                    "due_at": task.due_at,
                    "on": task.on,
                    "is_mandatory": task.is_mandatory,
                    "urgency": task.urgency,
                    "data": dict(task.data),
                },
            )


FEEDS = (Feed("me", _me), Feed("tasks", _tasks))
