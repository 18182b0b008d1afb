"""The pages of cases."""

from django.urls import path

from safegrid.cases import duty_desk, indices, intake
from safegrid.cases.web import common, duty, figures, lists, page, reporting, verbs
from safegrid.foundation.web import NavItem

NAV = [
    NavItem("案件", "cases:list", icon="clipboard-list", roles=common.READERS),
    NavItem("上报隐患", "cases:report_somewhere", icon="flag", roles=frozenset(intake.REPORTERS)),
    NavItem("事故值班", "cases:duty_somewhere", icon="phone-call", roles=frozenset(duty_desk.READERS)),
    NavItem("案件指标", "cases:indices_somewhere", icon="chart-bar",
            roles=frozenset({"lead_officer", "lead_chief", "leader", "town_officer", "department_officer", "upper_level",
                             "auditor"}) & frozenset(indices.READERS)),
]  # fmt: skip

app_name = "cases"
_ONE = "cases/<int:county>/<uuid:case_id>/"
urlpatterns = [
    path("cases/", lists.everywhere, name="list"),
    path("cases/new/", reporting.somewhere, name="report_somewhere"),
    path("cases/duty/", duty.somewhere, name="duty_somewhere"),
    path("cases/indices/", figures.somewhere, name="indices_somewhere"),
    path("cases/<int:county>/", lists.of_county, name="county"),
    path("cases/<int:county>/new/", reporting.report, name="report"),
    path("cases/<int:county>/new/on-the-spot/", reporting.settle_on_spot, name="settle_on_spot"),
    path("cases/<int:county>/new/similar/", reporting.similar, name="similar"),
    path("cases/<int:county>/new/sites/", reporting.find_site, name="find_site"),
    path("cases/<int:county>/duty/", duty.desk, name="duty"),
    path("cases/<int:county>/duty/<uuid:shift_id>/withdraw/", duty.withdraw, name="withdraw_shift"),
    path("cases/<int:county>/indices/", figures.figures, name="indices"),
    path(_ONE, page.detail, name="detail"),
    path(f"{_ONE}map.json", page.case_map, name="map"),
    path(f"{_ONE}<slug:verb>/", verbs.verb, name="verb"),
]
