"""Clocks, percentiles and memory."""

from __future__ import annotations

import resource
from collections.abc import Callable, Sequence
from math import ceil
from time import perf_counter
from typing import Any


class Stopwatch:
    """``with Stopwatch() as watch: …`` then ``watch.seconds``."""

    seconds = 0.0

    def __enter__(self) -> Stopwatch:
        self._began = perf_counter()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds = perf_counter() - self._began


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of all do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, ceil(share * len(ranked) - 1e-9) - 1)]


def best_of(times: int, call: Callable[[], Any]) -> float:
    """Return the seconds of the fastest of some runs: what the machine can do when nothing is in the way."""
    found = []
    for _ in range(times):
        with Stopwatch() as watch:
            call()
        found.append(watch.seconds)
    return min(found)


def peak_mb() -> float:
    """Return the largest resident size of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
