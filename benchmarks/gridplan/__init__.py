"""Grid planning beside the published tools, all on the same instances in one run, and the issue's targets."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from benchmarks.gridplan import contest, instances
from benchmarks.gridplan.chicago import tracts as chicago_tracts
from benchmarks.gridplan.targets import balanced, certified, replanned, sectors, villages
from benchmarks.report import Row

__all__ = [
    "balanced",
    "certified",
    "compiled",
    "counties",
    "replanned",
    "sectors",
    "sizes",
    "toy",
    "tracts",
    "villages",
]


def counties(towns: int, limit: float, tolerance: float = 0.05, largest: int = 5_000) -> list[Row]:
    """Every town of a generated county in its borders, and the same with grids inside villages."""
    rows = []
    for nesting in ("town", "village"):
        problem = instances.county(towns, nesting, tolerance, largest=largest)
        name = f"county of {towns} towns, {problem.units:,} units, {int(problem.grids.sum()):,} grids inside {nesting}s"
        rows += contest.rows(name, problem, limit)[0]
    return rows


def sizes(units: list[int], limit: float, tolerance: float = 0.02) -> list[Row]:
    """Random cells, 20 a grid; a tool that ran out of time is not tried on more."""
    rows, slow = [], []
    for count in units:
        problem = instances.scattered(count, count // 20, tolerance)
        found, late = contest.rows(f"{count:,} units, {count // 20:,} grids", problem, limit, slow)
        rows, slow = rows + found, slow + late
    return rows


def tracts(folder: str, limit: float, tolerance: float = 0.2) -> list[Row]:
    """The tracts of Chicago inside its community areas."""
    problem = chicago_tracts(folder, tolerance)
    return contest.rows(f"Chicago, {problem.units} tracts, {int(problem.grids.sum())} grids", problem, limit)[0]


def toy(folder: str, limit: float) -> list[Row]:
    """Gerrymandria: 64 squares into 8 equal grids."""
    return contest.rows("gerrymandria, 64 squares, 8 grids", instances.gerrymandria(folder), limit)[0]


def compiled() -> list[Row]:
    """What ours takes before its first plan: with nothing compiled yet, and in any later process."""
    problem = instances.scattered(200, 10, 0.05)
    with tempfile.TemporaryDirectory() as folder:
        kept, os.environ["NUMBA_CACHE_DIR"] = os.environ.get("NUMBA_CACHE_DIR"), folder
        first, later = (contest.run(contest.OURS, problem, 300) for _ in range(2))
        os.environ.pop("NUMBA_CACHE_DIR")
        if kept is not None:
            os.environ["NUMBA_CACHE_DIR"] = kept
    bare = _importing("numba, scipy.sparse, shapely")
    return [
        Row("compiling, once for an installation", first.start, "s", detail=first.words),
        Row("start of a process, code already compiled", later.start, "s", "importing numba, scipy and shapely", bare),
    ]


def _importing(names: str) -> float:
    code = f"import time; import {names}; print(time.process_time())"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
