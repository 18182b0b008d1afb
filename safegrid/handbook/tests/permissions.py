"""Who comes through the doors of the handbook."""

from tests.permissions.table import Door

INSIDE = (
    "system_admin", "leader", "lead_officer", "lead_chief", "town_officer", "other_town_officer", "lead_department_officer",
    "fire_officer", "market_officer", "hotline_officer", "committee", "grid_member", "next_grid_member", "reward_officer",
    "site_contact", "agency_expert", "auditor", "upper_level",
)  # fmt: skip
OFFICE = ("lead_officer", "lead_chief")
DRAFTERS = (*OFFICE, "lead_department_officer", "fire_officer", "market_officer")
READ = dict.fromkeys(INSIDE, 200)
ITEM = {"code": "EXIT", "text": "安全出口是否畅通", "hazard_kind": "FIRE-EXIT-BLOCKED"}
DRAFT = {"code": "ENTERPRISE", "name": "检查表", "site_type": "enterprise", "items": [ITEM]}
NORM = {"site_type": "enterprise", "risk_grade": "orange", "visits_a_year": 10, "minutes": 30}


def written_by(*people, done=200):
    return {**dict.fromkeys(INSIDE, 403), **dict.fromkeys(people, done)}


def kinds(cast):
    return {"kind": cast.general_kind.code}


def norm(cast):
    _ = cast.visit_norm
    return {}


def draft(cast):
    from safegrid.handbook.services import draft_checklist

    items = [{"code": "A", "text": "甲"}]
    made = draft_checklist(acting_user=None, county=cast.county, code="NEW", name="新", site_type="shop",
                           industry_prefix="", items=items)  # fmt: skip
    return {"draft": made}


API = "/api/v1"
DOORS = [
    Door("GET", "/handbook/kinds/{county}/{kind}/", READ, prepare=kinds),
    Door("GET", f"{API}/hazard-kinds/{{county}}", {}, others=200),  # elsewhere: an empty page
    Door("GET", f"{API}/hazard-kinds/{{county}}/{{kind}}", READ, prepare=kinds),
    Door("POST", f"{API}/hazard-kinds/{{county}}", dict.fromkeys(OFFICE, 201), others=403, prepare=kinds,
         body={"code": "NEW", "name": "新类别", "nature": "hazard", "severity": "general"}),
    Door("POST", f"{API}/hazard-kinds/{{county}}/{{kind}}/change_limits", written_by(*OFFICE), prepare=kinds,
         body={"limits": {}}),
    Door("POST", f"{API}/hazard-kinds/{{county}}/{{kind}}/retire", written_by(*OFFICE), prepare=kinds,
         body={"reason": "重复"}),
    Door("GET", f"{API}/checklists/{{county}}", {}, others=200),
    Door("GET", f"{API}/checklists/{{county}}/{{checklist.id}}", READ),
    Door("POST", f"{API}/checklists/{{county}}", dict.fromkeys(DRAFTERS, 201), others=403, body=DRAFT, prepare=kinds),
    Door("POST", f"{API}/checklists/{{county}}/{{draft.id}}/publish",
         {**dict.fromkeys(DRAFTERS, 403), **dict.fromkeys(OFFICE, 200)}, prepare=draft),
    Door("GET", f"{API}/visit-norms/{{county}}", {}, others=200),
    Door("POST", f"{API}/visit-norms/{{county}}/set", dict.fromkeys(OFFICE, 200), others=403, body=NORM, prepare=norm),
]  # fmt: skip
