"""When a solver stops: plain callables asked between rounds, several times a second, with the best plan so far."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from gridplan.figures import Figures, figures
from gridplan.problem import Ints, Problem


@dataclass(frozen=True, eq=False)
class Progress:
    """How far a solver is: seconds and rounds since it began and the best labels so far; figures are measured when asked for.

    `label` is not changed afterwards and may be kept.
    """

    seconds: float
    rounds: int
    label: Ints
    problem: Problem

    @cached_property
    def figures(self) -> Figures:
        return figures(self.problem, self.label)


Stop = Callable[[Progress], bool]


@dataclass(frozen=True)
class MaxSeconds:
    """Stop after so many seconds of wall time; plans then depend on the machine's speed."""

    seconds: float

    def __call__(self, progress: Progress) -> bool:
        return progress.seconds >= self.seconds


@dataclass(frozen=True)
class MaxRounds:
    """Stop after so many rounds; the same seed gives the same plan."""

    rounds: int

    def __call__(self, progress: Progress) -> bool:
        return progress.rounds >= self.rounds


@dataclass(frozen=True)
class NeverStop:
    """Let the solver end by itself."""

    def __call__(self, progress: Progress) -> bool:
        return False


def any_of(*stops: Stop) -> Stop:
    """Stop as soon as one of `stops` says so."""

    def stop(progress: Progress) -> bool:
        answers = [each(progress) for each in stops]  # all are asked: one may be showing the progress
        return any(answers)

    return stop
