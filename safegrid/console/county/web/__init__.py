"""The pages of a county's calendar, its ladder of overruns and its trace."""

from django.urls import path

from safegrid.console.county.web import calendar, ladder, trace
from safegrid.foundation.web import NavItem

NAV = [
    NavItem("工作日历", "county:calendar", icon="calendar", roles=calendar.READERS - {"upper_level"}),
    NavItem("操作留痕", "county:trace", icon="history", roles=trace.READERS),
]

app_name = "county"
_CALENDAR, _LADDER, _TRACE = "calendar/<int:county>/", "ladder/<int:county>/", "trace/<int:county>/"
urlpatterns = [
    path("calendar/", calendar.year, name="calendar"),
    path(f"{_CALENDAR}day/", calendar.set_day, name="set_day"),
    path(f"{_CALENDAR}hours/", calendar.set_hours, name="set_hours"),
    path(f"{_CALENDAR}import/", calendar.load, name="load_year"),
    path("calendar/template.xlsx", calendar.template, name="year_template"),
    path("ladder/", ladder.ladder, name="ladder"),
    path(f"{_LADDER}<slug:severity>/", ladder.change, name="change_ladder"),
    path("trace/", trace.acts, name="trace"),
    path(f"{_TRACE}verify/", trace.check, name="verify_trace"),
]
