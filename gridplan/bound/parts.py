"""What is proven, in words and numbers."""

from dataclasses import dataclass

from gridplan.plan import Plan


@dataclass(frozen=True)
class Part:
    """A proven lower bound: no plan of the kind that `holds_for` tells has a smaller figure than `value`.

    `is_proven_optimal`: there is such a plan with exactly this figure.
    """

    value: float
    method: str
    holds_for: str
    is_proven_optimal: bool


@dataclass(frozen=True)
class Bound:
    """Lower bounds for the number of grids, the worst deviation (share), the cut border (metres) and the mean distance to the
    grids' seats (metres) of any plan.

    `cut_of_container[i]` is the share of container i in `cut_border`, without the borders between containers.
    """

    grids: Part
    balance: Part
    cut_border: Part
    distance: Part
    cut_of_container: tuple[Part, ...] = ()

    def gap(self, cut_border: float) -> float:
        """By which share at most a plan with this cut border is longer than the shortest possible."""
        return 0.0 if cut_border <= 0 else max(0.0, 1 - self.cut_border.value / cut_border)


@dataclass(frozen=True, eq=False)
class Proof:
    """The best plan found, what is proven of it, and whether it is proven best.

    `plan` is None where none was found; `is_feasible` is False where it is proven that none exists within tolerance, None
    where that is open.
    """

    plan: Plan | None
    bound: Bound
    is_optimal: bool
    is_feasible: bool | None
