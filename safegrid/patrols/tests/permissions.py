"""Who comes through the doors of patrols."""

from datetime import timedelta
from uuid import uuid4

from safegrid.foundation import clock
from safegrid.patrols.models import MemberPlan, PlannedVisit, PlanRun, Visit
from tests.permissions.table import Door

READERS = ("leader", "lead_officer", "lead_chief", "town_officer", "lead_department_officer", "grid_member", "auditor",
           "upper_level")  # fmt: skip
SEES_SITE = (*READERS, "committee", "site_contact", "agency_expert")


def visit(cast):
    member, now = cast.member_of(cast.grid_member), clock.now()
    made = Visit.objects.create(
        county=cast.county, device_id=uuid4(), site=cast.site, member_id=member.id, member_user_id=cast.grid_member.id,
        grid_id=cast.grid.id, town=cast.town, village=cast.village, outcome="closed", visited_at=now, recorded_at=now,
    )  # fmt: skip
    return {"visit": made}


def moment(cast):
    return {"device": uuid4(), "moment": (clock.now() - timedelta(minutes=5)).isoformat()}


def plans(cast):
    """A plan, a planned visit of the grid's member, and a planning that runs."""
    member, today = cast.member_of(cast.grid_member), clock.today()
    owner = {"county": cast.county, "member_id": member.id, "member_user_id": cast.grid_member.id}
    plan = MemberPlan.objects.create(**owner, town=cast.town, began_on=today)
    planned = PlannedVisit.objects.create(**owner, site=cast.site, grid_id=cast.grid.id, town=cast.town, village=cast.village,
                                          reason="regular", minutes=20, due_by=today, on=today)  # fmt: skip
    run = PlanRun.objects.create(county=cast.county, key="x", town=cast.town, total=5, started_at=clock.now())
    return {"plan": plan, "planned": planned, "run": run, "today": today.isoformat()}


PLAN_READERS = ("leader", "lead_officer", "lead_chief", "town_officer", "grid_member", "auditor", "upper_level")
OFFICE = tuple(one for one in PLAN_READERS if one != "grid_member")
PLANNING = {"lead_officer": 200, "town_officer": 200}
PLANNED = "/api/v1/planned-visits/{county}"
RUNS = "/api/v1/patrol-runs/{county}"
PLAN = "/patrol-plans/{county}/{plan.id}/"
DOORS = [
    Door("GET", "/patrol-plans/", {}, others=200),
    Door("GET", "/patrol-plans/members/", {}, others=200),
    Door("GET", "/patrol-plans/replan/", {**PLANNING, "other_town_officer": 200, "outsider": 200}),
    Door("GET", PLAN, dict.fromkeys(PLAN_READERS, 200), prepare=plans),
    Door("GET", PLAN + "map.json", dict.fromkeys(PLAN_READERS, 200), prepare=plans),
    Door("GET", PLAN + "travel/", dict.fromkeys(PLAN_READERS, 200), prepare=plans),
    Door("POST", PLAN + "travel/", {**dict.fromkeys(PLAN_READERS, 403), **PLANNING, "lead_officer": 302, "town_officer": 302,
         "grid_member": 302}, prepare=plans, body={"mode": "walking"}),
    Door("POST", PLAN + "replan/", {**dict.fromkeys(PLAN_READERS, 403), "lead_officer": 302, "town_officer": 302},
         prepare=plans),
    Door("POST", "/patrol-plans/visits/{county}/{planned.id}/skip/", {**dict.fromkeys(PLAN_READERS, 403), "grid_member": 302},
         prepare=plans, body={"reason": "汛期值守"}),
    Door("POST", "/patrol-plans/runs/{county}/{run.id}/stop/", {**dict.fromkeys(OFFICE, 403), "lead_officer": 302,
         "town_officer": 302}, prepare=plans),
    Door("GET", "/site-codes/{county}/{grid.id}/", {"lead_officer": 200, "town_officer": 200, "grid_member": 200}),
    Door("GET", "/site-codes/{county}/sites/{site.id}/", {"lead_officer": 200, "town_officer": 200, "grid_member": 200}),
    Door("GET", PLANNED, {}, others=200),
    Door("POST", PLANNED, {**dict.fromkeys(SEES_SITE, 403), "grid_member": 201}, body={"site_id": "{site.id}"}),
    Door("POST", PLANNED + "/{planned.id}/skip", {**dict.fromkeys(PLAN_READERS, 403), "grid_member": 200}, prepare=plans,
         body={"reason": "汛期值守"}),
    Door("GET", "/api/v1/patrol-plans/{county}", {}, others=200),
    Door("POST", "/api/v1/patrol-plans/{county}/{plan.id}/travel",
         {**dict.fromkeys(PLAN_READERS, 403), **PLANNING, "grid_member": 200}, prepare=plans, body={"mode": "walking"}),
    Door("POST", RUNS, {"lead_officer": 201, "town_officer": 201}, others=403, body={"town": "{town}"}),
    Door("GET", RUNS + "/{run.id}", dict.fromkeys(OFFICE, 200), prepare=plans),
    Door("POST", RUNS + "/{run.id}/stop", {**dict.fromkeys(OFFICE, 403), **PLANNING}, prepare=plans),
    Door("GET", "/visits/", {}, others=200),
    Door("GET", "/visits/{county}/{visit.id}/", dict.fromkeys(READERS, 200), prepare=visit),
    Door("GET", "/api/v1/visits/{county}", {}, others=200),  # elsewhere: an empty page
    Door("GET", "/api/v1/visits/{county}/{visit.id}", dict.fromkeys(READERS, 200), prepare=visit),
    Door("POST", "/api/v1/visits/{county}", {**dict.fromkeys(SEES_SITE, 403), "grid_member": 201}, prepare=moment,
         body={"device_id": "{device}", "site_id": "{site.id}", "outcome": "closed", "visited_at": "{moment}"}),
]  # fmt: skip
