"""The pages of the handbook: hazard kinds, checklists, visit norms."""

from django.urls import path

from safegrid.foundation.web import NavItem
from safegrid.handbook.web import checklists, kind_imports, kinds, norms

NAV = [NavItem("网格手册", "handbook:kinds", icon="book")]

app_name = "handbook"
_KIND = "handbook/kinds/<int:county>/<slug:code>/"
_LIST = "handbook/checklists/<int:county>/<uuid:checklist_id>/"
urlpatterns = [
    path("handbook/kinds/", kinds.kind_list, name="kinds"),
    path("handbook/kinds/add/", kinds.add, name="add_kind"),
    path("handbook/kinds/import/", kind_imports.upload, name="import_kinds"),
    path("handbook/kinds/import/template.xlsx", kind_imports.template, name="import_kinds_template"),
    path(_KIND, kinds.kind, name="kind"),
    path(f"{_KIND}change/", kinds.change, name="change_kind"),
    path(f"{_KIND}limits/", kinds.change_limits, name="change_limits"),
    path(f"{_KIND}retire/", kinds.retire, name="retire_kind"),
    path("handbook/checklists/", checklists.checklist_list, name="checklists"),
    path("handbook/checklists/draft/", checklists.draft_new, name="draft_new"),
    path(_LIST, checklists.checklist, name="checklist"),
    path(f"{_LIST}draft/", checklists.draft_next, name="draft_next"),
    path(f"{_LIST}publish/", checklists.publish, name="publish_checklist"),
    path("handbook/norms/", norms.norm_table, name="norms"),
]
