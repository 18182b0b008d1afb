"""The pages of visits, of plans of visits, and of the codes that hang at sites."""

from __future__ import annotations

from django.urls import path

from safegrid.patrols.web import codes, plans, verbs, visits

NAV = [*visits.NAV, *plans.NAV]

app_name = "patrols"
_PLAN = "patrol-plans/<int:county>/<uuid:plan_id>/"
urlpatterns = [
    path("visits/", visits.visit_list, name="list"),
    path("visits/<int:county>/<uuid:visit_id>/", visits.visit, name="detail"),
    path("patrol-plans/", plans.planned_list, name="planned"),
    path("patrol-plans/members/", plans.member_list, name="members"),
    path("patrol-plans/replan/", verbs.replan, name="replan"),
    path("patrol-plans/runs/<int:county>/<uuid:plan_run_id>/", verbs.run, name="run"),
    path("patrol-plans/runs/<int:county>/<uuid:plan_run_id>/stop/", verbs.stop, name="stop"),
    path("patrol-plans/visits/<int:county>/<uuid:planned_id>/skip/", verbs.skip, name="skip"),
    path("patrol-plans/add/<int:county>/<uuid:site_id>/", verbs.add, name="add"),
    path(_PLAN, plans.member, name="member"),
    path(f"{_PLAN}map.json", plans.member_map, name="member_map"),
    path(f"{_PLAN}travel/", verbs.travel, name="travel"),
    path(f"{_PLAN}replan/", verbs.replan_member, name="replan_member"),
    path("site-codes/<int:county>/<uuid:grid_id>/", codes.of_grid, name="grid_codes"),
    path("site-codes/<int:county>/sites/<uuid:site_id>/", codes.of_site, name="site_code"),
]
