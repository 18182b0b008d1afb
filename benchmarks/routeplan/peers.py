"""Other solvers on the same tables, in whole seconds: each returns the order of one day's visits.

All minimise travel and lost prizes but VROOM, which knows priorities only: prizes become priorities, the mandatory the highest.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import process_time
from typing import Any

import numpy as np

from routeplan.tables import Tables

Peer = Callable[[Tables, float, int], list[int]]


def pyvrp(tables: Tables, seconds: float, seed: int) -> list[int]:
    """PyVRP with its own parameters, ``seconds`` of CPU."""
    import pyvrp as tool

    n, service = len(tables.visits), tables.service
    windows = tables.windows[:, 0, 0]
    clients = [
        tool.Client(at, service_duration=int(service[at]), tw_early=int(windows[at, 0]), tw_late=int(windows[at, 1]),
                    prize=0 if tables.visits[at].is_mandatory else int(tables.worth[at]),
                    required=tables.visits[at].is_mandatory)
        for at in range(n)
    ]  # fmt: skip
    begin, end = (int(at) for at in tables.hours[0])
    vehicle = tool.VehicleType(start_depot=0, end_depot=1, tw_early=begin, tw_late=end)
    places = [tool.Location(0, 0) for _ in range(n + 2)]
    data = tool.ProblemData(
        places, clients, [tool.Depot(n), tool.Depot(n + 1)], [vehicle], [tables.travel], [tables.travel]
    )
    began = process_time()
    best = tool.solve(data, lambda _: process_time() - began >= seconds, seed, collect_stats=False).best
    return [step.idx for route in best.routes() for step in route.schedule() if step.is_client()]


def ortools(tables: Tables, seconds: float, seed: int) -> list[int]:
    """The routing library of OR-Tools: savings, then guided local search for ``seconds`` of wall time."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    n = len(tables.visits)
    manager = pywrapcp.RoutingIndexManager(n + 2, 1, [n], [n + 1])
    model = pywrapcp.RoutingModel(manager)
    service = np.concatenate((tables.service, [0, 0]))
    ways, times = tables.travel.tolist(), (tables.travel + service[:, None]).tolist()

    def way(one: int, other: int) -> int:
        return int(ways[manager.IndexToNode(one)][manager.IndexToNode(other)])

    def time(one: int, other: int) -> int:
        return int(times[manager.IndexToNode(one)][manager.IndexToNode(other)])

    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitCallback(way))
    begin, end = (int(at) for at in tables.hours[0])
    model.AddDimension(model.RegisterTransitCallback(time), end, end, False, "time")
    clock = model.GetDimensionOrDie("time")
    clock.CumulVar(model.Start(0)).SetRange(begin, end)
    clock.CumulVar(model.End(0)).SetRange(begin, end)
    for at in range(n):
        low, high = (int(bound) for bound in tables.windows[at, 0, 0])
        clock.CumulVar(manager.NodeToIndex(at)).SetRange(low, high)
        model.AddDisjunction([manager.NodeToIndex(at)], min(int(tables.worth[at]), 10_000_000))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.SAVINGS
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(seconds * 1_000))
    found, order = model.SolveWithParameters(parameters), []
    index = found.Value(model.NextVar(model.Start(0))) if found else None
    while index is not None and not model.IsEnd(index):
        order.append(manager.IndexToNode(index))
        index = found.Value(model.NextVar(index))
    return order


def vroom(tables: Tables, seconds: float, seed: int) -> list[int]:
    """VROOM at its highest exploration; it ends by itself."""
    import vroom as tool

    n = len(tables.visits)
    problem = tool.Input()
    problem.set_durations_matrix("car", tables.travel)
    begin, end = (int(at) for at in tables.hours[0])
    problem.add_vehicle(tool.Vehicle(1, start=n, end=n + 1, profile="car", time_window=tool.TimeWindow(begin, end)))
    most = max(
        1, *(int(worth) for worth, visit in zip(tables.worth, tables.visits, strict=True) if not visit.is_mandatory), 1
    )
    for at, visit in enumerate(tables.visits):
        low, high = (int(bound) for bound in tables.windows[at, 0, 0])
        priority = 100 if visit.is_mandatory else int(99 * tables.worth[at] / most)
        problem.add_job(tool.Job(at, location=at, default_service=int(tables.service[at]), priority=priority,
                                 time_windows=[tool.TimeWindow(low, high)]))  # fmt: skip
    steps: Any = problem.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds)).routes
    return [int(at) for at, kind in zip(steps["id"], steps["type"], strict=True) if kind == "job"]


PEERS: dict[str, Peer] = {"PyVRP": pyvrp, "OR-Tools": ortools, "VROOM": vroom}
