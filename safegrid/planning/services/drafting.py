"""Making scenarios and saying what they are worked out with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.grids import selectors as grids
from safegrid.planning import access, parameters
from safegrid.planning.models import Cluster, ClusterState, Purpose, Scenario, ScenarioState
from safegrid.planning.selectors import default_parameters
from safegrid.planning.services._begin import begin, told
from safegrid.planning.workflow import SCENARIO
from safegrid.regions import selectors as regions

# What a scenario loses when it is worked out anew.
CLEARED: dict[str, Any] = {
    "findings": [], "progress": {}, "labels": [], "container_grids": [], "grids": [], "figures": {}, "bounds": {},
    "message": "", "stop_requested": False, "started_at": None, "ended_at": None,
}  # fmt: skip


@transaction.atomic
def create_scenario(
    *, acting_user: Actor | None, county: int, name: str, town: str = "",
    parameters: Mapping[str, Any] | None = None, purpose: str = Purpose.DIVIDE,
) -> Scenario:  # fmt: skip
    """Make a draft for a town, or for the whole county; parameters left out are the county's norms and the defaults.

    Raises ``InvalidInput``, ``NotPermitted``.
    """
    access.require_at(acting_user, "create", county)
    SCENARIO.require(SCENARIO.find("create", ""), {"name": name})
    known = regions.codes_of_county(county)
    if town and (len(town) != 9 or not town.startswith(str(county)) or (known and town not in known)):
        raise InvalidInput({"town": "请选择本县的乡镇（街道），留空为全县"})
    wanted = _checked(county, town, {**default_parameters(county), **(parameters or {})})
    return _made(acting_user, "create", county=county, name=_name(name), town=town, parameters=wanted, purpose=purpose)


@transaction.atomic
def copy_scenario(
    *, acting_user: Actor | None, scenario: Scenario, name: str, changes: Mapping[str, Any] | None = None
) -> Scenario:
    """Make a draft like another scenario, its clusters as decided included, with some parameters changed: to compare."""
    access.require(acting_user, "copy", scenario)
    SCENARIO.require(SCENARIO.find("copy", ""), {"name": name})
    wanted = _checked(scenario.county, scenario.town, {**scenario.parameters, **(changes or {})})
    made = _made(acting_user, "copy", county=scenario.county, name=_name(name), town=scenario.town, parameters=wanted,
                 purpose=scenario.purpose, copied_from=scenario)  # fmt: skip
    rows = Cluster.objects.filter(county=scenario.county, scenario=scenario).exclude(state=ClusterState.DROPPED)
    Cluster.objects.bulk_create(
        Cluster(county=row.county, scenario=made, name=row.name, town=row.town, villages=row.villages,
                boundary=bytes(row.boundary), sites=row.sites, minutes=row.minutes, state=row.state, reason=row.reason,
                decided_by_id=row.decided_by_id)
        for row in rows.order_by("id")
    )  # fmt: skip
    return made


@transaction.atomic
def change_scenario(
    *, acting_user: Actor | None, scenario: Scenario, changes: Mapping[str, Any], name: str | None = None,
    version: int | None = None,
) -> Scenario:  # fmt: skip
    """Change parameters (those named) or the name; a plan already worked out is dropped and the scenario a draft again."""
    begin("change", acting_user, scenario, version)
    wanted = _checked(scenario.county, scenario.town, {**scenario.parameters, **changes})
    new = {"parameters": wanted, "name": _name(name) if name is not None else scenario.name}
    different = {
        key: [scenario.parameters.get(key), value]
        for key, value in wanted.items()
        if scenario.parameters.get(key) != value
    }
    if new["name"] != scenario.name:
        different["name"] = [scenario.name, new["name"]]
    if not different:
        return scenario
    scenario.swap(state=ScenarioState.DRAFT.value, **new, **CLEARED)
    told("change", acting_user, scenario, **different)
    return scenario


@transaction.atomic
def discard_scenario(
    *, acting_user: Actor | None, scenario: Scenario, reason: str, version: int | None = None
) -> Scenario:
    """Give a scenario up; it stays readable."""
    begin("discard", acting_user, scenario, version, reason=reason)
    scenario.swap(state=ScenarioState.SUPERSEDED.value, message=reason.strip()[:500])
    told("discard", acting_user, scenario, reason=reason.strip())
    return scenario


def _made(acting_user: Actor | None, verb: str, **values: Any) -> Scenario:
    made = Scenario(state=ScenarioState.DRAFT.value, created_by_id=acting_user.id if acting_user else None,
                    created_at=clock.now(), **values)  # fmt: skip
    made.save(force_insert=True)
    copied = values.get("copied_from")
    told(verb, acting_user, made, name=made.name, town=made.town, purpose=made.purpose, parameters=made.parameters,
         **({"copied_from": copied.id} if copied else {}))  # fmt: skip
    return made


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 100:
        raise InvalidInput({"name": "请填写名称，不超过 100 字"})
    return name


def _checked(county: int, town: str, given: Mapping[str, Any]) -> dict[str, Any]:
    wanted = parameters.read(given)
    open_grids = {one.id for one in grids.open_at(county, town)}
    if unknown := [one for one in wanted.locked_grids if one not in open_grids]:
        raise InvalidInput({"locked_grids": f"{len(unknown)} 个要锁定的网格不在本次范围内或已撤销"})
    for relaxed in wanted.relaxations:
        if not all(village.startswith(town or str(county)) for village in relaxed.villages):
            raise InvalidInput({"relaxations": "放宽村界的村（社区）不在本次范围内"})
    return wanted.as_json()
