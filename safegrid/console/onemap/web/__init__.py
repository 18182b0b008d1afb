"""The pages of the one map."""

from django.urls import path

from safegrid.console.onemap.web import cards, pages, search, select, tiles
from safegrid.console.onemap.web.common import READERS
from safegrid.foundation.web import NavItem

NAV = [NavItem("一张图", "map:home", icon="map-pin", roles=READERS)]

app_name = "map"
_MAP = "map/<int:county>/"
urlpatterns = [
    path("map/", pages.home, name="home"),
    path("map/frame.json", pages.frame, name="frame"),
    path(_MAP, pages.county_map, name="county"),
    path(f"{_MAP}still.json", pages.still, name="still"),
    path(f"{_MAP}tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", tiles.tile, name="tile"),
    path(f"{_MAP}search/", search.search, name="search"),
    path(f"{_MAP}here/", search.here, name="here"),
    path(f"{_MAP}sites/<uuid:site_id>/", cards.site, name="site"),
    path(f"{_MAP}grids/<uuid:grid_id>/", cards.grid, name="grid"),
    path(f"{_MAP}cases/<uuid:case_id>/", cards.case, name="case"),
    path(f"{_MAP}members/<uuid:member_id>/", cards.member, name="member"),
    path(f"{_MAP}places/<str:place>/", cards.place, name="place"),
    path(f"{_MAP}select/", select.choose, name="select"),
    path(f"{_MAP}select/assign/", select.assign, name="assign"),
    path(f"{_MAP}select/direct/", select.direct, name="direct"),
]
