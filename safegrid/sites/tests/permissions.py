"""Who comes through the doors of the register of sites. ``site`` is the lead department's, in the member's grid."""

from typing import Any

from safegrid.foundation import clock
from safegrid.sites.models import RegisterDifference, RegisterExtract, Site
from safegrid.sites.services import mark_directly_supervised
from safegrid.sites.services import propose_change as propose
from tests.cast import Cast
from tests.permissions.table import Door

SEEING = dict.fromkeys(
    ("leader", "lead_officer", "second_lead_officer", "lead_chief", "town_officer", "lead_department_officer", "grid_member",
     "committee", "site_contact", "agency_expert", "auditor", "upper_level"),
    200,
)  # fmt: skip
KEEPERS = ("lead_officer", "second_lead_officer", "town_officer")
ELSEWHERE = {"other_town_officer": 200, "outsider": 200}  # who may do it, at a place of their own
REGISTERING = {**dict.fromkeys(KEEPERS, 200), **ELSEWHERE}


def answers(allowed: tuple[str, ...], status: int, refused: int = 403) -> dict[str, int]:
    return {**dict.fromkeys(SEEING, refused), **dict.fromkeys(allowed, status)}


PROPOSE = {"values": {"address": "塔山街 1 号"}, "words": "门牌更正"}


def change(cast: Cast) -> dict[str, Any]:
    """A change that the village's committee proposed."""
    return {"change": propose(acting_user=cast.committee, county=cast.county, site=cast.site, **PROPOSE)}


def difference(cast: Cast) -> dict[str, Any]:
    """A business of the town that the register of sites does not know."""
    now, owned = clock.now(), {"county": cast.county}
    extract = RegisterExtract.objects.create(name="市场主体.xlsx", taken_on=clock.today(), compared_at=now, **owned)
    row = RegisterDifference.objects.create(extract=extract, kind="new", key="k", name="新店", town=cast.town,
                                            village=cast.village, found={}, **owned)  # fmt: skip
    return {"difference": row}


def paused(cast: Cast) -> dict[str, Any]:
    Site.objects.filter(county=cast.county, id=cast.site.id).update(status="paused")
    return {}


def direct(cast: Cast) -> dict[str, Any]:
    """Put the site under its own department, which takes it out of the members' work."""
    mark_directly_supervised(acting_user=None, site=cast.site, reason="重点", department_id=cast.lead_department.id)
    return {}


API = "/api/v1"
NEW = {"name": "居仁五金店", "site_type": "shop", "town": "{town}", "village": "{village}"}
CHANGES, ONE = f"{API}/site-changes/{{county}}", f"{API}/sites/{{county}}/{{site.id}}"
REVIEWING = ("leader", "lead_officer", "lead_chief", "town_officer", "auditor")
READING = dict.fromkeys((*REVIEWING, "committee"), 200)  # the committee: what it proposed itself
REVIEW = {**dict.fromkeys(READING, 403), "town_officer": 200}
WORK = [
    Door("POST", f"{API}/sites/{{county}}", dict.fromkeys(KEEPERS, 201), others=403, body=NEW),
    Door("GET", CHANGES, {}, others=200),  # elsewhere: an empty page
    Door("POST", CHANGES, dict.fromkeys(("grid_member", "committee"), 201), others=403, body={"values": NEW}),
    Door("GET", f"{CHANGES}/{{change.id}}", READING, prepare=change),
    Door("POST", f"{CHANGES}/{{change.id}}/accept", REVIEW, prepare=change),
    Door("POST", f"{CHANGES}/{{change.id}}/refuse", REVIEW, body={"reason": "门牌不符"}, prepare=change),
    Door("GET", f"{API}/site-differences/{{county}}", {}, others=200),
    Door("POST", f"{API}/site-differences/{{county}}/{{difference.id}}/settle",
         {**dict.fromkeys(REVIEWING, 403), **dict.fromkeys(KEEPERS, 200)},
         body={"settle_as": "ignore", "reason": "流动摊位", "values": {}}, prepare=difference),
    Door("POST", f"{ONE}/reopen", answers(KEEPERS, 200), body={"reason": "复产"}, prepare=paused),
    Door("POST", f"{ONE}/end_direct_supervision",
         {**answers(("lead_officer", "second_lead_officer", "lead_department_officer"), 200), "grid_member": 404},
         body={"reason": "划归属地"}, prepare=direct),
    Door("POST", f"{API}/field/{{county}}/sites/{{site.id}}/contacts/{{contact.id}}/unmask",
         answers((*KEEPERS, "lead_department_officer", "grid_member", "committee"), 200), body={"reason": "上门巡查"}),
    Door("POST", f"{ONE}/contacts/{{contact.id}}/change", answers((*KEEPERS, "lead_department_officer"), 200),
         body={"position": "主要负责人"}),
]  # fmt: skip
DOORS = [
    Door("GET", "/sites/", {}, others=200),
    Door("GET", "/sites/contacts/", {}, others=200),
    Door("GET", "/sites/{county}/{site.id}/", SEEING),
    Door("GET", "/sites/{county}/{site.id}/map.json", SEEING),
    Door("GET", "/sites/{county}/{foreign_site.id}/", {}),
    Door("GET", "/sites/{county}/{site.id}/change/", dict.fromkeys(KEEPERS, 200)),
    Door("GET", "/sites/{county}/{site.id}/propose/", {"grid_member": 200, "committee": 200}),
    Door("GET", "/sites/{county}/{site.id}/close/", dict.fromkeys(KEEPERS, 200)),
    Door(
        "GET",
        "/sites/{county}/{site.id}/direct/",
        dict.fromkeys(("lead_officer", "second_lead_officer", "lead_department_officer"), 200),
    ),
    Door("GET", "/sites/{county}/{site.id}/paint/", {}),
    Door(
        "GET",
        "/sites/{county}/{site.id}/contacts/{contact.id}/unmask/",
        dict.fromkeys((*KEEPERS, "lead_department_officer", "grid_member", "committee"), 200),
    ),
    Door("GET", "/sites/register/", REGISTERING),
    Door("GET", "/sites/imports/new/", REGISTERING),
    Door("GET", "/sites/imports/compare/", dict.fromkeys(("lead_officer", "second_lead_officer", "outsider"), 200)),
    Door("GET", "/sites/changes/", {}, others=200),
    Door("GET", "/sites/differences/", {}, others=200),
    Door("GET", "/sites/imports/", {}, others=200),
    Door("GET", "/api/v1/sites/{county}", {}, others=200),
    Door("GET", "/api/v1/sites/{county}/{site.id}", SEEING),
    Door("GET", "/api/v1/sites/{county}/{site.id}/history", SEEING),
    Door(
        "POST",
        "/api/v1/sites/{county}/{site.id}/change",
        answers(KEEPERS, 200),
        body={"version": 1, "values": {"employees": 90}},
    ),
    Door(
        "POST",
        "/api/v1/sites/{county}/{site.id}/close",
        answers(KEEPERS, 200),
        body={"reason": "停产", "how": "paused"},
    ),
    Door(
        "POST",
        "/api/v1/sites/{county}/{site.id}/propose_change",
        answers(("grid_member", "committee"), 201),
        body=PROPOSE,
    ),
    Door(
        "POST",
        "/api/v1/sites/{county}/{site.id}/contacts",
        answers((*KEEPERS, "lead_department_officer"), 201),
        body={"name": "李四", "phone": "13800138000"},
    ),
    Door(
        "POST",
        "/api/v1/sites/{county}/{site.id}/mark_directly_supervised",
        answers(("lead_officer", "second_lead_officer", "lead_department_officer"), 201),
        body={"reason": "危险化学品使用", "department_id": "{lead_department.id}"},
    ),
    *WORK,
]
