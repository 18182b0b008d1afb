"""Auditing the trace: who reads which counties' acts, how far they are sealed, verifying the chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from safegrid.foundation import clock, queue, sealing, trace
from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.models import TraceHead, TraceRow
from safegrid.foundation.scope import NOTHING, Actor, Holding, counties_q, held
from safegrid.notices import services as notices
from safegrid.regions.selectors import name_of

READERS = frozenset({"auditor"})
TASK = "console.verify_trace"
NOTICE = "console.trace_verified"
MOST_TOLD = 5
SHOWN = 20  # counties whose standing stands above the list


def places(user: Actor) -> list[Holding]:
    """Return where the user audits: acts have no town, so that it takes a whole county or more."""
    return [one for one in held(user, *READERS) if len(one.place) <= 6]


def rows(user: Actor) -> QuerySet[Any]:
    """Return the acts that the user audits. Above a county ask inside ``cross_county``."""
    return TraceRow.objects.filter(_counties(user))


def _counties(user: Actor) -> Q:
    allowed = NOTHING
    for holding in places(user):
        allowed |= counties_q(holding)
    return allowed


def may_verify(user: Actor, county: int) -> bool:
    """Say whether the user may have the county's chain verified."""
    return any(str(county).startswith(one.place) for one in places(user))


@dataclass(frozen=True)
class Standing:
    """How far a county's chain is sealed: batches, its head (to be noted elsewhere), and what waits since when."""

    county: int
    name: str
    batches: int
    head: str
    waiting: int
    oldest_at: datetime | None


def standings(user: Actor) -> list[Standing]:
    """Return how far the chains of the user's counties are sealed."""
    found = []
    for head in TraceHead.objects.filter(_counties(user)).order_by("county")[:SHOWN]:
        waits = sealing.backlog(head.county)
        found.append(Standing(head.county, name_of(str(head.county)), head.seq, bytes(head.head).hex(), waits.rows,
                              waits.oldest_at))  # fmt: skip
    return found


@transaction.atomic
def begin_verification(*, acting_user: Actor, county: int) -> None:
    """Put the verification of a county's chain on the queue. Raises ``NotPermitted``."""
    if not may_verify(acting_user, county):
        raise NotPermitted("只有本地区的审计人员可以核验留痕")
    trace.record(acting_user=acting_user, action="foundation.verify_trace", county=county, role="auditor",
                 object_type="foundation.tracehead")  # fmt: skip
    queue.enqueue(TASK, county=county, user_id=str(acting_user.id), asked_at=clock.now().isoformat())


def verify(county: int, user_id: UUID, asked_at: str) -> None:
    """Verify the chain and tell who asked what was found."""
    report = sealing.verify(county)
    title = (
        "留痕核验：完好" if report.is_whole else f"留痕核验：发现 {len(report.problems) + report.more_problems} 处问题"
    )
    told = [f"已核对 {report.batches} 个批次、{report.sealed} 条留痕，待封存 {report.unsealed} 条。"]
    told += [problem.words for problem in report.problems[:MOST_TOLD]]
    told.append(f"第 {report.last_seq} 批链头 {report.head.hex()}")
    notices.tell(county=county, recipients=[user_id], kind=NOTICE, title=title, body="\n".join(told),
                 key=f"verify:{asked_at}")  # fmt: skip
