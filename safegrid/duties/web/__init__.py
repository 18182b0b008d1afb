"""The pages of responsibility: rules, gaps and conflicts, why a department, the coverage table."""

from django.urls import path

from safegrid.duties.web import gaps, imports, overview, rules
from safegrid.foundation.web import NavItem

OFFICE = frozenset({
    "leader", "lead_officer", "lead_chief", "town_officer", "department_officer", "upper_level", "auditor",
})  # fmt: skip
NAV = [NavItem("条块责任", "duties:rules", icon="gavel", roles=OFFICE)]

app_name = "duties"
urlpatterns = [
    path("duties/rules/", rules.rule_list, name="rules"),
    path("duties/rules/add/", rules.add, name="add_rule"),
    path("duties/rules/<int:county>/<uuid:rule_id>/end/", rules.end, name="end_rule"),
    path("duties/rules/import/", imports.upload, name="import"),
    path("duties/rules/import/template.xlsx", imports.template, name="import_template"),
    path("duties/gaps/", gaps.gap_list, name="gaps"),
    path("duties/conflicts/", gaps.conflict_list, name="conflicts"),
    path("duties/expired/", gaps.expired_list, name="expired"),
    path("duties/matrix/", overview.matrix, name="matrix"),
    path("duties/why/<int:county>/<uuid:site_id>/", overview.why, name="why"),
]
