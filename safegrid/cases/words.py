"""How cases are told in Chinese: labels, colours, time left, and what an act in the trace says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from safegrid.accounts import selectors as accounts
from safegrid.cases.fields import FIELDS, Kind
from safegrid.cases.models import Channel, ReportLevel, Stage, TimerState
from safegrid.cases.workflow import CASE
from safegrid.foundation import clock
from safegrid.foundation.worktime import TimeLimit, due_text
from safegrid.handbook import selectors as handbook
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions

SEVERITIES = {"minor": "轻微", "general": "一般", "major": "重大"}
NATURES = {"hazard": "事故隐患", "illegal": "非法生产经营", "violation": "违法违规行为", "accident": "生产安全事故"}
CHANNELS = {str(value): str(label) for value, label in Channel.choices}
STAGES = {str(value): str(label) for value, label in Stage.choices}
TIMINGS = {str(value): str(label) for value, label in TimerState.choices}
LEVELS = {str(value): str(label) for value, label in ReportLevel.choices}
SEVERITY_TONES = {"minor": "gray", "general": "yellow", "major": "red"}
TIMING_TONES = {"on_time": "gray", "near": "yellow", "overdue": "red", "badly_overdue": "red"}
STATE_TONES = {
    "reported": "blue", "verifying": "blue", "registered": "blue", "dispatched": "blue", "returned": "orange",
    "disputed": "orange", "handling": "yellow", "suspended": "orange", "rectified": "blue", "rechecked": "blue",
    "closed": "green", "rejected": "gray", "merged": "gray", "cancelled": "gray",
}  # fmt: skip
# What time, the system and other contexts do to a case, beside the verbs of the table.
OTHER_ACTS = {
    "timer": "时限提醒", "escalate": "超期升级", "recompute_timer": "时限重新计算", "move_to_grid": "随网格调整",
}  # fmt: skip
TONES = {
    "report": "blue", "settle_on_spot": "blue", "register": "blue", "dispatch": "blue", "close": "green",
    "confirm_on_spot": "green", "recheck_pass": "green", "recheck_fail": "red", "reject": "gray", "cancel": "gray",
    "merge": "gray", "return_": "orange", "dispute": "orange", "supervise": "orange", "list_major": "red",
    "order_rectification": "yellow", "penalise": "red", "timer": "yellow", "escalate": "red",
}  # fmt: skip
FROM_EACH_ACT_ITSELF = frozenset({"state", "number", "channel", "longitude", "latitude", "place", "joins"})


def time_left(due: datetime | None, at: datetime | None = None) -> str:
    """Return how long it is to ``due`` by the clock, or since then: "剩 2 天 3 小时", "超 40 分钟"; "" without one."""
    if due is None:
        return ""
    minutes = int((due - (at or clock.now())).total_seconds() // 60)
    before, minutes = ("剩", minutes) if minutes >= 0 else ("超", -minutes)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{before} {days} 天 {hours} 小时" if hours and days < 10 else f"{before} {days} 天"
    return f"{before} {hours} 小时" if hours else f"{before} {minutes} 分钟"


def limit_words(limit: Mapping[str, Any]) -> str:
    """Return a timer's limit: a duration, or the fixed end of an order, an extension, an instruction."""
    if "until" in limit:
        return f"至{due_text(datetime.fromisoformat(limit['until']))}"
    return str(TimeLimit.from_dict(limit))


@dataclass(frozen=True)
class Names:
    """The names of all people, departments and places that some acts speak of, read at once."""

    people: Mapping[UUID, str]
    departments: Mapping[UUID, str]
    regions: Mapping[str, str]
    kinds: Mapping[str, str]
    roles: Mapping[str, str]


def names_for(county: int, acts: Iterable[Any], people: Iterable[UUID | None] = ()) -> Names:
    """Read the names that the trace rows ``acts`` speak of, and those of ``people``; who acted stands in the rows."""
    acts = list(acts)
    actors = {act.actor_id: act.actor for act in acts if act.actor_id is not None}
    wanted: dict[Kind, set[str]] = {Kind.USER: set(), Kind.DEPARTMENT: set(), Kind.REGION: set()}
    for act in acts:
        for name, value in act.changes.items():
            kind = FIELDS[name].kind if name in FIELDS else None
            if kind in wanted and isinstance(value, str):
                wanted[kind].add(value)
    users = {UUID(value) for value in wanted[Kind.USER]} | {one for one in people if one is not None}
    return Names(
        people=actors | accounts.names_of(users - actors.keys()),
        departments=orgs.names_of(county, [UUID(value) for value in wanted[Kind.DEPARTMENT]]),
        regions=regions.names_of(wanted[Kind.REGION]) if wanted[Kind.REGION] else {},
        kinds=handbook.kind_names(county),
        roles=dict(accounts.kind_choices()),
    )


def act_label(action: str) -> str:
    """Return the Chinese name of an action of the trace, such as ``cases.dispatch``."""
    verb = action.partition(".")[2]
    return CASE.verb_labels.get(verb) or OTHER_ACTS.get(verb) or action


def act_tone(action: str) -> str:
    return TONES.get(action.partition(".")[2], "gray")


def act_words(act: Any, names: Names) -> str:
    """Return what an act of the trace did, one fact a line, without identifiers."""
    changes: Mapping[str, Any] = act.changes
    lines = [_moved(changes)] if "state" in changes else []
    if act.action == "cases.timer":
        return f"{STAGES.get(changes.get('stage', ''), '')}：{TIMINGS.get(changes['timing'][1], '')}"
    if act.action == "cases.escalate":
        told = "、".join(names.roles.get(one, one) for one in changes.get("told", []))
        return f"{STAGES.get(changes.get('stage', ''), '')}超期第 {changes.get('step')} 级，通知{told}"
    for name, value in changes.items():
        said = "" if name in FROM_EACH_ACT_ITSELF or name not in FIELDS else _value(name, value, names)
        if said:
            lines.append(f"{FIELDS[name].label}：{said}")
    return "\n".join(line for line in lines if line)


def _moved(changes: Mapping[str, Any]) -> str:
    before, after = changes["state"]
    if before == after or not before:
        return ""
    return f"{CASE.state[before].label} → {CASE.state[after].label}"


def _value(name: str, value: Any, names: Names) -> str:
    if isinstance(value, list) and len(value) == 2 and name in ("kind", "severity"):
        before, after = (_value(name, one, names) for one in value)
        return "" if before == after else f"{before} → {after}"
    match FIELDS[name].kind:
        case Kind.PHOTOS:
            return f"{len(value)} 张"
        case Kind.USER:
            return names.people.get(UUID(value), "")
        case Kind.DEPARTMENT:
            return names.departments.get(UUID(value), "")
        case Kind.REGION:
            return names.regions.get(value, str(value))
        case Kind.HAZARD_KIND:
            return names.kinds.get(value, str(value))
        case Kind.SEVERITY:
            return SEVERITIES.get(value, str(value))
        case Kind.MOMENT:
            return due_text(datetime.fromisoformat(value))
        case Kind.YES_NO:
            return ("是" if value else "否") if name == "accepts" or value else ""
        case Kind.TEXT | Kind.LONG_TEXT | Kind.MONEY | Kind.DATE:
            return str(value)
    return ""  # identifiers say nothing to people
