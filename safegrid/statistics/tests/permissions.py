"""Who comes through the doors of statistics: those who see everything at a place, and its own figures only."""

from safegrid.statistics.services import keep
from tests.permissions.table import Door

COUNTY = ("leader", "lead_officer", "lead_chief", "auditor", "upper_level")
READERS = (*COUNTY, "town_officer", "other_town_officer", "outsider")


def summed(cast):
    keep(cast.county, places=True)
    return {"sheet": "indices"}


def only(people, *, town=404):
    """200 for these; other readers of figures find nothing there, and who reads none is told so."""
    return {**dict.fromkeys(READERS, 404), "town_officer": town, **dict.fromkeys(people, 200)}


PAGES = ("", "coverage/", "hazards/", "compare/", "members/", "coverage/villages/", "screen/")
DOORS = [
    *[Door("GET", f"/statistics/{page}", dict.fromkeys(READERS, 200), prepare=summed) for page in PAGES],
    Door("GET", "/statistics/?place={county}", dict.fromkeys(COUNTY, 200), prepare=summed),
    Door("GET", "/statistics/?place={town}", dict.fromkeys((*COUNTY, "town_officer"), 200), prepare=summed),
    Door("GET", "/statistics/?place=3305", {"upper_level": 200}, prepare=summed),
    Door("GET", "/statistics/cases/reported/?place={county}", dict.fromkeys(COUNTY, 200), prepare=summed),
    Door("GET", "/statistics/sites/sites_without_grid/?place={town}", dict.fromkeys((*COUNTY, "town_officer"), 200)),
    Door("GET", "/api/v1/statistics", dict.fromkeys(READERS, 200), others=403),
    Door("GET", "/api/v1/statistics/{sheet}", dict.fromkeys(READERS, 200), others=403, prepare=summed),
    Door("GET", "/api/v1/statistics/coverage?place={county}", only(COUNTY), others=403, prepare=summed),
    Door("GET", "/api/v1/statistics/coverage?place={town}", only(COUNTY, town=200), others=403, prepare=summed),
    Door("GET", "/api/v1/statistics/indices?place=3305", only(("upper_level",)), others=403),
]  # fmt: skip
