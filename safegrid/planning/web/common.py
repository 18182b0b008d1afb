"""What the pages of planning share: words of states, places, one scenario or 404."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from safegrid.foundation.scope import Actor
from safegrid.foundation.web import web_user
from safegrid.foundation.web.pages import read
from safegrid.planning import selectors
from safegrid.planning.workflow import SCENARIO
from safegrid.regions import selectors as regions

STATES = [(state.name, state.label) for state in SCENARIO.states]
TONES = {
    "draft": "gray", "queued": "blue", "running": "blue", "ready": "green", "stopped": "orange", "failed": "red",
    "approved": "green", "publishing": "blue", "published": "green", "superseded": "gray",
}  # fmt: skip
UNDER_WAY = ("queued", "running", "publishing")
WITH_PLAN = ("ready", "stopped", "approved", "publishing", "published")


def state_label(state: str) -> str:
    return SCENARIO.state[state].label


def percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f}%"


def so_far(scenario: Any) -> dict[str, Any]:
    """Return what ``_running.html`` shows: seconds spent, and the best division found in them."""
    now = selectors.progress_of(scenario)
    worst = now["figures"].get("worst_deviation") if not now["is_over"] else None
    return {**now, "grids": now["figures"].get("grids"), "worst": percent(worst)}


def children(code: str) -> list[tuple[str, str]]:
    return [(row.code, row.name) for row in regions.children(code)]


def shown_place(row: Any, names: Mapping[str, str]) -> str:
    name = names.get(row.territory, row.territory)
    return name if row.town else f"{name}（全县）"


def scenario_of(request: HttpRequest, county: int, scenario_id: UUID) -> tuple[Actor, Any]:
    """Return who asks and the scenario; 404 where it is not visible."""
    user = web_user(request)
    return user, read(user, selectors.scenario_for, county, scenario_id)


def page_of(scenario: Any) -> str:
    return reverse("planning:scenario", args=[scenario.county, scenario.pk])
