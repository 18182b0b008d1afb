"""The pages of the register of sites."""

from django.urls import path

from safegrid.foundation.web import NavItem
from safegrid.sites.web import contacts, imports, lists, pages, register, reviews, verbs

_KEEPERS = frozenset({"lead_officer", "town_officer"})
_COMPARERS = frozenset({"leader", "lead_officer", "lead_chief", "town_officer"})
_READERS = frozenset(
    {"leader", "lead_officer", "lead_chief", "town_officer", "department_officer", "committee", "grid_member",
     "agency_expert", "site_contact", "upper_level", "auditor"}
)  # fmt: skip
NAV = [
    NavItem("监管对象", "sites:list", icon="building-factory", roles=_READERS),
    NavItem("台账变更", "sites:change_list", icon="file-pencil",
            roles=frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "committee", "grid_member"})),
    NavItem("登记比对", "sites:difference_list", icon="arrows-diff", roles=_COMPARERS),
    NavItem("台账导入", "sites:import_list", icon="file-import", roles=_KEEPERS),
]  # fmt: skip

app_name = "sites"
_SITE = "sites/<int:county>/<uuid:site_id>/"
_CHANGE = "sites/changes/<int:county>/<uuid:change_id>/"
_RUN = "sites/imports/<int:county>/<uuid:run_id>/"
urlpatterns = [
    path("sites/", lists.site_list, name="list"),
    path("sites/contacts/", contacts.contact_list, name="contacts"),
    path("sites/register/", register.register, name="register"),
    path("sites/propose/", register.propose_new, name="propose_new"),
    path("sites/changes/", reviews.change_list, name="change_list"),
    path(_CHANGE, reviews.change, name="change"),
    path(f"{_CHANGE}accept/", reviews.accept, name="accept_change"),
    path(f"{_CHANGE}refuse/", reviews.refuse, name="refuse_change"),
    path("sites/differences/", reviews.difference_list, name="difference_list"),
    path("sites/differences/<int:county>/<uuid:difference_id>/", reviews.settle, name="settle"),
    path("sites/imports/", imports.run_list, name="import_list"),
    path("sites/imports/new/", imports.start, name="import"),
    path("sites/imports/compare/", imports.compare, name="compare"),
    path("sites/imports/template.xlsx", imports.template, name="import_template"),
    path(_RUN, imports.run, name="import_run"),
    path(f"{_RUN}refused.xlsx", imports.refused, name="import_refused"),
    path(f"{_RUN}confirm/", imports.confirm, name="confirm_import"),
    path(f"{_RUN}cancel/", imports.cancel, name="cancel_import"),
    path(_SITE, pages.detail, name="detail"),
    path(f"{_SITE}map.json", pages.map_of, name="map"),
    path(f"{_SITE}contacts/add/", contacts.add, name="add_contact"),
    path(f"{_SITE}contacts/<uuid:contact_id>/change/", contacts.change, name="change_contact"),
    path(f"{_SITE}contacts/<uuid:contact_id>/unmask/", contacts.unmask, name="unmask_contact"),
    path(f"{_SITE}unmask/", contacts.unmask_household, name="unmask_household"),
    path(f"{_SITE}<slug:verb>/", verbs.site_verb, name="verb"),
]
