"""A division of a territory into grids, as a solver hands it over."""

from dataclasses import dataclass

from gridplan.figures import Figures
from gridplan.problem import Ints


@dataclass(frozen=True, eq=False)
class Plan:
    """`label[n]` gives each unit its grid 0 … k−1, container by container; how it was made is said by seed, seconds and rounds."""

    label: Ints
    figures: Figures
    seed: int
    seconds: float
    rounds: int
