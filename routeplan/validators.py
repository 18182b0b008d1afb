"""Whether a result keeps its promises, told by what is violated; independent of the search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from routeplan.problem import Day, Result, Route, Shift, Visit, Week
from routeplan.tables import Tables, of_day, of_week

SLACK = 1e-6  # minutes


@dataclass(frozen=True)
class Violation:
    """A promise that is not kept: by which visits, and how."""

    code: str
    keys: tuple[Hashable, ...]
    text: str


def validate(problem: Day | Week, result: Result) -> list[Violation]:
    """Return what is wrong with a result: visits missing or twice, outside their hours or days, overtime, wrong times."""
    tables = of_day(problem) if isinstance(problem, Day) else of_week(problem)
    found = _of_visits(tables.visits, result)
    for number, (shift, route) in enumerate(zip(tables.shifts, result.routes, strict=True)):
        found += _of_hours(shift, route)
        for call in route.calls:
            found += _of_call(tables.visits[call.index], shift, call.begins, call.leaves)
        found += _of_ways(tables, number, route)
    if isinstance(problem, Week):
        dates = list(problem.shifts)
        for day, route in zip(dates, result.routes, strict=True):
            wrong = [call.key for call in route.calls
                     if not problem.wanted[call.index].earliest <= day <= problem.wanted[call.index].latest]  # fmt: skip
            found += _violation("wrong_day", wrong, f"{day} 不在可去的日期内")
    return found


def _violation(code: str, keys: Sequence[Hashable], text: str) -> list[Violation]:
    return [Violation(code, tuple(keys), text)] if keys else []


def _of_visits(visits: Sequence[Visit], result: Result) -> list[Violation]:
    times = Counter(call.key for route in result.routes for call in route.calls)
    times.update(result.left_out)
    known = {visit.key: visit for visit in visits}
    missed = [key for key in result.left_out if key in known and known[key].is_mandatory]
    return [
        *_violation("not_once", [key for key in known if times[key] != 1], "对象未排或重复排"),
        *_violation("unknown", [key for key in times if key not in known], "排了不在名单中的对象"),
        *_violation("mandatory_left_out", missed, "必去对象未排上"),
    ]


def _of_hours(shift: Shift, route: Route) -> list[Violation]:
    if route.departs >= shift.begins - SLACK and route.returns <= shift.ends + SLACK:
        return []
    return [Violation("overtime", (), f"{route.departs:.0f}–{route.returns:.0f} 分超出工作时间")]


def _of_call(visit: Visit, shift: Shift, begins: float, leaves: float) -> list[Violation]:
    found = []
    if leaves - begins < visit.minutes - SLACK:
        found.append(Violation("too_short", (visit.key,), "停留时间不足"))
    if visit.windows and not any(a - SLACK <= begins and leaves <= b + SLACK for a, b in visit.windows):
        found.append(Violation("closed", (visit.key,), "不在开门时间内"))
    if any(begins < b - SLACK and leaves > a + SLACK for a, b in shift.breaks):
        found.append(Violation("in_break", (visit.key,), "占用了休息时间"))
    return found


def _of_ways(tables: Tables, shift: int, route: Route) -> list[Violation]:
    """Every way takes its time, and one neither begins nor leaves before one arrives."""
    first, last = (len(tables.visits) + 2 * shift + side for side in (0, 1))
    at, now, late = first, route.departs, []
    for call in route.calls:
        if call.arrives < now + tables.travel[at, call.index] / 60 - SLACK or call.begins < call.arrives - SLACK:
            late.append(call.key)
        at, now = call.index, call.leaves
    if route.calls and route.returns < now + tables.travel[at, last] / 60 - SLACK:
        late.append(route.calls[-1].key)
    return _violation("too_fast", late, "路程时间不足")
