"""What the map and the progress panel of a scenario ask for while it is worked out."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from safegrid.foundation.web import render_part
from safegrid.planning import access, selectors
from safegrid.planning.web.common import UNDER_WAY, scenario_of, so_far, state_label

EMPTY = {"type": "FeatureCollection", "features": []}


@login_required
def units(request: HttpRequest, county: int, scenario_id: UUID) -> JsonResponse:
    """The base units with the grid of each; none before they are built."""
    _, scenario = scenario_of(request, county, scenario_id)
    return JsonResponse(selectors.map_of(scenario) if selectors.has_units(scenario) else EMPTY)


@login_required
def outlines(request: HttpRequest, county: int, scenario_id: UUID) -> JsonResponse:
    return JsonResponse(selectors.outlines_of(scenario_of(request, county, scenario_id)[1]))


@login_required
def clusters(request: HttpRequest, county: int, scenario_id: UUID) -> JsonResponse:
    """The clusters; the name of one that waits for a decision leads to it."""
    user, scenario = scenario_of(request, county, scenario_id)
    drawn = selectors.cluster_map(scenario)
    if any(one.verb == "confirm_cluster" for one in access.verbs_for(user, scenario)):
        for about in (feature["properties"] for feature in drawn["features"]):
            if "label" in about and about["state"] == "found":
                about["url"] = reverse("planning:cluster_verb", args=[county, about["cluster"], "confirm"])
    return JsonResponse(drawn)


@login_required
def progress(request: HttpRequest, county: int, scenario_id: UUID) -> JsonResponse:
    """The best division so far, for colouring the map."""
    return JsonResponse(selectors.progress_of(scenario_of(request, county, scenario_id)[1]))


@login_required
def running(request: HttpRequest, county: int, scenario_id: UUID) -> HttpResponse:
    """The panel that says how far the work is; when it is over, htmx loads the whole page anew."""
    _, scenario = scenario_of(request, county, scenario_id)
    context = {"scenario": scenario, "state_label": state_label(scenario.state), "so_far": so_far(scenario)}
    response = render_part(request, "planning/_running.html", context, title=scenario.name)
    if scenario.state not in UNDER_WAY:
        response.headers["HX-Refresh"] = "true"
    return response
