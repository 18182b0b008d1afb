"""The pages of grids and members."""

from django.urls import path

from safegrid.foundation.web import NavItem
from safegrid.grids.web import drawing, imports, lists, pages, records, verbs

OFFICE = frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "upper_level", "auditor"})
NAV = [
    NavItem("网格", "grids:list", icon="map-2", roles=OFFICE | {"committee", "grid_member"}),
    NavItem("网格员", "grids:members", icon="users", roles=OFFICE),
]

app_name = "grids"
_GRID = "grids/<int:county>/<uuid:grid_id>/"
_MEMBER = "members/<int:county>/<uuid:member_id>/"
urlpatterns = [
    path("grids/", lists.grid_list, name="list"),
    path("grids/map.json", lists.map_of_all, name="map_of_all"),
    path("grids/sites-without-grid/", lists.sites_without_grid, name="sites_without_grid"),
    path("grids/officers/", records.officer_list, name="officers"),
    path("grids/open/", verbs.open_grid, name="open"),
    path("grids/import/", imports.grid_import, name="import"),
    path("grids/import/template.xlsx", imports.grid_template, name="import_template"),
    path("grids/<int:county>/borders.json", drawing.borders, name="borders"),
    path("grids/<int:county>/check/", drawing.check, name="check"),
    path(_GRID, pages.grid, name="grid"),
    path(f"{_GRID}map.json", pages.grid_map, name="grid_map"),
    path(f"{_GRID}<slug:verb>/", verbs.grid_verb, name="grid_verb"),
    path("grids/versions/<int:county>/<uuid:row_id>/withdraw/", verbs.withdraw, name="withdraw"),
    path("grids/officers/<int:county>/<uuid:row_id>/<slug:verb>/", verbs.officer_verb, name="officer_verb"),
    path("grids/sites/<int:county>/<uuid:site_id>/<slug:verb>/", verbs.site_verb, name="site_verb"),
    path("members/", lists.member_list, name="members"),
    path("members/postings/", records.posting_list, name="postings"),
    path("members/papers/", records.paper_list, name="papers"),
    path("members/leaves/", records.leave_list, name="leaves"),
    path("members/enrol/", verbs.enrol, name="enrol"),
    path("members/import/", imports.member_import, name="member_import"),
    path("members/import/template.xlsx", imports.member_template, name="member_import_template"),
    path(_MEMBER, pages.member, name="member"),
    path(f"{_MEMBER}<slug:verb>/", verbs.member_verb, name="member_verb"),
    path("members/rows/<slug:kind>/<int:county>/<uuid:row_id>/", verbs.row_verb, name="row_verb"),
]
