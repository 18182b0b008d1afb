"""When a search stops: plain callables asked between rounds, many times a second, with how far it is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Seconds and rounds since the search began, and the cost (minutes) of the best route so far."""

    seconds: float
    rounds: int
    cost: float


Stop = Callable[[Progress], bool]


@dataclass(frozen=True)
class MaxSeconds:
    """Stop after so many seconds of wall time; routes then depend on the machine's speed."""

    seconds: float

    def __call__(self, progress: Progress) -> bool:
        return progress.seconds >= self.seconds


@dataclass(frozen=True)
class MaxRounds:
    """Stop after so many rounds (asked every few hundred); the same seed gives the same route."""

    rounds: int

    def __call__(self, progress: Progress) -> bool:
        return progress.rounds >= self.rounds


@dataclass(frozen=True)
class NeverStop:
    """Let the search end by itself, when it no longer gains."""

    def __call__(self, progress: Progress) -> bool:
        return False


def any_of(*stops: Stop) -> Stop:
    """Stop as soon as one of ``stops`` says so."""

    def stop(progress: Progress) -> bool:
        return True in [each(progress) for each in stops]  # all are asked: one may be showing the progress

    return stop
