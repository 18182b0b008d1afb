"""Who comes through the doors of accounts."""

from tests.permissions.table import Door

ADMIN = {"system_admin": 200}
DOORS = [
    Door("GET", "/accounts/", ADMIN),
    Door("GET", "/accounts/open/", ADMIN),
    Door("GET", "/accounts/{town_officer.id}/", ADMIN),
    Door("GET", "/accounts/{town_officer.id}/reset-password/", ADMIN),
    Door("GET", "/accounts/{outsider.id}/", {}),
    Door("GET", "/profile/", {}, others=200),
    Door("GET", "/api/v1/accounts/me", {}, others=200),
    Door("GET", "/api/v1/accounts/{town_officer.id}", ADMIN),
    Door("POST", "/api/v1/accounts/{town_officer.id}/suspend", ADMIN, body={"reason": "离岗"}),
]
