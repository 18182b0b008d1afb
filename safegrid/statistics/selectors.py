"""Every figure that pages, workbooks and the API show comes from here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from safegrid.cases.facts import PRESENT
from safegrid.cases.indices import CONDITIONS, cases_of_days, marked
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor, Holding, place_q
from safegrid.statistics import access
from safegrid.statistics.gathering import site_conditions, sites
from safegrid.statistics.reading import Period
from safegrid.statistics.sheets import Asked, Sheet, cases, places

WHY = "figures of a city, a province or the nation add up many counties"
SHEETS: dict[str, Callable[[Asked], Sheet]] = {
    "headline": cases.headline,
    "indices": cases.indices,
    "trend": cases.trend,
    "closing": cases.closing,
    "pressing": cases.pressing,
    "kinds": cases.kinds,
    "severities": cases.severities,
    "channels": cases.channels,
    "heat": cases.heat,
    "departments": cases.departments,
    "comparison": cases.comparison,
    "uncovered": places.uncovered,
    "coverage": places.coverage,
    "risk": places.risk,
    "risk_by_place": places.risk_by_place,
    "members": places.members,
    "villages": places.villages,
}
BY_SHEET = {"kinds": "kind", "severities": "severity", "channels": "channel", "departments": "department"}
GROUPS = {"kind": "kind", "severity": "severity", "channel": "channel", "department": "department_id", "grid": "grid_id",
          "member": "reporter_id"}  # fmt: skip
MEASURES = {**CONDITIONS, **{name: PRESENT[name] for name in ("open_now", "near_now", "accidents", "major")}}
LONGEST = 3660  # days of a period


def asked(
    user: Actor,
    place: str | None = None,
    since: date | None = None,
    until: date | None = None,
    *,
    excused: bool = False,
) -> Asked:
    """Return the question, checked: the place (by default the user's widest), the period (the first of last month to today).

    Raises ``NotPermitted``, ``NotVisible`` (``access.place_for``), ``InvalidInput`` for a period that makes no sense.
    """
    found = access.place_for(user, place)
    until = until or clock.today()
    since = since or first_of_last_month(until)
    if since > until:
        raise InvalidInput({"since": "开始日期晚于结束日期"})
    if (until - since).days > LONGEST or not 1900 < since.year <= until.year < 2200:
        raise InvalidInput({"since": "时段最长十年"})
    return Asked(user, found, Period(since, until), excused)


def first_of_last_month(day: date) -> date:
    return Period(day.replace(day=1), day).a_month_before().since


def sheets(question: Asked, *names: str) -> dict[str, Sheet]:
    """Return some sheets of a question by name; what they share is read once. Raises ``NotVisible`` for an unknown name."""
    unknown = [name for name in names if name not in SHEETS]
    if unknown:
        raise NotVisible(f"没有名为“{unknown[0]}”的统计表")
    with nullcontext() if question.county is not None else cross_county(WHY):
        question.load_groups(BY_SHEET[name] for name in names if name in BY_SHEET)  # with one statement
        return {name: SHEETS[name](question) for name in names}


def as_of(question: Asked) -> datetime | None:
    """Return the moment for which the figures hold; None where nothing was summed yet."""
    with cross_county(WHY):
        return question.keeping[0]


def case_rows(question: Asked, measure: str, by: str = "", key: str = "") -> QuerySet[Any]:
    """Return the cases that a figure counts, in a county or below: exactly those, as the rows stand now.

    Raises ``NotVisible`` for figures that count no cases, and above counties.
    """
    county = question.county
    if county is None or measure not in MEASURES or (by and by not in GROUPS):
        raise NotVisible("这个数字没有对应的案件清单")
    rows = cases_of_days(question.user, county, question.period.since, question.period.until)
    rows = rows.filter(place_q(Holding("", question.place)))
    if by:
        rows = rows.filter(**{GROUPS[by]: _key(by, key)})
        rows = rows.filter(reporter_role="grid_member") if by == "member" else rows
    return marked(rows, county, clock.now(), question.excused).filter(MEASURES[measure])


def _key(by: str, key: str) -> Any:
    if by not in ("department", "grid", "member"):
        return key
    from uuid import UUID

    try:
        return UUID(key) if key else None
    except ValueError as error:
        raise NotVisible("没有这一项") from error


def site_rows(question: Asked, measure: str) -> QuerySet[Any]:
    """Return the sites that a figure of coverage or risk counts, in a county or below.

    Raises ``NotVisible`` for figures that count no sites, and above counties.
    """
    county = question.county
    conditions = site_conditions(county, clock.today()) if county is not None else {}
    if county is None or measure not in conditions:
        raise NotVisible("这个数字没有对应的监管对象清单")
    inside = place_q(Holding("", question.place))
    return sites(county, question.user).filter(inside & conditions[measure] if conditions[measure] else inside)


def desk_figures(user: Actor) -> list[tuple[str, int, str]]:
    """Return (label, number, place) for the desk of those who work above counties: what is open, near and over its limit there.

    Counts are those of the sheet ``pressing``. Nothing for everybody else.
    """
    found = []
    for place in access.places(user):
        if len(place) < 6:
            question = Asked(user, place, Period(clock.today(), clock.today()))
            with cross_county(WHY):
                now = question.ever
            found += [("未结案件", now["open_now"], place), ("临近时限", now["near_now"], place),
                      ("已超时限", now["over_now"] + now["badly_over_now"], place)]  # fmt: skip
    return found
