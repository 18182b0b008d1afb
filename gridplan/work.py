"""What solving and re-planning share: parameters, the best division so far, and mending of deviations."""

import time
from dataclasses import dataclass

import numpy as np

from gridplan import chains, kernels
from gridplan.field import Field
from gridplan.figures import figures
from gridplan.plan import Plan
from gridplan.problem import Ints, Problem
from gridplan.stop import Progress, Stop

ROUND = 500  # units worked on between two questions: asking costs as much as annealing a small village
TRIALS = 200  # searches for chains in a round
PATIENCE = 5  # rounds without gain
LONGEST = 2  # moves in the longest chain, less one


@dataclass(frozen=True)
class Params:
    """How a solver works. `effort` multiplies the work (1: seconds for 20,000 units); `village_weight` says by what share
    of its length a border inside a village counts more (fewer split villages); `ways` what share short ways to the grids' seats
    have in the cost beside short borders (0: short borders alone, 1: short ways alone); `accept` names findings taken knowingly
    (`problem.ACCEPTABLE`); `hysteresis` by what share of the tolerance re-planning brings a grid further in than it must."""

    effort: float = 1.0
    village_weight: float = 0.5
    accept: frozenset[str] = frozenset()
    hysteresis: float = 0.0
    ways: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.ways <= 1:
            raise ValueError("ways must be a share 0 … 1")


DEFAULT = Params()


class Work:
    """The best division of the whole territory, asked about between rounds."""

    def __init__(self, problem: Problem, stop: Stop, label: Ints) -> None:
        self.problem = problem
        self.label = label
        self.stop = stop
        self.began = time.monotonic()
        self.rounds = 0
        self.done = 0  # units worked on since it was asked
        self.stopped = False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def take(self, field: Field) -> None:
        """Write down the best division of one container."""
        self.label[field.units] = field.first + field.best

    def round(self, field: Field) -> bool:
        """Some work on a container is over: write down and, when a round of work is done, ask; whether to go on."""
        self.take(field)
        self.done += len(field.units)
        if self.stopped or self.done < ROUND:
            return not self.stopped
        self.done = 0
        self.rounds += 1
        self.stopped = self.stop(Progress(self.seconds, self.rounds, self.label.copy(), self.problem))
        return not self.stopped

    def plan(self, seed: int) -> Plan:
        return Plan(self.label, figures(self.problem, self.label), seed, self.seconds, self.rounds)


def mend(field: Field, state: kernels.State, how: kernels.Rule, work: Work) -> None:
    """Search for chains until all grids are within their limits or nothing is gained any more."""
    field.chain.weight[:] = 1.0
    excess, idle = np.inf, 0
    trials = min(TRIALS, 20 + 2 * field.grids)
    while idle < PATIENCE:
        made = chains.mend(state, how, field.chain, LONGEST, trials, field.best, field.record)
        idle = 0 if state.now[1] < excess - 1e-9 else idle + 1
        excess = min(excess, float(state.now[1]))
        if made < trials or not work.round(field):
            break
