"""Every solver on one instance, each in a process that is killed when its time is up, as rows of one table."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.gridplan.peers import PEERS
from benchmarks.gridplan.worker import OURS, write
from benchmarks.report import Row, number
from gridplan.figures import Figures, figures
from gridplan.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
OURS_AT_MOST = 20.0  # CPU seconds given to ours in a contest; it ends by itself when it no longer gains
START = 120.0  # seconds that importing a tool and its first compiling may take besides


@dataclass(frozen=True)
class Outcome:
    """What one solver did: its figures, or why there are none."""

    solver: str
    figures: Figures | None = None
    cpu: float = 0.0
    wall: float = 0.0
    start: float = 0.0
    memory: float = 0.0
    words: str = ""


def run(
    solver: str, problem: Problem, limit: float, seed: int = 1, budget: float | None = None, counted: bool = False
) -> Outcome:
    """Let one solver divide the problem within ``limit`` seconds of wall time; ``budget``: CPU seconds given to ours.

    ``counted``: the solver is to cut few edges, whatever their length; figures are measured on the problem as it is.
    """
    seconds = budget or OURS_AT_MOST
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "in.npz", Path(folder) / "out.npz"
        write(given, replace(problem, border=np.ones_like(problem.border)) if counted else problem)
        words = [str(seed), str(seconds if solver == OURS else limit)]
        command = [sys.executable, "-m", "benchmarks.gridplan.worker", solver, str(given), str(found), *words]
        try:
            done = subprocess.run(command, cwd=ROOT, timeout=limit + START, capture_output=True, text=True, check=False)
        except subprocess.TimeoutExpired:
            return Outcome(solver, words=f"over {limit:.0f} s")
        if done.returncode == -signal.SIGALRM:
            return Outcome(solver, words=f"over {limit:.0f} s")
        if done.returncode:
            return Outcome(solver, words=_last_line(done.stderr) or f"ended with {done.returncode}")
        with np.load(found) as kept:
            cpu, wall, start, memory = (float(kept[name]) for name in ("cpu", "wall", "start", "memory"))
            return Outcome(solver, figures(problem, kept["label"]), cpu, wall, start, memory)


def rows(name: str, problem: Problem, limit: float, without: Iterable[str] = ()) -> tuple[list[Row], list[str]]:
    """Return a row for each solver, and which of them ran out of time; ``without``: not tried, slow on a smaller one."""
    found, slow = [], []
    for solver in (OURS, *PEERS):
        if solver in without:
            found.append(_row(name, problem, Outcome(solver, words="not tried: too slow on a smaller one")))
            continue
        print(f"    {name}: {solver}", file=sys.stderr, flush=True)
        outcome = run(solver, problem, limit)
        slow += [solver] if outcome.words.startswith("over") else []
        found.append(_row(name, problem, outcome))
    return found, slow


def _row(name: str, problem: Problem, outcome: Outcome) -> Row:
    row = Row(f"{name}: {outcome.solver}", outcome.cpu, "s")
    told = outcome.figures
    row.columns = {
        "instance": name,
        "solver": outcome.solver,
        "CPU s": number(outcome.cpu) if told else outcome.words,
        "wall s": number(outcome.wall) if told else "",
        "start s": number(outcome.start) if told else "",
        "worst deviation": f"{told.worst_deviation:.2%}" if told else "",
        "mean deviation": f"{told.mean_deviation:.2%}" if told else "",
        "broken": str(told.broken) if told else "",
        "empty": str(int((told.units == 0).sum())) if told else "",
        "cut edges": f"{told.cut_edges:,}" if told else "",
        "cut border km": f"{told.cut_border / 1000:,.1f}" if told else "",
        "Polsby-Popper": f"{told.polsby_popper:.3f}" if told and told.polsby_popper is not None else "",
        "split villages": str(told.split_villages) if told and problem.village is not None else "",
        "memory MB": f"{outcome.memory:,.0f}" if told else "",
    }
    return row


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return f"failed: {lines[-1].strip()[:80]}" if lines else ""
