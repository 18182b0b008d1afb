"""Dense clusters of sites: candidates for grids of their own (industrial parks, markets), for a person to confirm."""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from sklearn.cluster import DBSCAN

from gridplan.problem import Floats, Ints


def clusters(points: npt.ArrayLike, distance_m: float, at_least: int) -> Ints:
    """The cluster of each of points[n, 2] (local metres), −1 for none; cluster 0 has most points.

    DBSCAN (Ester et al. 1996): points with `at_least` points (themselves included) within `distance_m` are dense; dense points
    within `distance_m` of each other are one cluster, with whatever lies as near to one of them. Smaller clusters are none.
    Raises `ValueError` unless both numbers are positive.
    """
    places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if not distance_m > 0 or at_least < 1:
        raise ValueError("distance_m and at_least must be positive")
    if not len(places):
        return np.empty(0, np.int32)
    raw = DBSCAN(eps=distance_m, min_samples=at_least).fit(places).labels_
    sizes = np.bincount(raw[raw >= 0], minlength=raw.max() + 1)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(len(sizes) + 1, np.int32)
    rank[order] = np.where(sizes[order] >= at_least, np.arange(len(sizes)), -1)
    rank[-1] = -1  # where label −1 points to
    return np.asarray(rank[raw], dtype=np.int32)


def hulls(points: npt.ArrayLike, label: Ints, margin_m: float = 0.0) -> list[Any]:
    """The convex hull of each cluster 0 … k−1, widened by `margin_m`; of fewer than three points a line or a point if 0."""
    places: Floats = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    found = [
        shapely.convex_hull(shapely.multipoints(places[label == i])) for i in range(int(label.max(initial=-1)) + 1)
    ]
    return [hull.buffer(margin_m) for hull in found] if margin_m > 0 else found
