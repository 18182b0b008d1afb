"""What may be chosen in the fields of a verb on one case: people, departments, rules, timers. For pages and the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from safegrid.accounts.selectors import who_holds
from safegrid.cases import words
from safegrid.cases.fields import Kind
from safegrid.cases.models import Case, CaseTimer, Decision, OverdueAppeal, TimerState
from safegrid.cases.selectors import similar
from safegrid.cases.services.dispatching import routing
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, held
from safegrid.grids import selectors as grids
from safegrid.handbook import selectors as handbook
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions

Choices = list[tuple[str, str]]


def of_field(user: Actor, case: Case, verb: str, field: str, kind: Kind) -> Choices:
    """Return (value, label) of what ``field`` of ``verb`` may be; empty where it is not chosen from a list."""
    by_kind: dict[Kind, Callable[[], Choices]] = {
        Kind.HAZARD_KIND: lambda: handbook.kind_choices(case.county),
        Kind.SEVERITY: lambda: list(words.SEVERITIES.items()),
        Kind.DEPARTMENT: lambda: departments(user, case, verb),
        Kind.RULE: lambda: rules(case),
        Kind.TIMER: lambda: overrun_timers(case),
        Kind.APPEAL: lambda: waiting_appeals(case),
        Kind.REGION: lambda: levels_above(case.county),
        Kind.USER: lambda: rechecker_choices(case) if field == "rechecker_id" else member_choices(case),
        Kind.CASE: lambda: similar_cases(case),
    }
    return by_kind[kind]() if kind in by_kind else []


def departments(user: Actor, case: Case, verb: str) -> Choices:
    """Return the departments of the county; to a town officer alone only the bodies of the town."""
    found = orgs.departments(case.county)
    if verb == "dispatch" and not held(user, "lead_officer"):
        found = [one for one in found if one.town == case.town]
    if verb == "add_assistant":
        found = [one for one in found if one.pk != case.department_id]
    return [(str(one.pk), one.name) for one in found]


def suggested_department(case: Case) -> tuple[UUID | None, str]:
    """Return whom the duty rules name for the case and why, in words."""
    advice = routing(case)
    lines = [f"{step.department_name}：{step.rank_words}（{step.why}）" for step in advice.steps[:3]]
    said = "；".join([*lines, *advice.alerts]) or "没有适用的责任规则，请说明理由"
    return (advice.main.pk if advice.main else None), said


def rules(case: Case) -> Choices:
    """Return the duty rules that fit the case."""
    return [(str(one.rule_id), f"{one.department_name}：{one.rank_words}") for one in routing(case).steps]


def levels_above(county: int) -> Choices:
    """Return the city and the province above a county."""
    codes = [str(county)[:4], str(county)[:2]]
    names = regions.names_of(codes)
    return [(code, names.get(code, code)) for code in codes]


def member_choices(case: Case) -> Choices:
    """Return the accounts of the members posted to the case's grid, or of all the county's where it lies in none."""
    if case.grid_id is None:
        found = who_holds(["grid_member"], county=case.county, town=case.town, village=case.village)
        return [(str(one.id), one.label) for one in found]
    posted = grids.members_of_grid(case.county, case.grid_id)
    return [(str(row.member.user_id), row.member.name) for row in posted if row.member.user_id is not None]


def rechecker_choices(case: Case) -> Choices:
    """Return who may be charged with the recheck: never whoever took part in the rectification."""
    officers = [] if case.severity == "major" else who_holds(["town_officer"], county=case.county, town=case.town)
    handlers = who_holds(["department_officer"], county=case.county, town=case.town, department_id=case.department_id)
    found = [(value, f"网格员 {name}") for value, name in member_choices(case)]
    found += [(str(one.id), f"安监站 {one.label}") for one in officers]
    found += [(str(one.id), f"主办部门 {one.label}") for one in handlers]
    return [(value, label) for value, label in found if value not in case.rectifiers]


def overrun_timers(case: Case) -> Choices:
    """Return the timers of the main department that ran over and were not appealed yet."""
    rows = CaseTimer.objects.filter(county=case.county, case_id=case.id, department_id=case.department_id)
    known = set(OverdueAppeal.objects.filter(county=case.county, case_id=case.id).values_list("timer_id", flat=True))
    over = (TimerState.OVERDUE, TimerState.BADLY_OVERDUE)
    return [
        (str(row.id), f"{words.STAGES[row.stage]}（{row.started_at.astimezone(clock.SHANGHAI):%Y-%m-%d} 起）")
        for row in rows.order_by("started_at")
        if row.id not in known and (row.state in over or _over_by_now(row))
    ]


def _over_by_now(timer: CaseTimer) -> bool:
    running = timer.paused_at is None and timer.stopped_at is None
    return running and timer.due_at is not None and timer.due_at <= clock.now()


def waiting_appeals(case: Case) -> Choices:
    """Return the appeals that wait for a decision."""
    rows = OverdueAppeal.objects.filter(county=case.county, case_id=case.id, decision=Decision.WAITING)
    return [(str(row.id), row.reason[:60]) for row in rows.order_by("asked_at")]


def similar_cases(case: Case) -> Choices:
    """Return the open cases that may be the same thing."""
    kinds: dict[str, Any] = handbook.kind_names(case.county)
    found = similar(case.county, case.kind, case.site_id, case.longitude, case.latitude, case.reported_at, but=case.id)
    return [(one.number, f"{one.number} {kinds.get(one.kind, one.kind)}{_away(one)}") for one in found]


def _away(one: Any) -> str:
    return " 同一对象" if one.same_site else "" if one.distance_m is None else f" 相距 {one.distance_m:.0f} 米"
