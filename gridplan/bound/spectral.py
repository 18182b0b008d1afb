"""A bound for containers too large for tables, by eigenvalues (Donath and Hoffman 1973, with loads as weights)."""

import numpy as np
import scipy.linalg

from gridplan.bound.container import Container

UNITS = 2500  # above this the eigenvalues take minutes
_ROUNDING = 1e-9


def spectral_bound(place: Container) -> float:
    """A lower bound of the cut border (metres) of any division into `grids` grids with loads low … high; 0 for too many units.

    Scaled indicators of the grids are orthogonal with the loads as weights, so half the sum of their borders is at least
    ½ Σ loadⱼ λⱼ, with the smallest eigenvalues of the graph's Laplacian and, at worst, the largest loads on the smallest of them.
    Connectivity plays no part. Exact eigenvalues (LAPACK) in O(n³).
    """
    n, grids = len(place.load), place.grids
    if n > UNITS or grids < 2 or not place.load.sum() > 0:
        return 0.0
    # Units without load would weigh nothing; a trifle each keeps the weights positive and raises no grid beyond high + n · trifle.
    trifle = 1e-3 * place.load.sum() / n
    weight = place.load + trifle
    scale = 1 / np.sqrt(weight)
    low, high = place.edges[:, 0], place.edges[:, 1]
    laplacian = np.zeros((n, n))
    np.add.at(laplacian, (low, high), -place.border)
    laplacian += laplacian.T
    laplacian[np.arange(n), np.arange(n)] = -laplacian.sum(axis=1)
    laplacian *= scale[:, None] * scale[None, :]
    values = scipy.linalg.eigh(laplacian, eigvals_only=True, subset_by_index=[0, grids - 1], overwrite_a=True)
    values = np.maximum(values - _ROUNDING * float(np.abs(laplacian).max() + values[-1]), 0)
    most, least = place.high + n * trifle, max(place.low, 0.0)
    loads = np.full(grids, least)
    left = float(weight.sum()) - least * grids
    for j in range(grids):  # the largest loads on the smallest eigenvalues
        more = min(most - least, left)
        loads[j] += max(more, 0)
        left -= max(more, 0)
    return float(loads @ values) / 2
