"""One call of one solver in a process of its own: ``python -m benchmarks.gridplan.worker SOLVER in.npz out.npz SEED SECONDS``.

Only the solving is timed, without reading the instance, importing the tool and, for ours, fetching its compiled code, which is
told apart; memory is the process's peak above what it held with instance and tool loaded.
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.gridplan.instances import scattered, single
from benchmarks.gridplan.peers import PEERS
from gridplan.problem import Problem

OURS = "SafeGrid"


def main(solver: str, given: str, found: str, seed: str, seconds: str) -> None:
    """Ours gets ``seconds`` of CPU time; a peer is killed by the alarm that many seconds after it began.

    Writes ``label``, ``cpu``, ``wall``, ``start`` (CPU seconds before the first solve could begin) and ``memory`` (MB).
    """
    problem, before = read(Path(given)), process_time()
    solve = _ours(float(seconds)) if solver == OURS else _theirs(solver)
    solve(scattered(200, 4, 0.1) if solver == OURS else scattered(30, 2, 0.5), 0)
    start, held = process_time() - before, _peak_mb()
    if solver != OURS:
        signal.setitimer(signal.ITIMER_REAL, float(seconds))
    cpu, wall = process_time(), perf_counter()
    label = solve(problem, int(seed))
    cpu, wall = process_time() - cpu, perf_counter() - wall
    np.savez(found, label=np.asarray(label, np.int32), cpu=cpu, wall=wall, start=start, memory=_peak_mb() - held)


def read(path: Path) -> Problem:
    """Return the problem that ``write`` kept."""
    with np.load(path) as kept:
        return Problem(**{name: kept[name] if kept[name].ndim else kept[name].item() for name in kept.files})


def write(path: Path, problem: Problem) -> None:
    """Keep a problem as a file."""
    fields = problem.__dataclass_fields__
    np.savez(path, **{name: value for name in fields if (value := getattr(problem, name)) is not None})


def cpu_seconds(limit: float) -> Callable[[Any], bool]:
    """Return a stop by this process's own CPU time, which a busy machine does not stretch."""
    began = process_time()
    return lambda _: process_time() - began >= limit


def _ours(seconds: float) -> Callable[[Problem, int], Any]:
    from gridplan.solve import Params, solve

    params = Params(accept=frozenset({"unit_too_heavy"}))
    return lambda problem, seed: solve(problem, cpu_seconds(seconds), seed, params).label


def _theirs(solver: str) -> Callable[[Problem, int], Any]:
    """Return the peer called container by container."""
    call = PEERS[solver]

    def solve(problem: Problem, seed: int) -> Any:
        label = np.zeros(problem.units, np.int32)
        for at, k in enumerate(problem.grids):
            inside = np.flatnonzero(problem.container == at)
            share = call(single(problem, at), int(k), problem.tolerance, seed) if k > 1 else 0
            label[inside] = problem.first[at] + share
        return label

    return solve


def _peak_mb() -> float:
    """Return the peak resident size; unlike ``getrusage`` it does not begin with the parent's."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
