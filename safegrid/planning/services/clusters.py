"""Industrial and commercial clusters: found by density, confirmed one by one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely
from django.db import transaction

from safegrid.foundation.errors import Conflict, InvalidInput, Refused
from safegrid.foundation.geometry import read_area, write_area
from safegrid.foundation.scope import Actor
from safegrid.planning.burden import facts_inside, facts_of, weigh, with_travel
from safegrid.planning.kept import parameters_of
from safegrid.planning.models import Cluster, ClusterState, Purpose, Scenario, ScenarioState
from safegrid.planning.pieces import villages_of
from safegrid.planning.plane import Plane, only_area
from safegrid.planning.services._begin import begin, told
from safegrid.regions import selectors as regions

# What is a cluster of trade and industry: households and public places do not make one.
TRADE = frozenset({"enterprise", "shop", "workshop", "venue"})


@transaction.atomic
def find_clusters(
    *, acting_user: Actor | None, scenario: Scenario, distance_m: float = 60.0, at_least: int = 30,
    version: int | None = None,
) -> list[Cluster]:  # fmt: skip
    """Look for places where at least so many enterprises and shops lie within ``distance_m`` of each other.

    Each candidate waits to be confirmed; those found before are dropped, decided or not. Raises ``InvalidInput``, and ``Refused``
    for a scenario that only evens out the grids there are.
    """
    begin("find_clusters", acting_user, scenario, version)
    _check_purpose(scenario)
    if not 5 <= distance_m <= 2000:
        raise InvalidInput({"distance_m": "间距应在 5–2000 米之间"})
    if not 3 <= at_least <= 100_000:
        raise InvalidInput({"at_least": "至少 3 个监管对象"})
    Cluster.objects.filter(county=scenario.county, scenario=scenario).update(state=ClusterState.DROPPED)
    made = _found(scenario, distance_m, at_least)
    Cluster.objects.bulk_create(made)
    scenario.swap(message="")
    told("find_clusters", acting_user, scenario, distance_m=distance_m, at_least=at_least, found=len(made))
    return made


def _found(scenario: Scenario, distance_m: float, at_least: int) -> list[Cluster]:
    from gridplan import points  # seconds to import, and few need it

    county, wanted = scenario.county, parameters_of(scenario)
    declared = facts_of(county, scenario.town)
    villages, _ = villages_of(county, scenario.town, declared)
    if not villages:
        return []
    facts = facts_inside(county, scenario.town, declared, villages)
    burden, _ = weigh(county, facts, villages, wanted)
    trade = {one.id for one in facts if one.site_type in TRADE}
    sure = np.array([one in trade for one in burden.ids], dtype=bool) & ~burden.stray
    if not sure.any():
        return []
    plane = Plane(float(burden.place[sure, 1].mean()))
    minutes = with_travel(burden, shapely.area(plane.shapes([one.area for one in villages])), wanted)
    place, rows = plane.metres(burden.place[sure]), np.flatnonzero(sure)
    town = np.array([villages[at].village[:9] for at in burden.piece[sure].tolist()])
    made: list[Cluster] = []
    for code in np.unique(town).tolist():  # no cluster crosses a town's border, for no grid does
        mine = np.flatnonzero(town == code)
        label = points.clusters(place[mine], distance_m, at_least)
        shapes = points.hulls(place[mine], label, margin_m=distance_m / 2)
        land = shapely.union_all(np.array([one.area for one in villages if one.village.startswith(code)], dtype=object))
        for number, shape in enumerate(shapes):
            inside = rows[mine[label == number]]
            where = Counter(villages[at].village for at in burden.piece[inside].tolist())
            area = only_area(shapely.intersection(plane.degrees(shape), land))
            made.append(Cluster(
                county=county, scenario=scenario, name=f"{regions.name_of(where.most_common(1)[0][0])}聚集区{number + 1}",
                town=code, villages=sorted(where), boundary=write_area(area), sites=len(inside),
                minutes=float(minutes[inside].sum()),
            ))  # fmt: skip
    return made


@transaction.atomic
def confirm_cluster(*, acting_user: Actor | None, cluster: Cluster, name: str, version: int | None = None) -> Cluster:
    """Say that a cluster gets grids of its own, which may cross village borders; it must not overlap another one."""
    scenario = cluster.scenario
    begin("confirm_cluster", acting_user, scenario, version, name=name)
    _check_purpose(scenario)
    if len(name.strip()) > 80:
        raise InvalidInput({"name": "名称不超过 80 字"})
    own = read_area(cluster.boundary)
    others = Cluster.objects.filter(county=cluster.county, scenario=scenario, state=ClusterState.CONFIRMED)
    for other in others.exclude(id=cluster.id):
        if other.name == name.strip():
            raise InvalidInput({"name": "已有同名的聚集区"})
        if own.intersection(read_area(other.boundary)).area > 0.01 * own.area:
            raise InvalidInput({"cluster": f"与已确认的“{other.name}”重叠，请加大查找间距后重新查找"})
    _decide(acting_user, cluster, "confirm_cluster", state=ClusterState.CONFIRMED.value, name=name.strip())
    return cluster


@transaction.atomic
def refuse_cluster(*, acting_user: Actor | None, cluster: Cluster, reason: str, version: int | None = None) -> Cluster:
    """Say that a cluster is divided like the land around it. In a plan that is ready, only of one it did not set apart."""
    begin("refuse_cluster", acting_user, cluster.scenario, version, reason=reason)
    if cluster.scenario.state != ScenarioState.DRAFT and cluster.state == ClusterState.CONFIRMED:
        raise Refused(f"“{cluster.name}”已按单独成网格计算，请复制方案，在新方案里改为不单独成网格后再计算")
    if len(reason.strip()) > 200:
        raise InvalidInput({"reason": "理由不超过 200 字"})
    _decide(acting_user, cluster, "refuse_cluster", state=ClusterState.REFUSED.value, reason=reason.strip())
    return cluster


def _check_purpose(scenario: Scenario) -> None:
    """Raise ``Refused`` for a scenario that evens out the grids there are: it makes none for clusters."""
    if scenario.purpose == Purpose.IMPROVE:
        raise Refused("微调方案只在现有网格之间调整，不为聚集区单独划网格；请新建方案重新划分")


def _decide(acting_user: Actor | None, cluster: Cluster, verb: str, **values: str) -> None:
    """Write a decision; a cluster dropped by a new search meanwhile is a conflict."""
    by = acting_user.id if acting_user else None
    rows = Cluster.objects.filter(county=cluster.county, id=cluster.id).exclude(state=ClusterState.DROPPED)
    if not rows.update(decided_by_id=by, **values):
        raise Conflict("聚集区已重新查找，请刷新后再试")
    before = cluster.state
    for key, value in values.items():
        setattr(cluster, key, value)
    if cluster.scenario.state == ScenarioState.DRAFT:
        cluster.scenario.swap(message="")
    else:  # what the run or the chief said of the plan still holds
        cluster.scenario.swap()
    told(verb, acting_user, cluster.scenario, cluster=cluster.id, name=cluster.name, sites=cluster.sites,
         state=[before, cluster.state], reason=values.get("reason", ""))  # fmt: skip
