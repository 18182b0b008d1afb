"""Checking the data, ordering a run, stopping it. The queue carries it out (``safegrid.planning.work``)."""

from __future__ import annotations

from django.db import transaction

from safegrid.foundation import clock
from safegrid.foundation.queue import enqueue
from safegrid.foundation.scope import Actor
from safegrid.planning import kept
from safegrid.planning.building import build
from safegrid.planning.models import Edit, Scenario, ScenarioState
from safegrid.planning.services._begin import begin, told
from safegrid.planning.services.drafting import CLEARED


@transaction.atomic
def check_scenario(*, acting_user: Actor | None, scenario: Scenario, version: int | None = None) -> Scenario:
    """Build the base units of a draft and say what stands against planning, without a run."""
    begin("check", acting_user, scenario, version)
    built = build(kept.order_of(scenario))
    kept.keep(scenario, built)
    scenario.swap(findings=[one.as_json() for one in built.said])
    told("check", acting_user, scenario, units=len(built.shapes), found=[one.code for one in built.said])
    return scenario


@transaction.atomic
def start_run(*, acting_user: Actor | None, scenario: Scenario, version: int | None = None) -> Scenario:
    """Put a scenario on the queue; a plan it had, with what was changed by hand, is dropped."""
    begin("start", acting_user, scenario, version)
    scenario.swap(state=ScenarioState.QUEUED.value, **CLEARED)
    Edit.objects.filter(county=scenario.county, scenario=scenario, undone_at__isnull=True).update(undone_at=clock.now())
    told("start", acting_user, scenario, seconds=scenario.parameters.get("seconds"))
    enqueue("planning.run", county=scenario.county, scenario_id=str(scenario.id))
    return scenario


@transaction.atomic
def stop_run(*, acting_user: Actor | None, scenario: Scenario, version: int | None = None) -> Scenario:
    """Stop a run: the best plan so far is kept. One still waiting goes back to being a draft."""
    begin("stop", acting_user, scenario, version)
    if scenario.state == ScenarioState.QUEUED:
        scenario.swap(state=ScenarioState.DRAFT.value)
    else:
        scenario.swap(stop_requested=True)
    told("stop", acting_user, scenario)
    return scenario
