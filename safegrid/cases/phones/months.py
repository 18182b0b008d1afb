"""What one member reported and rechecked, month by month: as the indices count it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from safegrid.cases import access
from safegrid.cases.indices import CONDITIONS, LEFT_OUT
from safegrid.cases.models import Recheck
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor

_COUNTED = ~Q(state__in=LEFT_OUT)
COUNTS = {
    "reports": Count("id", filter=_COUNTED),
    "valid_reports": Count("id", filter=_COUNTED & CONDITIONS["valid"]),
    "rejected_reports": Count("id", filter=Q(state="rejected")),
    "merged_reports": Count("id", filter=Q(state="merged")),
    "on_spot": Count("id", filter=_COUNTED & Q(is_settled_on_spot=True)),
}


def months(user: Actor, county: int, since: date) -> dict[date, dict[str, int]]:
    """Return by month (its first day, Asia/Shanghai) from the month of ``since`` on what the user did as a member.

    Reports are counted in the month in which they came in, as the indices do: ``reports`` without those merged or cancelled.
    Rechecks in the month in which they were made. Months without anything are left out. Two statements.
    """
    start = datetime.combine(since.replace(day=1), time(), clock.SHANGHAI)
    own = access.visible(user).filter(
        county=county, reporter_id=user.id, reporter_role="grid_member", reported_at__gte=start
    )
    found: dict[date, dict[str, int]] = {}
    for row in _by_month(own, "reported_at", **COUNTS):
        found[row.pop("month").date()] = row
    made = Recheck.objects.filter(county=county, assigned_to_id=user.id, result__in=("passed", "failed"), done_by_id=user.id,
                                  done_at__gte=start)  # fmt: skip
    for row in _by_month(made, "done_at", rechecks=Count("id")):
        found.setdefault(row["month"].date(), {})["rechecks"] = row["rechecks"]
    return found


def _by_month(rows: Any, column: str, **counts: Any) -> Any:
    month = TruncMonth(column, tzinfo=clock.SHANGHAI)
    return rows.order_by().annotate(month=month).values("month").annotate(**counts)
