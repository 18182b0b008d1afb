"""Routes of days beside PyVRP, OR-Tools and VROOM, and the weeks of a whole county."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter, process_time

import numpy as np

from benchmarks.report import Row, number
from benchmarks.routeplan import instances
from benchmarks.routeplan.peers import PEERS
from routeplan.solve import Params, solve
from routeplan.solve import week as solve_week
from routeplan.stop import MaxRounds, Progress, Stop
from routeplan.tables import Tables, of_day
from routeplan.timetable import Impossible, timetable
from routeplan.validators import validate

OURS = "SafeGrid"
WEEK_ROUNDS = 12_000


def days(each: int, seconds: float, long: float, visits: int = 60) -> list[Row]:
    """Cost above the best that any solver ever found, ours and each peer after ``seconds``; ``long`` seconds for the best."""
    gaps: dict[str, dict[str, list[float]]] = {}
    lost: dict[tuple[str, str], int] = {}
    solve(instances.day(instances.KINDS[0], 0, 5), MaxRounds(250), 0)  # fetches compiled code
    for kind in instances.KINDS:
        for at in range(each):
            day = instances.day(kind, at, visits)
            tables = of_day(day)
            costs = {OURS: solve(day, _cpu(seconds), at).cost}
            costs |= {name: _cost(tables, peer(tables, seconds, at)) for name, peer in PEERS.items()}
            best = min(*costs.values(), solve(day, _cpu(long), 99, Params(patience=10**6)).cost,
                       _cost(tables, PEERS["PyVRP"](tables, long, 99)))  # fmt: skip
            for name, cost in costs.items():
                share = (cost / best - 1) * 100
                lost[kind, name] = lost.get((kind, name), 0) + (share > 1_000)
                gaps.setdefault(kind, {}).setdefault(name, []).append(share)
    rows = [_beside(kind, name, gaps[kind][name], lost[kind, name]) for kind in gaps for name in gaps[kind]]
    for kind, found in gaps.items():
        words = f"{visits} visits, {kind}, {seconds:g} s: above the best known"
        rows.append(
            Row(
                f"{words}, mean of {each}", float(np.mean(found[OURS])), "%", "PyVRP", float(np.mean(found["PyVRP"])), 1
            )
        )
        rows.append(Row(f"{words}, worst", max(found[OURS]), "%", "PyVRP", max(found["PyVRP"])))
    return rows


def county(members: int, processes: int = 2) -> list[Row]:
    """A county's members planned for a week, so many processes at once, as the queue does."""
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        list(pool.map(_member, range(processes)))  # start and compiled code
        began = perf_counter()
        done = list(pool.map(_member, range(members), chunksize=5))
        seconds = perf_counter() - began
    cpu, visits, missed, faults = (sum(column) for column in zip(*done, strict=True))
    return [
        Row(f"{members:,} members, a week each, {processes} processes", seconds, "s", target=0.3 * members,
            detail=f"CPU {cpu:.0f} s; {visits / members:.0f} visits a member, {missed} mandatory ones did not fit, "
            f"{faults} weeks against a rule"),
    ]  # fmt: skip


def _member(at: int) -> tuple[float, int, int, int]:
    """Return CPU seconds, visits, mandatory ones missed, and 1 where the result breaks a rule."""
    began, problem = process_time(), instances.week(at)
    result = solve_week(problem, MaxRounds(WEEK_ROUNDS), at)
    wrong = any(one.code != "mandatory_left_out" for one in validate(problem, result))
    return process_time() - began, sum(len(route.calls) for route in result.routes), len(result.missed), int(wrong)


def _cpu(limit: float) -> Stop:
    began = process_time()

    def stop(progress: Progress) -> bool:
        return process_time() - began >= limit

    return stop


def _cost(tables: Tables, order: list[int]) -> float:
    """Return the minutes of an order, measured by our timetable; whatever is left out costs its worth."""
    out = set(range(len(tables.visits))) - set(order)
    try:
        return timetable(tables, 0, order).travel + sum(int(tables.worth[at]) for at in out) / 60
    except Impossible:
        return float("inf")


def _beside(kind: str, name: str, shares: list[float], lost: int) -> Row:
    good = [share for share in shares if share <= 1_000]
    row = Row(f"{kind}: {name}", float(np.mean(shares)), "%")
    row.columns = {
        "days": kind,
        "solver": name,
        "mean above best": f"{number(float(np.mean(good)))} %" if good else "",
        "worst": f"{number(max(good))} %" if good else "",
        "within 1 %": f"{sum(share <= 1 for share in shares)} of {len(shares)}",
        "no route with all mandatory visits": str(lost),
    }
    return row
