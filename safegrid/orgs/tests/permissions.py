"""Who comes through the doors of the bodies."""

from typing import Any

from safegrid.foundation import clock
from safegrid.orgs.models import NamedOfficer
from safegrid.orgs.services import close_department
from safegrid.regions.models import Region
from tests.cast import Cast
from tests.permissions.table import Door

INSIDE = (
    "system_admin", "leader", "lead_officer", "second_lead_officer", "lead_chief", "town_officer", "other_town_officer",
    "lead_department_officer", "fire_officer", "market_officer", "hotline_officer", "committee", "grid_member",
    "next_grid_member", "other_grid_member", "reward_officer", "auditor", "upper_level",
)  # fmt: skip
KEEPERS = ("system_admin", "lead_officer", "second_lead_officer")
CHANGE = {"name": "消防救援大队", "level": "county", "role": "cooperating"}
WITH_TOWN = (*KEEPERS, "town_officer")
API = "/api/v1"
ONE, NAMED = f"{API}/departments/{{county}}/{{fire.id}}", f"{API}/named-officers/{{county}}/{{officer.id}}"
NEW_TOWN = "330521002"


def may(people: tuple[str, ...], done: int = 200) -> dict[str, int]:
    """Those who may get ``done``; those who only see the body 403; others 404."""
    return {**dict.fromkeys(INSIDE, 403), **dict.fromkeys(people, done)}


def closed(cast: Cast) -> dict[str, Any]:
    return {"closed": close_department(acting_user=None, department=cast.fire, reason="机构改革")}


def officer(cast: Cast) -> dict[str, Any]:
    return {"officer": NamedOfficer.objects.create(county=cast.county, department=cast.fire, name="赵科长",
                                                   valid_from=clock.today())}  # fmt: skip


def town_without_station(cast: Cast) -> dict[str, Any]:
    Region.objects.create(code=NEW_TOWN, name="舞阳街道", level=4, parent_code="330521")
    return {}


DOORS = [
    Door("GET", "/departments/", {}, others=200),
    Door("GET", "/departments/{county}/{fire.id}/", dict.fromkeys(INSIDE, 200)),
    Door("GET", "/departments/open/", dict.fromkeys((*KEEPERS, "outsider"), 200)),  # a lead officer elsewhere
    Door("GET", f"{API}/departments/{{county}}", {}, others=200),  # elsewhere: an empty page
    Door("POST", f"{API}/departments/{{county}}", dict.fromkeys(KEEPERS, 201), others=403,
         body={"code": "EDU", "name": "教育局"}),
    Door("GET", ONE, dict.fromkeys(INSIDE, 200)),
    Door("POST", f"{ONE}/change", may(KEEPERS), body=CHANGE),
    Door("POST", f"{ONE}/close", may(KEEPERS), body={"reason": "机构改革"}),
    Door("POST", f"{ONE}/reopen", may(KEEPERS), body={"reason": "恢复职责"}, prepare=closed),
    Door("GET", f"{ONE}/officers", dict.fromkeys(INSIDE, 200)),
    Door("POST", f"{ONE}/officers", may((*KEEPERS, "fire_officer"), 201), body={"name": "钱科长", "valid_from": "2026-01-01"}),
    Door("POST", f"{NAMED}/end", may((*KEEPERS, "fire_officer")), body={"reason": "调离"}, prepare=officer),
    Door("GET", f"{API}/stations/{{county}}", {}, others=200),
    Door("POST", f"{API}/stations/{{county}}", dict.fromkeys(KEEPERS, 201), others=403,
         body={"place": NEW_TOWN, "name": "舞阳街道安监站"}, prepare=town_without_station),
    Door("POST", f"{API}/stations/{{county}}/{{station.id}}/change", may(WITH_TOWN), body={"name": "武康安监所"}),
    Door("POST", f"{API}/stations/{{county}}/{{other_station.id}}/change", may((*KEEPERS, "other_town_officer")),
         body={"name": "乾元安监所"}),
    Door("GET", f"{API}/committees/{{county}}", {}, others=200),
    Door("POST", f"{API}/committees/{{county}}", dict.fromkeys(WITH_TOWN, 201), others=403,
         body={"place": "{next_village}", "name": "吉祥社区居民委员会"}),
    Door("POST", f"{API}/committees/{{county}}/{{village_committee.id}}/change", may(WITH_TOWN),
         body={"name": "居仁社区居委会"}),
]  # fmt: skip
