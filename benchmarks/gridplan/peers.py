"""The published tools, each dividing one connected container into ``k`` grids: ``(container, k, tolerance, seed) -> label[n]``.

None of them knows hard borders inside a territory, so each is called container by container. Those that weigh edges get the
length of borders in whole metres, those that take a tolerance ours.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from gridplan.problem import Problem

Labels = npt.NDArray[np.integer[Any]]
Peer = Callable[[Problem, int, float, int], Labels]


def metis_kway(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """METIS, multilevel k-way; the balance asked for is ours."""
    import pymetis

    return _metis(problem, k, pymetis.Options(seed=seed, ufactor=max(1, round(1000 * tolerance))), recursive=False)


def metis_contiguous(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """The same, told to keep its parts connected."""
    import pymetis

    options = pymetis.Options(seed=seed, ufactor=max(1, round(1000 * tolerance)), contig=1)
    return _metis(problem, k, options, recursive=False)


def metis_recursive(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """METIS, recursive bisection as it comes."""
    import pymetis

    return _metis(problem, k, pymetis.Options(seed=seed), recursive=True)


def kahip(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """KaFFPa of KaHIP, configuration eco."""
    import kahip as tool

    graph = problem.graph
    metres = _metres(graph.border).tolist()
    _, found = tool.kaffpa(_weights(problem).tolist(), graph.start.tolist(), metres, graph.neighbour.tolist(),
                           k, tolerance, True, seed, tool.ECO)  # fmt: skip
    return np.asarray(found)


def mtkahypar(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """Mt-KaHyPar on one thread: its preset for many parts from 1,024 on, else the default."""
    import mtkahypar as tool

    tool.set_seed(seed)
    engine = tool.initialize(1, False)
    context = engine.context_from_preset(tool.PresetType.LARGE_K if k >= 1_024 else tool.PresetType.DEFAULT)
    context.set_partitioning_parameters(k, tolerance, tool.Objective.CUT)
    context.logging = False
    pairs = [(int(one), int(other)) for one, other in problem.edges]
    weights, metres = _weights(problem).tolist(), _metres(problem.border).tolist()
    graph = engine.create_graph(context, problem.units, len(pairs), pairs, weights, metres)
    return np.asarray(graph.partition(context).get_partition())


def ward(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """Ward of spopt, on places."""
    from spopt.region import WardSpatial

    model = WardSpatial(_frame(problem), _neighbours(problem), ["x", "y"], k)
    model.solve()
    return np.asarray(model.labels_)


def region_kmeans(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """Region k-means of spopt, on places."""
    from spopt.region import RegionKMeansHeuristic

    model = RegionKMeansHeuristic(problem.position, k, _neighbours(problem), seed=seed)
    model.solve()
    return np.asarray(model.labels_)


def skater(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """SKATER of spopt, on places, no grid below half the mean number of units (its only handle on balance)."""
    from spopt.region import Skater

    model = Skater(_frame(problem), _neighbours(problem), ["x", "y"], k, floor=problem.units // (2 * k))
    model.solve()
    return np.unique(model.labels_, return_inverse=True)[1]


def azp(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """AZP of spopt, on places."""
    from spopt.region import AZP

    model = AZP(_frame(problem), _neighbours(problem), ["x", "y"], k, random_state=seed)
    model.solve()
    return np.unique(model.labels_, return_inverse=True)[1]


def gerrychain_tree(problem: Problem, k: int, tolerance: float, seed: int) -> Labels:
    """Recursive tree partition of GerryChain, within our tolerance."""
    import networkx
    from gerrychain import Graph
    from gerrychain.partition.initial_partition_generators import recursive_tree_part

    graph = networkx.Graph()
    graph.add_nodes_from((unit, {"load": float(load)}) for unit, load in enumerate(problem.load))
    graph.add_edges_from(problem.edges.tolist())
    target = float(problem.load.sum()) / k
    found = recursive_tree_part(
        Graph.from_networkx(graph), range(k), target, "load", tolerance, rng=random.Random(seed)
    )
    return np.array([found[unit] for unit in range(problem.units)])


PEERS: dict[str, Peer] = {
    "METIS k-way": metis_kway,
    "METIS k-way, contiguous": metis_contiguous,
    "METIS recursive": metis_recursive,
    "KaHIP eco": kahip,
    "Mt-KaHyPar": mtkahypar,
    "spopt Ward": ward,
    "spopt region k-means": region_kmeans,
    "spopt SKATER": skater,
    "spopt AZP": azp,
    "GerryChain tree": gerrychain_tree,
}


def _metis(problem: Problem, k: int, options: Any, recursive: bool) -> Labels:
    import pymetis

    graph = problem.graph
    adjacency = pymetis.CSRAdjacency(graph.start, graph.neighbour)
    found = pymetis.part_graph(
        k, adjacency, vweights=_weights(problem), eweights=_metres(graph.border), recursive=recursive, options=options
    )
    return np.asarray(found.vertex_part)


def _weights(problem: Problem) -> npt.NDArray[np.int32]:
    """Return whole minutes: these tools know no fractions."""
    return np.maximum(1, np.rint(problem.load)).astype(np.int32)


def _metres(border: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    return np.maximum(1, np.rint(border)).astype(np.int32)


def _frame(problem: Problem) -> Any:
    import pandas

    return pandas.DataFrame(problem.position, columns=["x", "y"])


def _neighbours(problem: Problem) -> Any:
    from libpysal.weights import W

    graph = problem.graph
    around = {
        unit: graph.neighbour[graph.start[unit] : graph.start[unit + 1]].tolist() for unit in range(problem.units)
    }
    return W(around, silence_warnings=True)
