"""Which cases a map shows: those open at the end of a day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q

from safegrid.cases.workflow import OPEN
from safegrid.foundation import clock


def open_on(day: date) -> Q:
    """Return the condition "open at the end of a day" (today: open now) on cases.

    A case that ended without being closed (refused, merged, cancelled) ended when it was last written.
    """
    if day >= clock.today():
        return Q(state__in=OPEN)
    end = datetime.combine(day + timedelta(days=1), time(), clock.SHANGHAI)
    ended_later = Q(closed_at__gte=end) | Q(closed_at__isnull=True, updated_at__gte=end)
    return Q(reported_at__lt=end) & (Q(state__in=OPEN) | ended_later)
