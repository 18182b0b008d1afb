"""Who comes through the doors of responsibility."""

from safegrid.handbook.tests.permissions import INSIDE, OFFICE, READ
from tests.permissions.table import Door

API = "/api/v1"
SEES_SITE = ("leader", "lead_officer", "lead_chief", "town_officer", "lead_department_officer", "grid_member", "committee",
             "site_contact", "agency_expert", "auditor", "upper_level")  # fmt: skip


def rule(cast):
    return {"rule": cast.duty_rules[0]}


DOORS = [
    Door("GET", "/duties/rules/", {}, others=200),
    Door("GET", "/duties/why/{county}/{site.id}/", dict.fromkeys(SEES_SITE, 200)),
    Door("GET", f"{API}/duty-rules/{{county}}", {}, others=200),  # elsewhere: an empty page
    Door("GET", f"{API}/duty-rules/{{county}}/{{rule.id}}", READ, prepare=rule),
    Door("POST", f"{API}/duty-rules/{{county}}", dict.fromkeys(OFFICE, 201), others=403,
         body={"department_id": "{fire.id}", "site_type": "venue"}),
    Door("POST", f"{API}/duty-rules/{{county}}/{{rule.id}}/end",
         {**dict.fromkeys(INSIDE, 403), **dict.fromkeys(OFFICE, 200)}, body={"reason": "机构改革"}, prepare=rule),
    Door("GET", f"{API}/duty-explanations/{{county}}/{{site.id}}", dict.fromkeys(SEES_SITE, 200)),
    Door("GET", f"{API}/duty-gaps/{{county}}", {}, others=200),
    Door("GET", f"{API}/duty-conflicts/{{county}}", {}, others=200),
]  # fmt: skip
