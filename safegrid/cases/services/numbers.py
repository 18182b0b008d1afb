"""Case numbers without a sequence: county, day, five random characters."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError

from safegrid.cases.models import Case
from safegrid.foundation.bulk import insert_objects
from safegrid.foundation.clock import SHANGHAI

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: read over the telephone without error
TRIES = 8


def case_number(county: int, at: datetime) -> str:
    """Return a number such as 330521-261123-7K3QZ; one of 33 million of its county and day."""
    day = at.astimezone(SHANGHAI).strftime("%y%m%d")
    return f"{county}-{day}-{''.join(secrets.choice(CROCKFORD) for _ in range(5))}"


def insert(case: Case, number: Callable[[int, datetime], str] = case_number) -> None:
    """Save a new case under a number that no other has, trying another one on a collision.

    Any other broken constraint, or ``TRIES`` collisions in a row, raises ``IntegrityError``.
    """
    case.refuse_foreign_county()
    for _ in range(TRIES):
        case.number = number(case.county, case.reported_at)
        if insert_objects([case], unless=("county", "number")):
            return
    raise IntegrityError(f"{TRIES} numbers in a row were taken")
