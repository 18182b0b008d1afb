"""Who comes through the doors of patrols."""

from datetime import timedelta
from uuid import uuid4

from safegrid.foundation import clock
from safegrid.patrols.models import Visit
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


DOORS = [
    Door("GET", "/visits/", {}, others=200),
    Door("GET", "/visits/{county}/{visit.id}/", dict.fromkeys(READERS, 200), prepare=visit),
    Door("GET", "/api/v1/visits/{county}", {}, others=200),  # elsewhere: an empty page
    Door("GET", "/api/v1/visits/{county}/{visit.id}", dict.fromkeys(READERS, 200), prepare=visit),
    Door("POST", "/api/v1/visits/{county}", {**dict.fromkeys(SEES_SITE, 403), "grid_member": 201}, prepare=moment,
         body={"device_id": "{device}", "site_id": "{site.id}", "outcome": "closed", "visited_at": "{moment}"}),
]  # fmt: skip
