"""When one is where: the times of a route whose order is given."""

from __future__ import annotations

from collections.abc import Sequence

from routeplan.kernel import first_begin, last_begin
from routeplan.problem import Call, Route
from routeplan.tables import Tables


class Impossible(ValueError):
    """No timetable keeps windows and hours in this order; ``visit`` is the first that cannot be reached in time (−1: the end)."""

    def __init__(self, visit: int) -> None:
        super().__init__(f"visit {visit} cannot be reached in time")
        self.visit = visit


def timetable(tables: Tables, shift: int, order: Sequence[int]) -> Route:
    """Return the times of the visits (indices) in this order: home as early as possible, and from there on no waiting that a
    later departure saves. Raises ``Impossible``."""
    first, last = (len(tables.visits) + 2 * shift + side for side in (0, 1))
    begins, ends = (int(at) for at in tables.hours[shift])
    if not order:
        return Route((), begins / 60, begins / 60, 0.0, 0.0, 0.0)
    earliest = _forward(tables, shift, order, begins)
    home = earliest[-1][1] + int(tables.travel[order[-1], last])
    if home > ends:
        raise Impossible(-1)
    bound, at = home, last
    for visit in reversed(order):
        bound = int(last_begin(tables.windows, visit, shift, bound - tables.travel[visit, at] - tables.service[visit]))
        at = visit
    departs = bound - int(tables.travel[first, order[0]])
    times = _forward(tables, shift, order, departs)
    calls, at, now, travel, waiting = [], first, departs, 0, 0
    for visit, (begin, leave) in zip(order, times, strict=True):
        step = int(tables.travel[at, visit])
        arrives = now + step
        travel, waiting = travel + step, waiting + begin - arrives
        calls.append(Call(tables.visits[visit].key, visit, arrives / 60, begin / 60, leave / 60))
        at, now = visit, leave
    travel += int(tables.travel[at, last])
    service = int(tables.service[list(order)].sum())
    return Route(tuple(calls), departs / 60, home / 60, travel / 60, waiting / 60, service / 60)


def _forward(tables: Tables, shift: int, order: Sequence[int], departs: int) -> list[tuple[int, int]]:
    """Return when each visit begins and is left at the earliest."""
    at, now, found = len(tables.visits) + 2 * shift, departs, []
    for visit in order:
        begin = int(first_begin(tables.windows, visit, shift, now + tables.travel[at, visit]))
        if begin < 0:
            raise Impossible(visit)
        at, now = visit, begin + int(tables.service[visit])
        found.append((begin, now))
    return found
