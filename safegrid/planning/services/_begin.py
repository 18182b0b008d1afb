"""How every verb on a scenario begins."""

from __future__ import annotations

from typing import Any

from safegrid.foundation import trace
from safegrid.foundation.errors import Conflict
from safegrid.foundation.scope import Actor
from safegrid.planning import access
from safegrid.planning.models import Scenario
from safegrid.planning.workflow import SCENARIO


def begin(verb: str, acting_user: Actor | None, scenario: Scenario, version: int | None = None, **given: Any) -> None:
    """Raise ``NotPermitted``, ``WrongState``, ``InvalidInput`` or ``Conflict`` unless ``verb`` may be done now."""
    access.require(acting_user, verb, scenario)
    row = SCENARIO.find(verb, scenario.state)
    SCENARIO.require(row, given)
    if version is not None and version != scenario.version:
        raise Conflict


def told(verb: str, acting_user: Actor | None, scenario: Scenario, **changes: Any) -> None:
    """Write the trace of a verb on a scenario."""
    trace.record(acting_user=acting_user, action=f"planning.{verb}", target=scenario, changes=changes)
