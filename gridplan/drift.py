"""Imbalance of whole regions, which moves at borders even out only slowly: a potential that lets load run off over many grids.

Were load a fluid, it would flow from grid to grid along the potential φ with Lφ = deviation (L: the Laplacian of the grids'
common borders), the least flow that balances everything (Hu, Blake 1999, for moving work between processors). Annealing pays
for load by its grid's potential, so that moves towards a distant lack are cheaper than those away from it.
"""

import numpy as np
from scipy.sparse import coo_array, csc_array, diags_array
from scipy.sparse.linalg import splu

from gridplan.kernels import State
from gridplan.problem import Floats, Ints

_FEW = 40  # grids
_GROUND = 1e-6  # of the usual conductance: where potential drains, so that every system has a solution


def potential(state: State) -> Floats:
    """The potential of each grid (shares of a grid's load per usual number of common borders), their mean 0."""
    grids = state.total.size
    mine = np.repeat(state.label, np.diff(state.start))
    other = state.label[state.neighbour]
    away = mine != other
    if grids < 3 or not away.any():
        return np.zeros(grids)
    uneven = state.total - state.total.mean()
    solve = _dense if grids <= _FEW else _sparse
    found, usual = solve(mine[away], other[away], uneven)
    return np.asarray((found - found.mean()) * usual, dtype=np.float64)


def _dense(mine: Ints, other: Ints, uneven: Floats) -> tuple[Floats, float]:
    """The potential and the usual number of common borders; for few grids, where sparse matrices cost more than they save."""
    grids = len(uneven)
    wide = np.bincount(mine * grids + other, minlength=grids * grids).reshape(grids, grids).astype(np.float64)
    usual = float(wide.sum() / np.count_nonzero(wide))
    found = np.linalg.solve(np.diag(wide.sum(axis=1) + _GROUND * usual) - wide, uneven)
    return np.asarray(found, np.float64), usual


def _sparse(mine: Ints, other: Ints, uneven: Floats) -> tuple[Floats, float]:
    """The same for many grids."""
    grids = len(uneven)
    wide = coo_array((np.ones(len(mine)), (mine, other)), (grids, grids)).tocsr()
    usual = float(wide.sum() / wide.nnz)
    around = np.asarray(wide.sum(axis=1)).ravel()
    laplacian = csc_array(diags_array(around + _GROUND * usual) - wide)
    lower = splu(laplacian, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    return lower.solve(uneven), usual


def pull(state: State, metres: float) -> None:
    """Let a whole grid's load cost `metres` more in a grid for each 1 that its potential is higher."""
    state.pull[:] = metres * potential(state)
