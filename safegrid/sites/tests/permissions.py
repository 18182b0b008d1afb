"""Who comes through the doors of the register of sites. ``site`` is the lead department's, in the member's grid."""

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
DOORS = [
    Door("GET", "/sites/", {}, others=200),
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
]
