"""The pages of dividing a territory: scenarios, one scenario step by step, comparison, who is to serve where."""

from django.urls import path

from safegrid.foundation.web import NavItem
from safegrid.planning.web import compare, editing, lists, live, pages, steps

OFFICE = frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "upper_level", "auditor"})
NAV = [NavItem("网格划分", "planning:list", icon="chart-treemap", roles=OFFICE)]

app_name = "planning"
_SCENARIO = "planning/<int:county>/<uuid:scenario_id>/"
urlpatterns = [
    path("planning/", lists.scenario_list, name="list"),
    path("planning/new/", steps.create, name="create"),
    path("planning/compare/", compare.comparison, name="compare"),
    path("planning/postings/", lists.posting_list, name="postings"),
    path("planning/postings/<int:county>/<uuid:proposal_id>/<slug:verb>/", lists.posting_verb, name="posting_verb"),
    path("planning/clusters/<int:county>/<uuid:cluster_id>/<slug:verb>/", steps.cluster_verb, name="cluster_verb"),
    path(_SCENARIO, pages.scenario, name="scenario"),
    path(f"{_SCENARIO}units/", pages.units, name="units"),
    path(f"{_SCENARIO}units.json", live.units, name="units_map"),
    path(f"{_SCENARIO}outlines.json", live.outlines, name="outlines"),
    path(f"{_SCENARIO}clusters.json", live.clusters, name="cluster_map"),
    path(f"{_SCENARIO}progress.json", live.progress, name="progress"),
    path(f"{_SCENARIO}running/", live.running, name="running"),
    path(f"{_SCENARIO}drag/", editing.drag, name="drag"),
    path(f"{_SCENARIO}edit/<slug:verb>/", editing.edit, name="edit"),
    path(f"{_SCENARIO}<slug:step>/", steps.step, name="step"),
]
