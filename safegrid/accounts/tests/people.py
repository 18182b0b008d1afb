"""A few accounts for the tests of this context."""

from datetime import date

from safegrid.accounts.models import Role, User
from safegrid.foundation.models import TraceRow

COUNTY, TOWN, VILLAGE = 330521, "330521100", "330521100201"
OTHER_COUNTY = 330522
PASSWORD = "Wang-Ge-2026-safe"


def person(username, *roles, place=str(COUNTY), password=None, **fields):
    """Make an account with roles: (kind, place) or (kind, place, {more})."""
    user = User.objects.create_user(username, password, name=fields.pop("name", username), place=place, **fields)
    for kind, where, *more in roles:
        Role.objects.create(user=user, kind=kind, place=where, valid_from=date(2020, 1, 1), **(more[0] if more else {}))
    return user


def admin(username="admin", place=str(COUNTY), **fields):
    return person(username, ("system_admin", place), place=place, **fields)


def actions(county=COUNTY):
    """Return the actions in the trace of a county, oldest first."""
    return list(TraceRow.objects.filter(county=county).order_by("id").values_list("action", flat=True))
