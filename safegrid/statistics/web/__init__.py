"""The pages of figures."""

from django.urls import path

from safegrid.foundation.web import NavItem
from safegrid.statistics.access import READERS
from safegrid.statistics.web import lists, pages

NAV = [NavItem("统计", "statistics:overview", icon="chart-histogram", roles=READERS)]

app_name = "statistics"
urlpatterns = [
    *[path(one.path, pages.page, {"name": name}, name=name) for name, one in pages.PAGES.items()],
    path("statistics/screen/", pages.screen, name="screen"),
    path("statistics/cases/<slug:measure>/", lists.case_list, name="cases"),
    path("statistics/sites/<slug:measure>/", lists.site_list, name="sites"),
]
