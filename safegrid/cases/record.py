"""Everything known of one case, as one user may see it: for its page and for the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from safegrid.cases import access, around, clocks, selectors, words
from safegrid.cases.models import (
    AccidentReport,
    Case,
    CaseAssistance,
    CaseTimer,
    Dispute,
    Extension,
    OverdueAppeal,
    Penalty,
    Recheck,
    RectificationOrder,
    Supervision,
    Suspension,
)
from safegrid.cases.workflow import CASE
from safegrid.files.selectors import AttachmentView, attachments_of
from safegrid.foundation import clock, trace
from safegrid.foundation.calendar import work_calendar
from safegrid.foundation.scope import Actor
from safegrid.foundation.worktime import TimeLimit
from safegrid.orgs import selectors as orgs

# What the site's contact is told of, and under which names; never who reported or looked before filing.
TOLD_TO_THE_SITE = frozenset({
    "order_rectification", "submit_rectification", "penalise", "feed_back", "recheck_pass", "recheck_fail", "close",
    "reopen", "grant_suspension", "resume",
})  # fmt: skip
PURPOSES = {
    "report": "上报", "verify": "核实", "before": "整改前", "disposal": "处置", "order": "责令整改", "penalty": "行政处罚",
    "transfer": "移送", "rectification": "监管对象整改", "assist": "协办", "after": "整改后", "recheck": "复查",
    "supervision": "督办回复",
}  # fmt: skip
PHOTOS_FOR_THE_SITE = frozenset({"rectification", "order", "penalty", "recheck"})
LONGEST_TIMELINE = 200
STEPS = (
    ("上报", "reported_at", frozenset({"reported", "verifying"})),
    ("立案", "registered_at", frozenset({"registered", "returned"})),
    ("派遣", "dispatched_at", frozenset({"dispatched", "disputed"})),
    ("处置", "rectified_at", frozenset({"handling", "suspended"})),
    ("复查", "", frozenset({"rectified"})),
    ("结案", "closed_at", frozenset({"rechecked", "closed"})),
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One of the six stages that the public sees. ``state``: done, current, waiting, or skipped where the case ended early."""

    label: str
    state: str
    at: datetime | None


@dataclass(frozen=True)
class TimerView:
    """A timer as shown: ``share`` is the part of the limit used, 1 at the limit."""

    id: UUID
    stage: str
    label: str
    limit: str
    state: str
    share: float
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    is_paused: bool
    is_excused: bool
    is_provisional: bool

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None

    @property
    def tone(self) -> str:
        return words.TIMING_TONES.get(self.state, "gray")

    @property
    def state_label(self) -> str:
        return words.TIMINGS.get(self.state, self.state)

    @property
    def left(self) -> str:
        return "" if self.is_paused or self.stopped_at else words.time_left(self.due_at)

    @property
    def percent(self) -> int:
        return min(100, round(self.share * 100))


@dataclass(frozen=True)
class Act:
    """One line of the timeline."""

    at: datetime
    action: str
    title: str
    who: str
    words: str
    tone: str


@dataclass(frozen=True)
class Section:
    """Rows of one kind beside the case: orders, penalties … each as (heading, tone, facts)."""

    title: str
    rows: list[Any] = field(default_factory=list)


def steps(case: Case) -> list[Step]:
    """Return the stage bar. The times of stages run through again are those of the last time."""
    ended = case.state in ("rejected", "merged", "cancelled")
    at = next((number for number, (_, _, states) in enumerate(STEPS) if case.state in states), 0)
    found = []
    for number, (label, column, _) in enumerate(STEPS):
        if ended:
            state = "done" if number == 0 else "skipped"
        elif case.state == "closed" or number < at:
            state = "done"
        else:
            state = "current" if number == at else "waiting"
        moment = getattr(case, column) if column and state in ("done", "current") else None
        found.append(Step(label, state, moment))
    return found


def timers(user: Actor, case: Case) -> list[TimerView]:
    """Return the case's timers, the live ones first; to the site's contact only those of handling and recheck."""
    rows = selectors.timers_of(case)
    if access.sees_as_site(user, case):
        rows = [row for row in rows if row.stage in ("handle", "recheck")]
    return [_timer(row, clock.now()) for row in sorted(rows, key=lambda row: row.stopped_at is not None)]


def _timer(row: CaseTimer, now: datetime) -> TimerView:
    ended = row.stopped_at or row.paused_at
    running = row.stopped_at is None and row.paused_at is None
    return TimerView(
        id=row.id,
        stage=row.stage,
        label=words.STAGES.get(row.stage, row.stage),
        limit=words.limit_words(row.limit),
        state=clocks.state_at(row, now) if running else row.state,
        share=_share(row, ended or now),
        started_at=row.started_at,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        is_paused=row.paused_at is not None and row.stopped_at is None,
        is_excused=row.is_excused,
        is_provisional=row.is_provisional,
    )


def _share(row: CaseTimer, at: datetime) -> float:
    until = clocks.deadline(row)
    if until is not None:
        span = (until - row.started_at).total_seconds()
        return (at - row.started_at).total_seconds() / span if span > 0 else 1.0
    limit, calendar = TimeLimit.from_dict(row.limit), work_calendar(row.county)
    if row.paused_at is not None:  # what was used stands in ``consumed``
        return calendar.used(limit, row.paused_at, row.paused_at, row.consumed)
    return calendar.used(limit, row.resumed_at, max(at, row.resumed_at), row.consumed)


def timeline(user: Actor, case: Case, *, limit: int | None = LONGEST_TIMELINE) -> list[Act]:
    """Return what was done to the case, the latest first; to the site's contact only what it is told, and by nobody."""
    as_site = access.sees_as_site(user, case)
    acts = _acts(case, limit, as_site=as_site)
    return _told(acts, words.names_for(case.county, acts), as_site=as_site)


def _acts(case: Case, limit: int | None, *, as_site: bool) -> list[Any]:
    acts = trace.trace_of(case, limit=limit)
    return [act for act in acts if act.action.partition(".")[2] in TOLD_TO_THE_SITE] if as_site else acts


def _told(acts: list[Any], names: words.Names, *, as_site: bool) -> list[Act]:
    return [
        Act(
            act.at,
            act.action,
            words.act_label(act.action),
            "" if as_site else f"{act.actor}（{names.roles.get(act.role, act.role)}）" if act.actor_id else "系统",
            "" if as_site and act.action.endswith(("feed_back", "recheck_pass")) else words.act_words(act, names),
            words.act_tone(act.action),
        )
        for act in reversed(acts)
    ]


def photos(user: Actor, case: Case) -> list[tuple[str, list[AttachmentView]]]:
    """Return the photographs by purpose, in the order in which they were taken into the case."""
    as_site = access.sees_as_site(user, case)
    found: dict[str, list[AttachmentView]] = {}
    for one in attachments_of(case):
        if not as_site or one.purpose in PHOTOS_FOR_THE_SITE:
            found.setdefault(one.purpose, []).append(one)
    return [(PURPOSES.get(purpose, purpose), files) for purpose, files in found.items()]


@dataclass(frozen=True)
class Beside:
    """What stands beside a case, each kind in time order; ``people``/``departments``: the names they speak of."""

    orders: list[RectificationOrder]
    penalties: list[Penalty]
    extensions: list[Extension]
    suspensions: list[Suspension]
    supervisions: list[Supervision]
    disputes: list[Dispute]
    rechecks: list[Recheck]
    appeals: list[OverdueAppeal]
    assistances: list[CaseAssistance]
    accident_reports: list[AccidentReport]
    people: dict[UUID, str]
    departments: dict[UUID, str]


PEOPLE = ("issued_by_id", "decided_by_id", "asked_by_id", "given_by_id", "answered_by_id", "opened_by_id", "settled_by_id",
          "assigned_to_id", "with_member_id", "done_by_id", "recorded_by_id")  # fmt: skip


def beside(user: Actor, case: Case) -> tuple[Beside, list[Act]]:
    """Read what stands beside the case, and its timeline; to the site's contact orders, penalties and rechecks, without people."""
    as_site = access.sees_as_site(user, case)

    def read(model: Any, order: str, *, for_site: bool = False) -> list[Any]:
        if as_site and not for_site:
            return []
        return sorted(
            around.rows(case, model), key=lambda row: (getattr(row, order) is None, getattr(row, order), row.id)
        )

    rows: dict[str, list[Any]] = {
        "orders": read(RectificationOrder, "issued_at", for_site=True),
        "penalties": read(Penalty, "decided_at", for_site=True),
        "extensions": read(Extension, "asked_at"),
        "suspensions": read(Suspension, "asked_at"),
        "supervisions": read(Supervision, "given_at"),
        "disputes": read(Dispute, "opened_at"),
        "rechecks": read(Recheck, "round", for_site=True),
        "appeals": read(OverdueAppeal, "asked_at"),
        "assistances": read(CaseAssistance, "asked_at"),
        "accident_reports": read(AccidentReport, "sent_at") if case.is_accident else [],
    }
    every = [row for found in rows.values() for row in found]
    people = set() if as_site else {getattr(row, name, None) for row in every for name in PEOPLE}
    people |= set() if as_site else {case.verifier_id, case.rechecker_id}
    ids = {getattr(row, name, None) for row in every for name in ("department_id", "settled_for_id")}
    acts = _acts(case, LONGEST_TIMELINE, as_site=as_site)
    names = words.names_for(case.county, acts, people)  # of both, read at once
    departments = orgs.names_of(case.county, [*ids, case.department_id])
    known = {one: name for one, name in names.people.items() if one in people}
    return Beside(**rows, people=known, departments=departments), _told(acts, names, as_site=as_site)


def state_words(case: Case) -> tuple[str, str]:
    """Return the label of the case's state and whose turn it is there."""
    state = CASE.state[case.state]
    return state.label, state.turn


def statutory_clocks(county: int, case_ids: list[UUID]) -> dict[UUID, list[TimerView]]:
    """Return the running clocks of accident reports (快报、逐级上报) of some cases, by case."""
    found: dict[UUID, list[TimerView]] = {}
    rows = CaseTimer.objects.filter(
        county=county, case_id__in=case_ids, stage__in=("first_report", "report_up"), stopped_at__isnull=True
    )
    for row in rows.order_by("due_at"):
        found.setdefault(row.case_id, []).append(_timer(row, clock.now()))
    return found
