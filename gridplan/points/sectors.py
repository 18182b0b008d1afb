"""Convex sectors of equal workload: a power diagram whose weights balance it (Aurenhammer, Hoffmann, Aronov 1998)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gridplan.points.balance import balance
from gridplan.problem import Floats, Ints

_ROUNDS = 30  # of moving centres to the middle of their sectors; shapes hardly change after that
_SAMPLE = 80  # points a sector
_TRIES = 24
_SHAKE = 0.003  # of the extent: enough for other points to be marginal
_GOOD = 0.003  # deviation that needs no further try
_SETTLED = 3e-3  # of the extent: centres that move less stay


@dataclass(frozen=True, eq=False)
class Sectors:
    """`label[n]` gives each point its sector 0 … k−1; sector i is the land of `polygons[i]`, the power cell of `centre[i]` with
    `power[i]` (m²) clipped to the boundary: a point x belongs where |x − centre|² − power is least.

    Labels agree with the cells, but for points exactly on the line between two: of several points at one place some may
    belong to either side. `deviation` is the worst |load ÷ mean − 1|: heavy points can make a good one impossible.
    """

    label: Ints
    polygons: list[Any]
    centre: Floats
    power: Floats
    load: Floats
    deviation: float


def split(points: npt.ArrayLike, weight: npt.ArrayLike, boundary: Any, k: int, seed: int) -> Sectors:
    """Divide points[n, 2] (local metres) with weight[n] (minutes; positive) into k convex sectors of equal weight.

    Same seed, same sectors. Raises `ValueError` for k < 1, fewer points than sectors, points without coordinates, weights
    that are not positive, or a boundary that is empty or invalid.
    """
    places = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)
    load = np.ascontiguousarray(weight, dtype=np.float64).reshape(-1)
    if not 1 <= k <= len(places) or len(load) != len(places):
        raise ValueError(f"{len(places)} points with {len(load)} weights cannot make {k} sectors")
    if not np.isfinite(places).all() or not (np.isfinite(load) & (load > 0)).all():
        raise ValueError("every point needs coordinates and a positive weight")
    if boundary.is_empty or not boundary.is_valid:
        raise ValueError("the boundary must be a valid polygon")
    middle = places.mean(axis=0)
    label, centre, power = _divide(places - middle, load, k, np.random.default_rng(seed))
    order = np.lexsort((centre[:, 1], centre[:, 0]))  # west to east, whatever the start was
    rank = np.empty(k, np.int32)
    rank[order] = np.arange(k, dtype=np.int32)
    label, centre, power = rank[label], centre[order], power[order]
    sums: Floats = np.bincount(label, weights=load, minlength=k).astype(np.float64)
    polygons = power_cells(centre + middle, power, boundary)
    return Sectors(label, polygons, centre + middle, power, sums, float(np.abs(sums / sums.mean() - 1).max()))


def _divide(places: Floats, load: Floats, k: int, chance: np.random.Generator) -> tuple[Ints, Floats, Floats]:
    centre, power = _start(places, load, k, chance), np.zeros(k)
    few = _SAMPLE * k
    if len(places) > 2 * few:  # where the sectors lie is settled as well, and much faster, on a sample
        some = np.sort(chance.choice(len(places), few, replace=False))
        centre, power = _settle(places[some], load[some], centre, power, 0.32)
        centre, power = _settle(places, load, centre, power, 0.04)
    else:
        centre, power = _settle(places, load, centre, power, 0.32)
    return _best(places, load, centre, power, chance)


def _best(
    places: Floats, load: Floats, centre: Floats, power: Floats, chance: np.random.Generator
) -> tuple[Ints, Floats, Floats]:
    """Balance as closely as it gets; where heavy points stand in the way, other centres nearby may do better."""
    mean, found = load.sum() / len(centre), []
    for _ in range(_TRIES):
        label, power = balance(places, load, centre, power, 0.0)
        sums: Floats = np.bincount(label, weights=load, minlength=len(centre)).astype(np.float64)
        found.append((float(np.abs(sums - mean).max()), label, centre, power))
        if found[-1][0] <= max(_GOOD * mean, float(load.min())):
            break
        shaken = chance.normal(0, _SHAKE * float(np.ptp(places, axis=0).max()), centre.shape)
        centre = _middles(places, load, label, sums) + shaken
    _, label, centre, power = min(found, key=lambda each: each[0])
    return label, centre, power


def _middles(places: Floats, load: Floats, label: Ints, sums: Floats) -> Floats:
    totals = [np.bincount(label, weights=load * places[:, i], minlength=len(sums)) for i in (0, 1)]
    return np.asarray(np.stack(totals, axis=1) / sums[:, None])


def _settle(places: Floats, load: Floats, centre: Floats, power: Floats, loose: float) -> tuple[Floats, Floats]:
    """Move centres to the middle of their balanced sectors until they stay."""
    k = len(centre)
    scale, mean = float(np.ptp(places, axis=0).max()) or 1.0, load.sum() / k
    for turn in range(_ROUNDS):
        # Balance matters only once the centres have settled.
        label, power = balance(places, load, centre, power, mean * max(0.01, loose / 2 ** (turn / 2)))
        sums: Floats = np.bincount(label, weights=load, minlength=k).astype(np.float64)
        moved = _middles(places, load, label, sums)
        step = float(np.hypot(*(moved - centre).T).max())
        centre = moved
        if step < _SETTLED * scale:
            break
    return centre, power


def _start(places: Floats, load: Floats, k: int, chance: np.random.Generator) -> Floats:
    """Centres far apart (k-means++): each next one by chance, in proportion to weight × squared distance."""
    chosen = [int(chance.choice(len(places), p=load / load.sum()))]
    nearest = ((places - places[chosen[0]]) ** 2).sum(axis=1)
    for _ in range(1, k):
        share = load * nearest
        if share.sum() == 0:  # all points at one place
            chosen.append(int(chance.integers(len(places))))
            continue
        chosen.append(int(chance.choice(len(places), p=share / share.sum())))
        nearest = np.minimum(nearest, ((places - places[chosen[-1]]) ** 2).sum(axis=1))
    return places[chosen].copy()


def power_cells(centre: Floats, power: Floats, boundary: Any) -> list[Any]:
    """The power cells of centres (k, 2) with powers (k), clipped to the boundary; empty where a cell lies outside.

    Sectors of one centre, as many points at one place make them, share its cell in equal wedges: each keeps the place.
    """
    west, south, east, north = boundary.bounds
    frame = np.array([[west - 1, south - 1], [east + 1, south - 1], [east + 1, north + 1], [west - 1, north + 1]])
    found = []
    for i in range(len(centre)):
        corners = frame
        for j in range(len(centre)):
            normal = 2 * (centre[j] - centre[i])
            if normal.any() and len(corners):
                limit = centre[j] @ centre[j] - centre[i] @ centre[i] - power[j] + power[i]
                corners = _half(corners, normal, float(limit))
        twins = np.flatnonzero((centre == centre[i]).all(axis=1))
        rivals = twins[power[twins] == power[twins].max()]
        if i not in rivals:
            corners = frame[:0]
        elif len(rivals) > 1:
            corners = _wedge(corners, centre[i], int(np.flatnonzero(rivals == i)[0]), len(rivals))
        cell = shapely.Polygon(corners) if len(corners) >= 3 else shapely.Polygon()
        found.append(shapely.intersection(cell, boundary))
    return found


def _wedge(corners: Floats, top: Floats, number: int, count: int) -> Floats:
    """The part of a convex polygon between two rays from `top`, one of `count` alike."""
    for angle, side in ((number, 1.0), (number + 1, -1.0)):
        turned = 2 * np.pi * angle / count
        normal = side * np.array([np.sin(turned), -np.cos(turned)])
        if len(corners):
            corners = _half(corners, normal, float(top @ normal))
    return corners


def _half(corners: Floats, normal: Floats, limit: float) -> Floats:
    """The part of a convex polygon where x · normal ≤ limit."""
    height = corners @ normal - limit
    kept = []
    for i in range(len(corners)):
        j = (i + 1) % len(corners)
        if height[i] <= 0:
            kept.append(corners[i])
        if height[i] * height[j] < 0:
            share = height[i] / (height[i] - height[j])
            kept.append(corners[i] + share * (corners[j] - corners[i]))
    return np.array(kept).reshape(-1, 2)
