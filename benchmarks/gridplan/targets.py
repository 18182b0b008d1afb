"""The issue's targets, each as rows with yes or NO. Seconds are CPU seconds: one core, however busy the machine."""

from __future__ import annotations

from time import process_time

import numpy as np
import shapely

from benchmarks.gridplan.contest import OURS_AT_MOST, Outcome, run
from benchmarks.gridplan.instances import SEED, changed, county, scattered
from benchmarks.gridplan.worker import OURS, cpu_seconds
from benchmarks.report import Row
from gridplan.figures import Figures, figures
from gridplan.problem import Problem

STATE_OF_ART = "best measured before"


def balanced(
    units: int, grids: int, tolerance: float, seconds: float, peer: str, seeds: int, before: float
) -> list[Row]:
    """Rows of one size: time, deviation, broken grids, and cut edges beside a peer's on the same instance and seed.

    Both are told to cut few edges; once more both are told to cut little border, which is what grids are planned by. The
    worst of all seeds stands in the row. ``seconds``: the target and what the solver gets; ``before``: the time to beat.
    """
    problem = scattered(units, grids, tolerance)
    ours = [run(OURS, problem, 60, seed, seconds * 0.95, counted=True) for seed in range(1, seeds + 1)]
    theirs = [run(peer, problem, 60, seed, counted=True) for seed in range(1, seeds + 1)]
    ours_km, theirs_km = run(OURS, problem, 60, 1, seconds * 0.95), run(peer, problem, 60)
    name = f"{units:,} units → {grids:,} grids, ≤ {tolerance:.0%}" + (f", worst of {seeds} seeds" if seeds > 1 else "")
    failed = [one.words for one in (*ours, *theirs, ours_km, theirs_km) if one.figures is None]
    if failed:
        return [Row(f"{name}: {failed[0]}", float("inf"), "s", target=seconds)]
    pairs = [(_figures(one), _figures(other)) for one, other in zip(ours, theirs, strict=True)]
    worse, least = max(pairs, key=lambda pair: pair[0].cut_edges / pair[1].cut_edges)
    wall = max(one.wall for one in ours)
    return [
        Row(f"{name}: time", max(one.cpu for one in ours), "s", STATE_OF_ART, before, seconds, f"wall {wall:.1f} s"),
        Row(f"{name}: worst deviation", max(told.worst_deviation for told, _ in pairs) * 100, "%", peer,
            max(told.worst_deviation for _, told in pairs) * 100, tolerance * 100),
        Row(f"{name}: broken grids", max(told.broken for told, _ in pairs), "grids", peer,
            max(told.broken for _, told in pairs), 0),
        Row(f"{name}: cut edges", worse.cut_edges, "edges", peer, least.cut_edges, least.cut_edges - 1,
            "the seed where the ratio is worst"),
        Row(f"{name}: cut border", _figures(ours_km).cut_border / 1000, "km", f"{peer}, by length",
            _figures(theirs_km).cut_border / 1000, None, f"worst deviation {_figures(ours_km).worst_deviation:.2%}, "
            f"theirs {_figures(theirs_km).worst_deviation:.2%}"),
    ]  # fmt: skip


def replanned(units: int, grids: int, share: float = 0.05, factor: float = 2.0, tolerance: float = 0.02) -> list[Row]:
    """Rows for a plan kept while ``share`` of the loads change, up to ``factor`` times: what moves, and how long that takes."""
    from gridplan.improve import improve
    from gridplan.solve import solve

    before = scattered(units, grids, tolerance)
    plan = solve(before, cpu_seconds(5 * np.sqrt(units / 20_000)), 1)
    after = changed(before, share, factor)
    improve(plan, changed(before, share, factor, SEED + 1), 1.0, stop=cpu_seconds(5), seed=1)  # fetches compiled code
    began = process_time()
    kept = improve(plan, after, 1.0, stop=cpu_seconds(0.1), seed=1)
    seconds = process_time() - began
    moved = kept.label != plan.label
    new = solve(after, cpu_seconds(5 * np.sqrt(units / 20_000)), 2)
    name = f"{units:,} units, {grids:,} grids, {share:.0%} of loads changed up to {factor:g} times"
    stale = figures(after, plan.label)
    return [
        Row(f"{name}: load moved", after.load[moved].sum() / after.load.sum() * 100, "%", "made anew",
            _moved(after.load, plan.label, new.label) * 100, 0.5,
            f"no plan within tolerance can move less than {_least_moved(after, stale) * 100:.2f} %"),
        Row(f"{name}: time", seconds, "s", "made anew", new.seconds, 0.1),
        Row(f"{name}: worst deviation after", kept.figures.worst_deviation * 100, "%", "before", stale.worst_deviation * 100,
            tolerance * 100, f"broken {kept.figures.broken}; {int((kept.figures.deviation > tolerance).sum())} of {grids} "
            f"grids over tolerance, were {int((stale.deviation > tolerance).sum())}"),
    ]  # fmt: skip


def villages(count: int, most_units: int = 66, most_grids: int = 4, seconds: float = 60.0) -> list[Row]:
    """Rows for single villages: how many are proven optimal within ``seconds`` each, and the slowest."""
    from gridplan.bound import prove

    rng = np.random.default_rng(SEED)
    sizes = np.linspace(20, most_units, count).astype(int)
    times, proven, words = [], 0, []
    for at, units in enumerate(sizes):
        grids = most_grids - at % (most_grids - 1) if units < most_units else most_grids
        problem = scattered(int(units), int(grids), 0.1, int(rng.integers(1 << 30)))
        began = process_time()
        proof = prove(problem, cpu_seconds(seconds))
        times.append(process_time() - began)
        proven += proof.is_optimal
        words.append(f"{units}/{grids} {times[-1]:.0f} s{'' if proof.is_optimal else ' NOT'}")
    name = f"{count} villages of up to {most_units} units and {most_grids} grids"
    return [
        Row(f"{name}: not proven in {seconds:.0f} s", count - proven, "villages", target=0, detail=", ".join(words)),
        Row(f"{name}: slowest", max(times), "s", target=seconds),
    ]


def certified(towns: int, seconds: float, tolerance: float = 0.05, largest: int = 5_000) -> list[Row]:
    """Rows for what the borders of grids of a whole county can at most be longer than the shortest possible, certified, and the
    ways to their seats.

    With grids inside villages, which is how counties divide unless told otherwise, and inside towns. The borders of villages
    (of towns), which every plan has, are left out: only what a plan may choose is compared.
    """
    return [
        row(towns, nesting, seconds, tolerance, largest)
        for row in (_certified, _certified_ways)
        for nesting in ("village", "town")
    ]


def _certified(towns: int, nesting: str, seconds: float, tolerance: float, largest: int) -> Row:
    from gridplan.bound import prove
    from gridplan.solve import solve

    problem = county(towns, nesting, tolerance, largest=largest)
    plan = solve(problem, cpu_seconds(OURS_AT_MOST), 1)
    began = process_time()
    proof = prove(problem, cpu_seconds(seconds), plan)
    spent = process_time() - began
    best = plan if proof.plan is None else proof.plan
    one, other = problem.container[problem.edges[:, 0]], problem.container[problem.edges[:, 1]]
    between = float(problem.border[one != other].sum())
    cut, least = best.figures.cut_border - between, proof.bound.cut_border.value - between
    parts = [part for part, grids in zip(proof.bound.cut_of_container, problem.grids, strict=True) if grids > 1]
    optimal = sum(part.is_proven_optimal for part in parts)
    name = f"county of {towns} towns, {problem.units:,} units, {int(problem.grids.sum()):,} grids inside {nesting}s"
    words = f"{cut / 1000:,.0f} km inside, at least {least / 1000:,.0f} km by {proof.bound.cut_border.method}; "
    words += f"{optimal} of {len(parts)} {nesting}s of several grids proven optimal; {spent:.0f} s"
    gap = max(0.0, 1 - least / cut) if cut > 0 else 0.0  # every village one grid: nothing to choose
    return Row(f"{name}: certified gap", gap * 100, "%", STATE_OF_ART, 14, 5, words)


def _certified_ways(towns: int, nesting: str, seconds: float, tolerance: float, largest: int) -> Row:
    """Return the row of a plan made for short ways, the one made for short borders and one for both beside it."""
    from gridplan.bound.ways import distance_part
    from gridplan.seats import distance
    from gridplan.solve import Params, solve
    from gridplan.validators import validate

    problem = county(towns, nesting, tolerance, largest=largest)
    plans, spent = [], []
    for ways in (1.0, 0.5, 0.0):
        began = process_time()
        plans.append(solve(problem, cpu_seconds(seconds / 3), 1, Params(ways=ways)))  # ends by itself
        spent.append(process_time() - began)
    began, stop = process_time(), cpu_seconds(seconds - spent[0])
    bound = distance_part(problem, lambda: stop(None), None if validate(problem, plans[0].label) else plans[0].label)
    proving = process_time() - began
    short, both, borders = (distance(problem, plan.label) for plan in plans)
    name = f"county of {towns} towns, {problem.units:,} units, {int(problem.grids.sum()):,} grids inside {nesting}s"
    words = f"{short:,.1f} m to the seat on average, at least {bound.value:,.1f} m by {bound.method}; planned in "
    words += f"{spent[0]:.0f} s, proven in {proving:.0f} s; half for ways {both:,.1f} m, for borders alone {borders:,.1f} m; "
    words += "borders " + ", ".join(f"{plan.figures.cut_border / 1000:,.0f}" for plan in plans) + " km"
    gap = (1 - bound.value / short) * 100 if short > 0 else 0.0
    return Row(f"{name}: certified gap of the distance", gap, "%", STATE_OF_ART, 14, 5, words)


def sectors(sites: int, k: int, seeds: int = 3) -> list[Row]:
    """Rows for one village's sites divided into convex sectors, beside k-means."""
    from sklearn.cluster import KMeans

    from gridplan.points import split

    boundary = shapely.box(0, 0, 4_000, 3_000)
    times, worst, bulge, peers = [], [], 0.0, []
    split(np.random.default_rng(0).uniform(0, 3_000, (200, 2)), np.ones(200), boundary, 4, 0)  # fetches compiled code
    for seed in range(seeds):
        rng = np.random.default_rng(SEED + seed)
        centres = rng.uniform((400, 400), (3_600, 2_600), (8, 2))
        near = centres[rng.integers(0, 8, sites)] + rng.normal(0, 250, (sites, 2))
        points = np.clip(np.where(rng.random((sites, 1)) < 0.7, near, rng.uniform((0, 0), (4_000, 3_000), (sites, 2))),
                         1, (3_999, 2_999))  # fmt: skip
        weight = rng.lognormal(0, 0.6, sites)
        began = process_time()
        found = split(points, weight, boundary, k, seed)
        times.append(process_time() - began)
        worst.append(_worst(found.label, weight, k))
        areas = np.array(found.polygons)
        bulge = max(bulge, float((1 - shapely.area(areas) / shapely.area(shapely.convex_hull(areas))).max()))
        peers.append(_worst(KMeans(k, n_init=1, random_state=seed).fit(points).labels_, weight, k))
    name = f"{sites:,} sites → {k} sectors, worst of {seeds}"
    return [
        Row(f"{name}: worst deviation", max(worst) * 100, "%", "k-means", max(peers) * 100, 0.5),
        Row(f"{name}: time", max(times), "s", STATE_OF_ART, 0.5, 0.3),
        Row(f"{name}: share of a sector's hull outside it", bulge * 100, "%", target=0.001, detail="0 is convex"),
    ]


def _figures(outcome: Outcome) -> Figures:
    if outcome.figures is None:
        raise RuntimeError(f"{outcome.solver}: {outcome.words}")
    return outcome.figures


def _moved(load: np.ndarray, old: np.ndarray, new: np.ndarray) -> float:  # type: ignore[type-arg]
    """Return the least share of the load that changes its grid, whatever the new grids are numbered."""
    from scipy.optimize import linear_sum_assignment
    from scipy.sparse import coo_array

    size = int(max(old.max(), new.max())) + 1
    shared = coo_array((load, (old, new)), (size, size)).toarray()
    return float(1 - shared[linear_sum_assignment(shared, maximize=True)].sum() / load.sum())


def _least_moved(problem: Problem, stale: Figures) -> float:
    """Return a share of the load below which nothing can be kept: every minute too much has to leave its grid, and every
    minute that a grid lacks has to come."""
    off = stale.load / problem.mean[problem.container_of_grid] - 1
    over, short = (np.maximum(side - problem.tolerance, 0).sum() for side in (off, -off))
    return float(max(over, short) / len(off))


def _worst(label: np.ndarray, weight: np.ndarray, k: int) -> float:  # type: ignore[type-arg]
    share = np.bincount(label, weights=weight, minlength=k) * k / weight.sum()
    return float(np.abs(share - 1).max())
