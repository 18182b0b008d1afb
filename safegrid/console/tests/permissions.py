"""Who comes through the doors of the one map and of what all registers share."""

from __future__ import annotations

from typing import Any

from tests.cast import Cast
from tests.faults.every_row import EveryRow
from tests.permissions.table import Door

PLANNING = ("lead_officer",)
STAFFING = (*PLANNING, "town_officer")
OFFICE = (*STAFFING, "lead_chief", "leader", "auditor", "upper_level")
READERS = (
    *OFFICE, "other_town_officer", "lead_department_officer", "fire_officer", "market_officer", "grid_member",
    "next_grid_member", "committee", "hotline_officer", "site_contact", "agency_expert",
)  # fmt: skip
OF_THE_SITE = (*OFFICE, "lead_department_officer", "grid_member", "committee", "site_contact", "agency_expert")
CHOOSING = (*STAFFING, "other_town_officer", "lead_department_officer", "fire_officer", "market_officer")
MARKING = (*PLANNING, "lead_department_officer", "fire_officer", "market_officer")


def all_of(people: tuple[str, ...], status: int = 200) -> dict[str, int]:
    return dict.fromkeys(people, status)


def _tile(layer: str) -> Door:
    return Door("GET", f"/map/{{county}}/tiles/{layer}/13/6830/3363.mvt", all_of(READERS))


NOBODYS = "01a20000-0000-7000-8000-000000000001"


def _run(cast: Cast) -> dict[str, Any]:
    return {"run": EveryRow(cast).bulk_run}


OWN = {"lead_officer": 200, "second_lead_officer": 404}

CALENDAR = ("system_admin", "leader", "lead_officer", "lead_chief", "town_officer", "other_town_officer",
            "lead_department_officer", "fire_officer", "market_officer", "auditor", "outsider")  # fmt: skip
KEEPERS = ("system_admin", "lead_officer", "lead_chief")

DOORS = [
    Door("GET", "/calendar/", {**all_of(CALENDAR), "upper_level": 404}),  # above counties one is named
    Door("GET", "/calendar/?county=330521", {**all_of(CALENDAR), "upper_level": 200, "outsider": 404}),
    Door("GET", "/calendar/template.xlsx", {}, others=200),
    Door("GET", "/calendar/{county}/day/", all_of(KEEPERS)),
    Door("POST", "/calendar/{county}/day/", all_of(KEEPERS, 422)),
    Door("GET", "/calendar/{county}/hours/", all_of(KEEPERS)),
    Door("GET", "/calendar/{county}/import/", all_of(KEEPERS)),
    Door("GET", "/ladder/?county=330521", {**all_of(CALENDAR), "upper_level": 200, "outsider": 404}),
    Door("GET", "/ladder/{county}/minor/", {"lead_chief": 200}),
    Door("POST", "/ladder/{county}/minor/", {"lead_chief": 422}, body={"value_1": "3"}),
    Door("GET", "/trace/", {"auditor": 200}),
    Door("GET", "/trace/{county}/verify/", {"auditor": 200}),
    Door("GET", "/bulk/{county}/{run}/", OWN, prepare=_run),
    Door("GET", "/bulk/{county}/{run}/result.xlsx", OWN, prepare=_run),
    Door("POST", "/bulk/{county}/{run}/", {**OWN, "lead_officer": 422}, prepare=_run),
    Door("GET", "/search/?q=居仁", {}, others=200),
    Door("POST", "/views/", {}, others=302),  # back to the list, or to the desk with what was wrong
    Door("POST", f"/views/{NOBODYS}/default/", {}),
    Door("POST", f"/views/{NOBODYS}/delete/", {}),
    Door("GET", "/map/", {**all_of(READERS, 302), "outsider": 302, "upper_level": 200}),
    Door("GET", "/map/{county}/", all_of(READERS)),
    Door("GET", "/map/frame.json?county=330521", all_of(READERS)),
    Door("GET", "/map/{county}/still.json", all_of(READERS)),
    *[_tile(layer) for layer in ("places", "sites", "direct", "gaps", "cases", "members")],
    Door("GET", "/map/{county}/search/?q=居仁", all_of(READERS)),
    Door("GET", "/map/{county}/here/?at=120.01,30.51", all_of(READERS)),
    Door("GET", "/map/{county}/sites/{site.id}/", all_of(OF_THE_SITE)),
    Door("GET", "/map/{county}/grids/{grid.id}/", all_of((*OFFICE, "grid_member", "committee"))),
    Door("GET", "/map/{county}/select/", all_of(CHOOSING)),
    Door("GET", "/map/{county}/select/assign/", all_of((*STAFFING, "other_town_officer"), 302)),
    Door("GET", "/map/{county}/select/direct/", all_of(MARKING, 302)),
    Door("POST", "/map/{county}/select/assign/", all_of((*STAFFING, "other_town_officer"), 422)),
    Door("POST", "/map/{county}/select/direct/", all_of(MARKING, 422)),
]
