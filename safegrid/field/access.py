"""Who works with the field app: members and committees of a county."""

from __future__ import annotations

from safegrid.foundation.scope import Actor, held

# Whole counties do not belong on phones that stay signed in for weeks: other roles use the console.
ROLES = ("grid_member", "committee")


def county_of(user: Actor) -> int | None:
    """Return the county that ``user`` works in with the app; None: in no county."""
    counties = [holding.county for holding in held(user, *ROLES) if holding.county]
    return counties[0] if counties else None


def works_in(user: Actor, county: int) -> bool:
    """Say whether ``user`` works with the app in ``county``."""
    return any(holding.county == county for holding in held(user, *ROLES))
