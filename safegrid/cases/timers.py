"""The timers of one case while a verb is carried out: planned first, written after the case itself was won."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from safegrid.cases import clocks
from safegrid.cases.models import Case, CaseTimer, Stage, TimerState
from safegrid.cases.workflow import FIRST_REPORT_LIMIT, STAGE_OF, Effect, Op
from safegrid.foundation.calendar import work_calendar
from safegrid.foundation.statements import Prepared, update
from safegrid.foundation.worktime import TimeLimit, WorkCalendar
from safegrid.handbook import selectors as handbook

MAIN_STAGES = frozenset(STAGE_OF.values())
WRITTEN = ("limit", "original_limit", "resumed_at", "consumed", "due_at", "near_at", "badly_overdue_at", "state", "next_at",
           "paused_at", "stopped_at", "is_provisional", "department_id")  # fmt: skip
STOPPED = ("state", "next_at", "stopped_at")
_LIVE = Prepared(
    lambda county, case_id: CaseTimer.objects.filter(county=county, case_id=case_id, stopped_at__isnull=True)
)


def stage_limit(county: int, kind: str, severity: str, stage: str) -> TimeLimit:
    """Return how long a stage may take: the statutory hour for an accident's first report, else what the handbook says."""
    if stage == Stage.FIRST_REPORT:
        return FIRST_REPORT_LIMIT
    return handbook.limit(county, kind, severity, stage)


class CaseTimers:
    """The live timers of ``case``, changed in memory at the moment ``at`` and written by ``save``."""

    def __init__(self, case: Case, at: datetime, *, is_new: bool = False) -> None:
        self.case, self.at = case, at
        self.calendar: WorkCalendar = work_calendar(case.county)
        self._live: dict[str, CaseTimer] | None = {} if is_new else None
        self._changed: dict[UUID, CaseTimer] = {}
        self._new: list[CaseTimer] = []
        self._went_over = False

    @property
    def live(self) -> dict[str, CaseTimer]:
        """The timers that have not been stopped, by stage."""
        if self._live is None:
            self._live = {timer.stage: timer for timer in _LIVE(county=self.case.county, case_id=self.case.id)}
        return self._live

    def apply(
        self, effects: Iterable[Effect], state: str, *, kind: str, severity: str, department_id: UUID | None
    ) -> None:
        """Carry out what the table says for a verb that leads to ``state``."""
        for op, stage in effects:
            if op is Op.STOP:
                self.stop(stage)
            elif op is Op.PAUSE:
                self.pause(stage)
            elif stage not in MAIN_STAGES or STAGE_OF.get(state) == stage:
                self.run(stage, stage_limit(self.case.county, kind, severity, stage), department_id)

    def run(self, stage: str, limit: TimeLimit, department_id: UUID | None) -> None:
        """Start a stage, go on with it when paused, begin it anew when another department answers for it."""
        timer = self.live.get(stage)
        if timer is not None and stage == Stage.HANDLE and timer.department_id != department_id:
            self.stop(stage)
            timer = None
        if timer is None:
            self.start(stage, limit.to_dict(), department_id)
        elif timer.paused_at is not None:
            clocks.resume(timer, self.calendar, self.at)
            self._touch(timer)

    def start(self, stage: str, limit: dict[str, Any], department_id: UUID | None) -> CaseTimer:
        """Begin a stage with ``limit``: a TimeLimit as a dict, or ``clocks.fixed(until)``."""
        timer = CaseTimer(
            county=self.case.county,
            case_id=self.case.id,
            stage=stage,
            department_id=department_id,
            limit=limit,
            original_limit=limit,
            started_at=self.at,
            resumed_at=self.at,
        )
        clocks.restart_from(timer, self.calendar, self.at)
        self._new.append(timer)
        self.live[stage] = timer
        return timer

    def pause(self, stage: str) -> None:
        timer = self.live.get(stage)
        if timer is not None:
            clocks.pause(timer, self.calendar, self.at)
            self._touch(timer)

    def stop(self, stage: str, at: datetime | None = None) -> None:
        """End a stage, as of now or as of the earlier moment ``at`` at which it was done."""
        timer = self.live.pop(stage, None)
        if timer is not None:
            clocks.stop(timer, at or self.at)
            self._touch(timer)

    def run_until(self, stage: str, until: datetime, department_id: UUID | None = None) -> None:
        """Let a stage end at ``until`` from now on (an order, an extension, a supervision), starting it if need be."""
        timer = self.live.get(stage)
        if timer is None:
            self.start(stage, clocks.fixed(until), department_id)
            return
        if timer.stage in MAIN_STAGES and timer.paused_at is None:
            self._went_over |= clocks.is_over(clocks.state_at(timer, self.at))
        timer.limit = clocks.fixed(until)
        if timer.paused_at is None:
            clocks.restart_from(timer, self.calendar, self.at)
        self._touch(timer)

    def relimit(self, *, kind: str, severity: str) -> None:
        """Give every running stage the limit of another kind or severity; fixed ends stay."""
        for stage, timer in self.live.items():
            if stage not in MAIN_STAGES or clocks.deadline(timer) is not None:
                continue
            old = TimeLimit.from_dict(timer.limit)
            new = stage_limit(self.case.county, kind, severity, stage)
            if new != old:
                self._exchange(timer, old, new)
                self._touch(timer)

    def _exchange(self, timer: CaseTimer, old: TimeLimit, new: TimeLimit) -> None:
        """Put ``new`` for ``old``: what was used so far counts by the new unit, over the whole time since the start."""
        running = timer.paused_at is None
        if old.unit is not new.unit:
            timer.consumed = self.calendar.consumed(timer.started_at, timer.paused_at or self.at, new.unit)
            timer.resumed_at = self.at if running else timer.resumed_at
        timer.limit = timer.original_limit = new.to_dict()
        if running:
            clocks.restart_from(timer, self.calendar, self.at)

    def furthest_extension(self, timer: CaseTimer) -> datetime:
        """Return when ``timer`` would end if its original limit were added to its present end."""
        return self.calendar.add(timer.due_at or self.at, TimeLimit.from_dict(timer.original_limit))

    def _touch(self, timer: CaseTimer) -> None:
        if not any(timer is new for new in self._new):
            self._changed[timer.id] = timer
        if timer.stage in MAIN_STAGES and clocks.is_over(timer.state):
            self._went_over = True

    def case_fields(self, state: str) -> dict[str, Any]:
        """Return the case's own copy of its current timer: stage, due_at, timing, was_overdue."""
        stage = STAGE_OF.get(state, "")
        timer = self.live.get(stage)
        if timer is None or timer.paused_at is not None:
            fields: dict[str, Any] = {"stage": "", "due_at": None, "timing": TimerState.ON_TIME.value}
        else:
            fields = {"stage": str(stage), "due_at": timer.due_at, "timing": str(timer.state)}
        return {**fields, "was_overdue": self.case.was_overdue or self._went_over}

    def save(self) -> None:
        """Write what was changed, then what was begun (a stage runs at most once at a time)."""
        for timer in self._changed.values():
            written = STOPPED if timer.stopped_at is not None else WRITTEN
            values = {name: getattr(timer, name) for name in written}
            update(CaseTimer, {"county": timer.county, "id": timer.id}, values)
        if self._new:
            CaseTimer.objects.bulk_create(self._new)
        self._changed, self._new = {}, []
