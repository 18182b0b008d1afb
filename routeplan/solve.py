"""The day's route and the week's routes: the best order found until the caller says stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from time import perf_counter

import numpy as np
import numpy.typing as npt

from routeplan import kernel
from routeplan.findings import check
from routeplan.problem import Day, Result, Week
from routeplan.stop import Progress, Stop
from routeplan.tables import MUST, Tables, of_day, of_week
from routeplan.timetable import timetable

ASKED_EVERY = 250  # rounds


@dataclass(frozen=True)
class Params:
    """How the search cools: in cycles of ``cycle`` rounds from ``warm`` to ``cold`` times the mean way to a near visit, begun
    from nothing but for every ``anew``-th, from the best so far (windows make valleys that one descent does not leave); it
    ends by itself after ``patience`` cycles without gain."""

    cycle: int = 6_000
    warm: float = 1.0
    cold: float = 0.005
    anew: int = 4
    patience: int = 8


def solve(day: Day, stop: Stop, seed: int, params: Params | None = None) -> Result:
    """Return the day's route. Raises ``InvalidProblem`` where findings already rule it out.

    Same seed and a stop that counts rounds: same route.
    """
    tables = of_day(day)
    check(tables)
    return search(tables, stop, seed, params or Params())


def week(problem: Week, stop: Stop, seed: int, params: Params | None = None) -> Result:
    """Return the routes of all days of a week, each visit on one of its days. Raises ``InvalidProblem``."""
    tables = of_week(problem)
    check(tables)
    return search(tables, stop, seed, params or Params(), tuple(problem.shifts))


def search(tables: Tables, stop: Stop, seed: int, params: Params, days: Sequence[date] = ()) -> Result:
    """Search until ``stop`` or until nothing is gained any more."""
    began, n, shifts = perf_counter(), len(tables.visits), len(tables.shifts)
    state = np.array([seed], np.uint64)
    routes, counts = np.zeros((shifts, n), np.int32), np.zeros(shifts, np.int64)
    best, sizes, out = routes.copy(), counts.copy(), np.zeros(n, np.bool_)
    orders, step = _orders(tables), _near_step(tables)
    cost = kernel.cost_of(routes, counts, tables.travel, tables.worth, tables.extra, out)
    cooling = (params.cold / params.warm) ** (1 / params.cycle)
    rounds, cycles, idle, stopped = 0, 0, 0, False

    def asked() -> bool:
        return stop(Progress(perf_counter() - began, rounds, cost / 60))

    while n and not stopped and idle < params.patience and not asked():
        before, routes[:], counts[:] = cost, best, sizes * (cycles % params.anew == params.anew - 1)
        for done in range(0, params.cycle, ASKED_EVERY):
            cost = kernel.anneal(
                routes, counts, best, sizes, cost, tables.travel, tables.service, tables.windows, tables.hours,
                tables.worth, tables.extra, tables.near, orders, step * params.warm * cooling**done, cooling, ASKED_EVERY, state,
            )  # fmt: skip
            rounds += ASKED_EVERY
            stopped = asked()
            if stopped:
                break
        cycles, idle = cycles + 1, 0 if cost < before else idle + 1
    orders_found = [[int(c) for c in best[r, : sizes[r]]] for r in range(shifts)]
    return _result(tables, orders_found, seed, perf_counter() - began, rounds, tuple(days))


def _result(
    tables: Tables, orders: list[list[int]], seed: int, spent: float, rounds: int, days: tuple[date, ...]
) -> Result:
    routes = tuple(timetable(tables, r, order) for r, order in enumerate(orders))
    made = {c for order in orders for c in order}
    out = [c for c in range(len(tables.visits)) if c not in made]
    off = sum(int(tables.extra[c, r]) for r, order in enumerate(orders) for c in order)
    prizes = sum(int(tables.worth[c]) for c in out if tables.worth[c] < MUST)
    keys = [tables.visits[c].key for c in out]
    missed = [tables.visits[c].key for c in out if tables.visits[c].is_mandatory]
    cost = sum(route.travel for route in routes) + (off + prizes) / 60
    return Result(routes, tuple(keys), tuple(missed), cost, seed, spent, rounds, days)


def _orders(tables: Tables) -> npt.NDArray[np.float64]:
    """Return the orders in which visits are put back (least first): far, near, short of time, worth much."""
    n = len(tables.visits)
    far = tables.travel[n::2, :n].min(axis=0) if n else np.zeros(0)
    width = (tables.windows[..., 1] - tables.windows[..., 0] + 1).clip(0).sum(axis=(1, 2))
    return np.stack((-far, far, width, -tables.worth, -tables.service)).astype(np.float64)


def _near_step(tables: Tables) -> float:
    """Return the mean way to the five nearest visits (seconds): the scale of what one change costs."""
    n = len(tables.visits)
    if n < 2:
        return 1.0
    return max(1.0, float(np.sort(tables.travel[:n, :n], axis=1)[:, 1:6].mean()))
