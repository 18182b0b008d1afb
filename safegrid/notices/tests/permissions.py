"""Who comes through the doors of notices: an inbox is everybody's own, and nobody else's."""

from safegrid.notices import services
from safegrid.notices.models import Notice
from tests.permissions.table import Door


def tell(cast):
    services.tell(county=cast.county, recipients=[cast.lead_officer.id], kind="k", title="t", key="door")
    return {"notice": Notice.objects.get(county=cast.county, key="door")}


ADDRESSEE = {"lead_officer": 200, "second_lead_officer": 404}
DOORS = [
    Door("GET", "/notices/", {}, others=200),
    Door("GET", "/notices/preferences/", {}, others=200),
    Door("GET", "/notices/{county}/{notice.id}/", ADDRESSEE, prepare=tell),
    Door("GET", "/api/v1/notices", {}, others=200),
    Door("POST", "/api/v1/notices/{county}/{notice.id}/read", ADDRESSEE, prepare=tell),
    Door("GET", "/api/v1/notices/unread-count", {}, others=200),
    Door("POST", "/api/v1/notices/read-all", {}, others=200),
    Door("GET", "/api/v1/notices/preferences", {}, others=200),
    Door(
        "POST",
        "/api/v1/notices/preferences",
        {},
        others=200,
        body=[{"kind": "", "channel": "sms", "wanted": False}],
    ),
]
