"""Everything that makes a plan impossible, named before the search: wrong numbers, closed sites, too much for the hours."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import minimum_spanning_tree

from routeplan.problem import Day, Finding, InvalidProblem, Visit, Week
from routeplan.tables import MUST, Tables, of_day, of_week

Indices = npt.NDArray[np.integer]


def findings(problem: Day | Week) -> list[Finding]:
    """Return what stands against planning, in the order users should put it right."""
    return _findings(of_day(problem) if isinstance(problem, Day) else of_week(problem))


def check(tables: Tables) -> None:
    """Raise ``InvalidProblem`` with the blocking findings."""
    found = [one for one in _findings(tables) if one.blocking]
    if found:
        raise InvalidProblem(found)


def _findings(tables: Tables) -> list[Finding]:
    found = [*_of_numbers(tables), *_of_shifts(tables)]
    if found:
        return found  # what follows would only repeat them
    closed = _closed(tables)
    found = [*_of_closed(tables, closed)]
    if not any(one.blocking for one in found):
        found += [*_of_pairs(tables, closed), *_of_hours(tables)]
    return found


def _named(visits: Iterable[Visit], code: str, text: str, remedy: str, blocking: bool = True) -> list[Finding]:
    keys = tuple(visit.key for visit in visits)
    return [Finding(code, keys, text.format(len(keys)), remedy, blocking)] if keys else []


def _of_numbers(tables: Tables) -> list[Finding]:
    visits, seen = tables.visits, set()
    twice = [visit for visit in visits if visit.key in seen or seen.add(visit.key)]  # type: ignore[func-returns-value]
    unknown = [visit for visit in visits if not np.isfinite(visit.at).all()]
    negative = [visit for visit in visits if not 0 <= visit.minutes < np.inf or not 0 <= visit.prize < np.inf]
    return [
        *_named(twice, "listed_twice", "{} 个对象重复列入", "每个对象一天只列一次"),
        *_named(unknown, "place_unknown", "{} 个对象没有坐标", "补充对象的坐标，或由县里给出路程时间"),
        *_named(negative, "minutes_wrong", "{} 个对象的用时或价值不是不小于 0 的数", "检查巡查频次标准"),
    ]


def _of_shifts(tables: Tables) -> list[Finding]:
    found = []
    if not tables.shifts:
        found.append(Finding("no_shift", (), "没有工作日", "至少安排一天工作时间"))
    for shift in tables.shifts:
        if not 0 <= shift.begins < shift.ends < np.inf:
            found.append(Finding("hours_wrong", (), "上班时间不早于下班时间", "重新填写工作时间"))
        if not np.isfinite(shift.start).all() or not np.isfinite(shift.end or shift.start).all():
            found.append(Finding("start_unknown", (), "出发地或返回地没有坐标", "填写网格员的出发地和返回地"))
    if (tables.travel < 0).any():
        found.append(Finding("travel_wrong", (), "路程时间为负", "检查路程时间表、速度和绕行系数"))
    return found


def _closed(tables: Tables) -> npt.NDArray[np.bool_]:
    """Return, by visit and shift, whether even a day with this visit alone is impossible."""
    n = len(tables.visits)
    closed = np.ones((n, len(tables.shifts)), np.bool_)
    for r, (begins, ends) in enumerate(tables.hours):
        there, back = tables.travel[n + 2 * r, :n], tables.travel[:n, n + 2 * r + 1]
        first = begins + there
        latest = ends - back - tables.service
        window = tables.windows[:, r]
        fits = (np.maximum(window[..., 0], first[:, None]) <= np.minimum(window[..., 1], latest[:, None])).any(axis=1)
        closed[:, r] = ~fits
    return closed


def _of_closed(tables: Tables, closed: npt.NDArray[np.bool_]) -> list[Finding]:
    never = [tables.visits[at] for at in np.flatnonzero(closed.all(axis=1))]
    text = "{} 个对象在工作时间内不开门、当天不可去，或来不及往返"
    remedy = "改日安排，联系对象确认开门时间，或调整工作时间"
    return [
        *_named((one for one in never if one.is_mandatory), "closed", text, remedy),
        *_named((one for one in never if not one.is_mandatory), "closed_optional", text, remedy, blocking=False),
    ]


def _of_pairs(tables: Tables, closed: npt.NDArray[np.bool_]) -> list[Finding]:
    """Two mandatory visits of a single day neither of which can follow the other."""
    if len(tables.shifts) != 1:
        return []
    must = _mandatory(tables)
    first = np.maximum(tables.windows[must, 0, 0, 0], tables.hours[0, 0] + tables.travel[len(tables.visits), must])
    last = tables.windows[must, 0, :, 1].max(axis=1)
    follows = first[:, None] + tables.service[must, None] + tables.travel[np.ix_(must, must)] <= last[None, :]
    one, other = np.nonzero(np.triu(~follows & ~follows.T, 1))
    visits = [tables.visits[must[at]] for at in np.unique(np.concatenate((one, other)))]
    return _named(visits, "conflict", "{} 个必去对象的开门时间互相冲突，一天内无法都去", "把其中一个改到另一天")


def _of_hours(tables: Tables) -> list[Finding]:
    """All mandatory visits and the least way between them (a spanning tree) are more than the hours."""
    must = _mandatory(tables)
    if not len(must):
        return []
    n, hours = len(tables.visits), int((tables.hours[:, 1] - tables.hours[:, 0]).sum())
    service = int(tables.service[must].sum())
    ends = np.arange(n, len(tables.travel))
    some = np.concatenate((must, ends))
    ways = np.minimum(tables.travel[np.ix_(some, some)], tables.travel[np.ix_(some, some)].T).astype(np.float64)
    if len(tables.shifts) > 1:  # each day is a tree of its own: join all starts for nothing
        ways[np.ix_(range(len(must), len(some)), range(len(must), len(some)))] = 1e-9
    else:
        ways[-1, -2] = ways[-2, -1] = max(ways[-1, -2], 1e-9)
    way = float(minimum_spanning_tree(np.maximum(ways, 1e-9)).sum()) if (ways < MUST).all() else 0.0
    if service + way <= hours + 1:
        return []
    text = f"{len(must)} 个必去对象至少要 {(service + way) / 60:.0f} 分钟（含路程），工作时间只有 {hours / 60:.0f} 分钟"
    keys = tuple(tables.visits[at].key for at in must)
    return [Finding("too_much", keys, text, "把部分对象改到其他日子，或延长工作时间、增派人手")]


def _mandatory(tables: Tables) -> Indices:
    return np.flatnonzero([visit.is_mandatory for visit in tables.visits])
