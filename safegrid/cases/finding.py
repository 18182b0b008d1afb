"""Narrowing lists of cases, the same for pages and API. Every function takes and returns a queryset of visible cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from safegrid.cases import said, selectors
from safegrid.cases.models import Case
from safegrid.cases.workflow import OPEN
from safegrid.foundation.scope import Actor
from safegrid.handbook import selectors as handbook

Cases = QuerySet[Case]
LATEST = ("-reported_at", "-id")
MOST_URGENT = ("due_at", "id")
QUEUES: Mapping[str, str] = {"my_turn": "轮到我办理", "near_limit": "临近时限", "overdue": "已超时限"}
TIMINGS: Mapping[str, tuple[str, ...]] = {
    "near": ("near",), "overdue": ("overdue", "badly_overdue"), "badly_overdue": ("badly_overdue",),
}  # fmt: skip
NUMBER = re.compile(r"\d{6}-\d{6}-\w+")


def order_of(queue: str) -> tuple[str, str]:
    """Return the order of a list: the most urgent first in a queue, the latest first elsewhere."""
    return MOST_URGENT if queue in QUEUES else LATEST


def in_queue(rows: Cases, user: Actor, queue: str) -> Cases:
    """Narrow to what ``selectors`` calls by the same name: my_turn, near_limit, overdue."""
    conditions: dict[str, Callable[[], Q]] = {
        "my_turn": lambda: selectors.turn_of(user),
        "near_limit": lambda: selectors.NEAR_LIMIT,
        "overdue": lambda: selectors.OVERDUE,
    }
    return rows.filter(conditions[queue]())


def of_kind(rows: Cases, county: int, code: str) -> Cases:
    """Narrow to a hazard kind with everything below it in the catalogue."""
    below = [kind.code for kind in handbook.hazard_kinds(county, active=False)
             if code in handbook.ancestors(county, kind.code)]  # fmt: skip
    return rows.filter(kind__in=below)


def of_nature(rows: Cases, nature: str) -> Cases:
    return rows.filter(is_accident=True) if nature == "accident" else rows.filter(nature=nature)


def timed(rows: Cases, timing: str) -> Cases:
    """Narrow to the open cases whose present stage is near, over or badly over its limit."""
    return rows.filter(state__in=OPEN, timing__in=TIMINGS[timing])


def saying(rows: Cases, words: str, county: int | None) -> Cases:
    """Narrow to one number, or to what has ``words`` in its report, its place or the name of its site (``said.saying``)."""
    words = words.strip()
    if NUMBER.fullmatch(words):
        return rows.filter(number=words.upper())
    return said.saying(rows, words, county)


def narrowed(rows: Cases, user: Actor, county: int, given: Mapping[str, Any]) -> Cases:
    """Narrow by the parameters of the API's list; what is None or "" does not count.

    Columns by their names (``department_id``, ``site_id``, ``town`` …), ``since``/``until`` (aware moments of report), ``queue``,
    ``kind``, ``nature``, ``timing``, ``words``, ``is_supervised``, ``is_listed_major``.
    """
    special: dict[str, Callable[[Cases, Any], Cases]] = {
        "queue": lambda found, value: in_queue(found, user, value),
        "kind": lambda found, value: of_kind(found, county, value),
        "nature": of_nature,
        "timing": timed,
        "words": lambda found, value: saying(found, value, county),
        "since": lambda found, value: found.filter(reported_at__gte=value),
        "until": lambda found, value: found.filter(reported_at__lt=value),
    }
    for name, value in given.items():
        if value in (None, ""):
            continue
        rows = special[name](rows, value) if name in special else rows.filter(**{name: value})
    return rows


def by_number(user: Actor, county: int, number: str) -> UUID | None:
    """Return the id of the visible case with a number; None where there is none."""
    rows = selectors.cases(user, county).filter(number=number.strip().upper())
    return rows.values_list("id", flat=True).first()
