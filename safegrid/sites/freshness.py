"""Which sites' records are stale: for a year nobody registered them, changed them or confirmed them by a visit.

Visits belong to a context above; it says here (``register_confirmation``, in ``wiring.py``) how one confirms a record.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from safegrid.foundation import clock
from safegrid.sites.models import SiteStatus

_confirmations: list[Callable[[datetime], Q]] = []


def register_confirmation(since: Callable[[datetime], Q]) -> None:
    """``since``: the condition on sites that says something confirmed the record at or after a moment."""
    if since not in _confirmations:
        _confirmations.append(since)


def stale_q() -> Q:
    """Return the condition on sites that are in business, not supervised directly and whose record is stale now.

    ``updated_at`` moves with the facts alone: the grid and the department, which others assign, leave it as it is.
    """
    limit = clock.now() - timedelta(days=settings.STALE_DAYS)
    condition = Q(status=SiteStatus.ACTIVE, is_directly_supervised=False, updated_at__lt=limit)
    for since in _confirmations:
        condition &= ~since(limit)
    return condition
