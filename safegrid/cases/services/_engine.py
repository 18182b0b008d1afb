"""The one door that every verb goes through: who, from where, with what; then state, timers, trace, messages, events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from safegrid.cases import access, notify
from safegrid.cases.fields import FIELDS, Kind
from safegrid.cases.models import Case
from safegrid.cases.timers import CaseTimers
from safegrid.cases.workflow import CASE, Audience, CaseRow, case_row
from safegrid.files import services as files
from safegrid.foundation import clock, events, trace
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.scope import Actor
from safegrid.foundation.statements import Prepared

UNTRACED = frozenset({"reporter_phone", "reporter_name"})


class Act:
    """One use of one verb on one case. Made by ``begin``, which refuses; ended by ``done``, which writes."""

    def __init__(
        self, row: CaseRow, case: Case, acting_user: Actor | None, role: str, values: Mapping[str, Any]
    ) -> None:
        self.row, self.case, self.acting_user, self.role, self.values = row, case, acting_user, role, values
        self.at: datetime = clock.now()
        self.user_id: UUID | None = acting_user.id if acting_user else None

    @cached_property
    def timers(self) -> CaseTimers:
        return CaseTimers(self.case, self.at)

    @property
    def person_id(self) -> UUID:
        """The acting user's id, for verbs that the table gives to people only."""
        assert self.user_id is not None
        return self.user_id

    @property
    def main_id(self) -> UUID:
        """The main department's id, for verbs that only it may use."""
        main: UUID | None = self.case.department_id
        assert main is not None
        return main

    @property
    def rectifiers(self) -> list[str]:
        """Return who took part in the present rectification, the acting user among them."""
        return sorted({*self.case.rectifiers, str(self.user_id)})

    def done(
        self,
        *,
        to: str = "",
        changes: Mapping[str, Any] | None = None,
        photos: Mapping[str, Sequence[UUID]] | None = None,
        traced: Mapping[str, Any] | None = None,
        tell: tuple[Audience, ...] | None = None,
    ) -> Case:
        """Write the act and return the case as it now stands.

        ``to``: the new state where the row leaves a choice. ``changes``: columns of the case. ``photos``: purpose →
        attachment ids. ``traced``: facts for the trace besides the fields given. ``tell``: other people than the row's.
        Raises ``Conflict`` when somebody else was first.
        """
        case, before = self.case, self.case.state
        state = self._target(to)
        changed = dict(changes or {})
        if state != before or not self.row.may_stay:
            self._run_timers(state, changed)
        if self.row.effects or "timers" in self.__dict__:
            changed |= self.timers.case_fields(state)
        case.swap(state=state, updated_at=self.at, **changed)
        if "timers" in self.__dict__:
            self.timers.save()
        for purpose, ids in (photos or {}).items():
            attach(self.acting_user, case, ids, purpose)
        facts = {"state": [before, state], **given(self.values), **(traced or {})}
        record(self.row.verb, self.acting_user, self.role, case, facts)
        announce(self.row, case, self.acting_user, self.row.tell if tell is None else tell)
        return case

    def _target(self, to: str) -> str:
        allowed = set(self.row.targets)
        if not allowed or self.row.may_stay:
            allowed.add(self.case.state)
        state = to or (self.row.targets[0] if len(allowed) == 1 and self.row.targets else self.case.state)
        if state not in allowed:
            raise ValueError(f"{self.row.verb} does not lead to {state}")
        return state

    def _run_timers(self, state: str, changed: Mapping[str, Any]) -> None:
        if not self.row.effects:
            return
        self.timers.apply(
            self.row.effects,
            state,
            kind=changed.get("kind", self.case.kind),
            severity=changed.get("severity", self.case.severity),
            department_id=changed.get("department_id", self.case.department_id),
        )


def begin(verb: str, *, acting_user: Actor | None, case: Case, version: int | None, **values: Any) -> Act:
    """Check everything that the table says of ``verb`` before it may be carried out on ``case``.

    ``version``: the one the user saw; None takes the case's own. ``values``: the fields given. Raises ``NotVisible``,
    ``Conflict`` (changed since it was seen), ``WrongState``, ``NotPermitted``, ``InvalidInput``, in this order.
    """
    fresh = _fresh(acting_user, case, case.version if version is None else version)
    row = case_row(verb, fresh.state)
    role = _role(acting_user, row, fresh)
    check_fields(row, values)
    return Act(row, fresh, acting_user, role, values)


def begin_new(verb: str, *, acting_user: Actor | None, role: str, values: Mapping[str, Any]) -> CaseRow:
    """The same for a verb that brings in a case; the caller has found the ``role`` that reaches its place."""
    row = case_row(verb, "")
    if role not in row.roles:
        raise NotPermitted("您的岗位不能在这里上报")
    check_fields(row, values)
    return row


UNVERSIONED = ("timing", "due_at", "was_overdue", "grid_id")  # what time and boundaries change, without a version


def _fresh(acting_user: Actor | None, case: Case, seen: int) -> Case:
    """Return a copy of ``case`` that is as stored; raise ``NotVisible``, or ``Conflict`` when it has changed since.

    Every act raises the version, so that of an unchanged version only what no act changes has to be read.
    """
    stored = _STORED.one(acting_user and access.sight_of(acting_user), county=case.county, case_id=case.id)
    if stored is None:
        raise NotVisible
    if not stored[0] == seen == case.version:
        raise Conflict
    fresh = copy(case)
    for name, value in zip(UNVERSIONED, stored[1:], strict=True):
        setattr(fresh, name, value)
    return fresh


def _stored(sight: access.Sight | None, county: int, case_id: UUID) -> QuerySet[Any, Any]:
    rows = Case.objects.all() if sight is None else access.seen_with(sight)
    return rows.filter(county=county, id=case_id).order_by().values_list("version", *UNVERSIONED)


_STORED = Prepared(_stored)


def _role(acting_user: Actor | None, row: CaseRow, case: Case) -> str:
    if acting_user is None:
        if access.SYSTEM not in row.roles:
            raise NotPermitted(f"系统不能自行“{row.label}”")
        return access.SYSTEM
    role, why = access.role_for(acting_user, row, case)
    if not role:
        raise NotPermitted(why)
    return role


def check_fields(row: CaseRow, values: Mapping[str, Any]) -> None:
    """Raise ``InvalidInput`` for required fields left empty, texts too long and positions that are none."""
    CASE.require(row, values)
    wrong: dict[str, str] = {}
    for name, value in values.items():
        field = FIELDS.get(name)
        if field is None or value is None:
            continue
        if field.max_length and len(str(value)) > field.max_length:
            wrong[name] = f"{field.label}最多{field.max_length}个字"
        if field.kind is Kind.DEGREES and not _is_degrees(name, value):
            wrong[name] = f"{field.label}不是有效的经纬度"
    if wrong:
        raise InvalidInput(wrong)


def _is_degrees(name: str, value: Any) -> bool:
    limit = 180.0 if name == "longitude" else 90.0
    return isinstance(value, (int, float)) and -limit <= value <= limit


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields given, for the trace: without personal data, without what was left empty."""
    return {name: value for name, value in values.items() if name not in UNTRACED and value not in (None, "", (), [])}


def attach(acting_user: Actor | None, case: Case, ids: Sequence[UUID], purpose: str) -> None:
    """Bind photographs to the case as ``purpose``."""
    if ids:
        files.attach(acting_user=acting_user, target=case, attachment_ids=list(ids), purpose=purpose)


def record(verb: str, acting_user: Actor | None, role: str, case: Case, facts: Mapping[str, Any]) -> None:
    """Write the act into the trace as ``cases.<verb>``."""
    trace.record(acting_user=acting_user, action=f"cases.{verb}", target=case, role=role, changes=facts)


def announce(row: CaseRow, case: Case, acting_user: Actor | None, tell: Sequence[Audience]) -> None:
    """Queue the messages of an act and tell other contexts that it happened."""
    if Audience.DESK in tell and case.is_accident:
        notify.later(case, "cases.accident", f"生产安全事故{row.label}", audiences=(Audience.DESK,),
                     key=f"cases.accident:{case.id}:{case.version}")  # fmt: skip
    others = [audience for audience in tell if audience is not Audience.DESK]
    if others:
        key = f"cases.{row.verb}:{case.id}:{case.version}"
        notify.later(case, f"cases.{row.verb}", row.label, audiences=others, key=key,
                     but=acting_user.id if acting_user else None)  # fmt: skip
    events.publish(f"cases.{row.verb}", case=case, acting_user=acting_user)
