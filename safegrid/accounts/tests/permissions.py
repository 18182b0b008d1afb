"""Who comes through the doors of accounts."""

from datetime import timedelta
from typing import Any

from safegrid.accounts.models import PersonalToken, Role
from safegrid.accounts.services import suspend_account
from safegrid.foundation import clock
from tests.cast import Cast
from tests.permissions.table import Door

ADMIN = {"system_admin": 200}
STAFFING = ("system_admin", "lead_officer", "town_officer")
API = "/api/v1/accounts"
NEW = {"username": "newcomer", "name": "新人", "place": "{town}"}
ROLE = {"kind": "committee", "place": "{next_village}", "valid_from": "2026-01-01", "reason": "换届"}
LENT = {
    "substitute": "{second_lead_officer.id}",
    "valid_from": "2096-01-01",
    "valid_to": "2096-01-31",
    "reason": "休假",
}


def paused(cast: Cast) -> dict[str, Any]:
    """Suspend somebody who knocks at no door."""
    user = cast.person("paused", "离岗人员", "committee", cast.next_village)
    return {"paused": suspend_account(acting_user=None, user=user, reason="离岗")}


def token(cast: Cast) -> dict[str, Any]:
    now = clock.now()
    return {"token": PersonalToken.objects.create(user=cast.lead_officer, name="报表", token_hash="0" * 64, tail="abcdef",
                                                  created_at=now, expires_at=now + timedelta(days=1))}  # fmt: skip


def roles(cast: Cast) -> dict[str, Any]:
    return {name: Role.objects.get(user=getattr(cast, name)) for name in ("committee", "lead_chief")}


DOORS = [
    Door("GET", "/accounts/", ADMIN),
    Door("GET", "/accounts/open/", ADMIN),
    Door("GET", "/accounts/{town_officer.id}/", ADMIN),
    Door("GET", "/accounts/{town_officer.id}/reset-password/", ADMIN),
    Door("GET", "/accounts/{outsider.id}/", {}),
    Door("GET", "/profile/", {}, others=200),
    Door("GET", API, {}, others=200),  # who administers nothing: an empty page
    Door("POST", API, dict.fromkeys(STAFFING, 201), others=403, body=NEW),
    Door("POST", API, {"outsider": 201}, others=403, body={**NEW, "place": "{foreign_town}"}),
    Door("GET", f"{API}/me", {}, others=200),
    Door("GET", f"{API}/me/tokens", {}, others=200),
    Door("POST", f"{API}/me/tokens/{{token.id}}/revoke", {"lead_officer": 200, "second_lead_officer": 404}, prepare=token),
    Door("POST", f"{API}/me/sign-out-everywhere", {}, others=200),
    Door("GET", f"{API}/{{town_officer.id}}", ADMIN),
    Door("GET", f"{API}/{{outsider.id}}", {}),
    Door("POST", f"{API}/{{town_officer.id}}/suspend", ADMIN, body={"reason": "离岗"}),
    Door("POST", f"{API}/{{outsider.id}}/suspend", {}, body={"reason": "离岗"}),
    Door("POST", f"{API}/{{paused.id}}/resume", ADMIN, body={"reason": "返岗"}, prepare=paused),
    Door("POST", f"{API}/{{town_officer.id}}/roles", {"system_admin": 201}, body=ROLE),
    Door("POST", f"{API}/{{outsider.id}}/roles", {}, body=ROLE),
    Door("POST", f"{API}/roles/{{committee.id}}/end", {**dict.fromkeys(STAFFING, 200), "committee": 200},  # the holder gives it up
         body={"reason": "换届"}, prepare=roles),
    Door("POST", f"{API}/roles/{{lead_chief.id}}/delegate", dict.fromkeys(("system_admin", "lead_chief"), 201), body=LENT,
         prepare=roles),
]  # fmt: skip
