"""The indices of cases.md, rule 10: how much is handled, closed, filed, sent right and rechecked, and how much of it in time.

Definitions follow digital city management (aligned with, not certified to, GB/T 30428). Every index is a share of two counts
over the cases *reported* in a period (Asia/Shanghai days), merged and cancelled ones left out. What "should" be done by now is
what is done plus what is over its limit and not done; what still has time counts neither for nor against anyone. "In time"
means that no timer of the stage concerned ran over; with ``excused`` the overruns whose appeal was accepted are in time, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from safegrid.cases import access
from safegrid.cases.models import Case, CaseTimer, Dispute, Recheck, Stage, TimerState
from safegrid.cases.timers import MAIN_STAGES
from safegrid.cases.workflow import OPEN
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.scope import Actor, held

READERS = ("lead_officer", "lead_chief", "leader", "town_officer", "department_officer", "grid_member", "committee",
           "upper_level", "auditor")  # fmt: skip
LEFT_OUT = ("merged", "cancelled")
OVER = (TimerState.OVERDUE, TimerState.BADLY_OVERDUE)


@dataclass(frozen=True)
class Index:
    """One index: a share of two counts, with the words that explain it on pages."""

    name: str
    label: str
    over: str
    under: str
    words: str


INDICES = (
    Index("filing", "立案率", "registered", "reported", "立案数÷上报数"),
    Index("valid_report", "有效上报率", "valid", "reported", "有效上报数（立案，或当场整改经确认）÷上报数"),
    Index("accurate_dispatch", "准确派遣率", "sent_right", "dispatched", "未被退回、未起争议的派遣数÷派遣数"),
    Index("handled", "处置率", "handled", "should_handle", "处置数÷应处置数（已处置，或处置已超期）"),
    Index("handled_in_time", "按期处置率", "handled_in_time", "should_handle", "处置环节未超期的处置数÷应处置数"),
    Index("closed", "结案率", "closed", "should_close", "结案数÷应结案数（已结案，或当前环节已超期）"),
    Index("closed_in_time", "按期结案率", "closed_in_time", "should_close", "各环节均未超期的结案数÷应结案数"),
    Index("rechecked_in_time", "按期复查率", "rechecked_in_time", "should_recheck",
          "复查环节未超期的复查数÷应复查数（已复查，或复查已超期）"),
    Index("rework", "返工率", "reworked", "ever_handled", "复查不合格返工的案件数÷处置过的案件数"),
    Index("supervised", "督办率", "supervised", "registered", "被督办的立案数÷立案数"),
)  # fmt: skip
OVERDUE_NOW = "overdue_now"

# What figures are grouped by: the values of these columns are the keys of the lines.
GROUPINGS: dict[str, Any] = {
    "member": F("reporter_id"),
    "village": F("village"),
    "town": F("town"),
    "grid": F("grid_id"),
    "department": F("department_id"),
    "kind": F("kind"),
    "severity": F("severity"),
    "channel": F("channel"),
    "day": TruncDay("reported_at", tzinfo=clock.SHANGHAI),
    "week": TruncWeek("reported_at", tzinfo=clock.SHANGHAI),
    "month": TruncMonth("reported_at", tzinfo=clock.SHANGHAI),
}


@dataclass(frozen=True)
class Line:
    """The figures of one group; ``key`` is None for the whole. ``rate`` is None where there is nothing to take a share of."""

    key: Any
    counts: Mapping[str, int]

    def rate(self, name: str) -> float | None:
        index = next(one for one in INDICES if one.name == name)
        under = self.counts[index.under]
        return self.counts[index.over] / under if under else None

    @property
    def rates(self) -> dict[str, float | None]:
        return {index.name: self.rate(index.name) for index in INDICES}


def indices(
    user: Actor,
    county: int,
    *,
    since: date,
    until: date,
    by: str = "",
    excused: bool = False,
    as_of: datetime | None = None,
) -> list[Line]:
    """Return the figures of the cases that ``user`` sees, reported from ``since`` to ``until`` (both included).

    ``by``: a name of ``GROUPINGS``, one line for each of its values in order; "" one line for all. ``excused``: leave out
    overruns whose appeal was accepted. ``as_of``: the moment at which limits are looked at (now). Grouped ``by`` member only
    what grid members reported counts. One SQL statement. Raises ``InvalidInput``, ``NotPermitted`` for roles that may not learn
    who reported what (a site's contact).
    """
    if not held(user, *READERS):
        raise NotPermitted("您的岗位不能查看统计指标")
    if by and by not in GROUPINGS:
        raise InvalidInput({"by": "没有这种分组方式"})
    if since > until:
        raise InvalidInput({"until": "结束日期不能早于开始日期"})
    rows = marked(cases_of_days(user, county, since, until), county, as_of or clock.now(), excused)
    if by == "member":
        rows = rows.filter(reporter_role="grid_member")
    if not by:
        return [Line(None, rows.aggregate(**COUNTS))]
    grouped: Any = (
        rows.annotate(key=GROUPINGS[by])
        .order_by()
        .values("key")
        .annotate(**COUNTS)
        .order_by(F("key").asc(nulls_last=True))
    )
    return [Line(_key(line.pop("key")), line) for line in grouped]


def cases_of_days(user: Actor, county: int, since: date, until: date) -> QuerySet[Case]:
    """Return the cases that ``user`` sees, reported on these days (both included), less the merged and the cancelled."""
    start = datetime.combine(since, time(), clock.SHANGHAI)
    end = datetime.combine(until, time(), clock.SHANGHAI) + timedelta(days=1)
    seen = access.visible(user).filter(county=county, reported_at__gte=start, reported_at__lt=end)
    return seen.exclude(state__in=LEFT_OUT)


def marked(cases: QuerySet[Case], county: int, at: datetime, excused: bool) -> QuerySet[Case]:
    """Mark each case with what its timers, rechecks and disputes say of it."""
    of_case = {"county": county, "case_id": OuterRef("id")}
    timers = CaseTimer.objects.filter(**of_case)
    running = Q(stopped_at__isnull=True, paused_at__isnull=True)
    late = timers.filter((~running & Q(state__in=OVER)) | (running & Q(due_at__lte=at)))
    if excused:
        late = late.filter(is_excused=False)
    now_late = late.filter(running)
    rechecked = Recheck.objects.filter(**of_case, result__in=("passed", "failed"))
    return cases.annotate(
        late_handling=Exists(late.filter(stage=Stage.HANDLE)),
        late_rechecking=Exists(late.filter(stage=Stage.RECHECK)),
        late_somewhere=Exists(late.filter(stage__in=MAIN_STAGES)),
        handling_late_now=Exists(now_late.filter(stage=Stage.HANDLE)),
        rechecking_late_now=Exists(now_late.filter(stage=Stage.RECHECK)),
        late_now=Exists(now_late.filter(stage__in=MAIN_STAGES)),
        was_rechecked=Exists(rechecked),
        was_disputed=Exists(Dispute.objects.filter(**of_case)),
    )


def _key(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


_FILED = Q(registered_at__isnull=False)
_SENT = Q(dispatched_at__isnull=False)
_DONE = _SENT & Q(rectified_at__isnull=False)
_SHUT = _FILED & Q(state="closed")
# The counts, each over the cases of a group.
CONDITIONS: dict[str, Q] = {
    "reported": Q(),
    "registered": _FILED,
    "valid": _FILED | Q(is_settled_on_spot=True, state="closed"),
    "dispatched": _SENT,
    "sent_right": _SENT & Q(returns=0, was_disputed=False),
    "handled": _DONE,
    "should_handle": _DONE | Q(handling_late_now=True),
    "handled_in_time": _DONE & Q(late_handling=False),
    "ever_handled": _DONE | Q(reworks__gt=0),
    "reworked": Q(reworks__gt=0),
    "closed": _SHUT,
    "should_close": _SHUT | (_FILED & Q(late_now=True)),
    "closed_in_time": _SHUT & Q(late_somewhere=False),
    "rechecked": Q(was_rechecked=True),
    "should_recheck": Q(was_rechecked=True) | Q(rechecking_late_now=True),
    "rechecked_in_time": Q(was_rechecked=True, late_rechecking=False),
    "supervised": _FILED & Q(is_supervised=True),
    OVERDUE_NOW: Q(late_now=True, state__in=OPEN),
}
COUNTS = {name: Count("id", filter=condition or None) for name, condition in CONDITIONS.items()}
