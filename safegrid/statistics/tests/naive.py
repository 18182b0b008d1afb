"""The figures once more, read off the rows in plain Python loops, for tests to compare with."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

from safegrid.cases.models import Case, CaseTimer, Dispute, Recheck
from safegrid.foundation import clock

OVER = ("overdue", "badly_overdue")
MAIN = ("accept", "verify", "dispatch", "receive", "handle", "recheck", "close")
CLOSED = ("closed", "rejected", "merged", "cancelled")
BOUNDS = (1, 3, 7, 15, 30)


def day_of(moment):
    return moment.astimezone(clock.SHANGHAI).date()


def counts_of(case, at, excused=False):
    """Return a Counter of everything that one case counts for."""
    timers = list(CaseTimer.objects.filter(county=case.county, case_id=case.id))
    late, late_now, rung = set(), set(), 0
    for timer in timers:
        runs = timer.stopped_at is None and timer.paused_at is None
        over = (timer.due_at is not None and timer.due_at <= at) if runs else timer.state in OVER
        if over and not (excused and timer.is_excused):
            late.add(timer.stage)
            if runs:
                late_now.add(timer.stage)
        if timer.stopped_at is None and timer.stage in MAIN:
            rung = max(rung, timer.ladder_step)
    rechecked = Recheck.objects.filter(county=case.county, case_id=case.id, result__in=("passed", "failed")).exists()
    disputed = Dispute.objects.filter(county=case.county, case_id=case.id).exists()
    filed, sent, is_open = case.registered_at is not None, case.dispatched_at is not None, case.state not in CLOSED
    done, shut, main = sent and case.rectified_at is not None, filed and case.state == "closed", set(MAIN)
    facts = {
        "reported": True, "registered": filed, "valid": filed or (case.is_settled_on_spot and case.state == "closed"),
        "dispatched": sent, "sent_right": sent and case.returns == 0 and not disputed, "handled": done,
        "should_handle": done or "handle" in late_now, "handled_in_time": done and "handle" not in late,
        "ever_handled": done or case.reworks > 0, "reworked": case.reworks > 0, "closed": shut,
        "should_close": shut or (filed and bool(late_now & main)), "closed_in_time": shut and not late & main,
        "rechecked": rechecked, "should_recheck": rechecked or "recheck" in late_now,
        "rechecked_in_time": rechecked and "recheck" not in late, "supervised": filed and case.is_supervised,
        "overdue_now": is_open and bool(late_now & main), "open_now": is_open,
        "near_now": is_open and case.timing == "near", "over_now": is_open and case.timing == "overdue",
        "badly_over_now": is_open and case.timing == "badly_overdue", "rung_1": is_open and rung == 1,
        "rung_2": is_open and rung == 2, "rung_3": is_open and rung > 2, "accidents": case.is_accident,
        "major": case.severity == "major",
    }  # fmt: skip
    found = Counter({name: 1 for name, holds in facts.items() if holds})
    _add_times(case, found)
    return found


def _add_times(case, found):
    moments = {
        "register": (case.reported_at, case.registered_at), "dispatch": (case.registered_at, case.dispatched_at),
        "handle": (case.dispatched_at, case.rectified_at),
        "close": (case.reported_at, case.closed_at if case.state == "closed" else None),
    }  # fmt: skip
    for name, (began, ended) in moments.items():
        if began and ended and ended >= began:
            found[f"{name}_timed"] += 1
            found[f"{name}_minutes"] += (ended - began) // timedelta(minutes=1)
            if name == "close":
                bound = next((f"within_{days}" for days in BOUNDS if ended - began <= timedelta(days=days)), "later")
                found[bound] += 1


def sums(county, at, since=None, until=None):
    """Return {(day, level, place, by, key): Counter} of all cases of a county."""
    found = defaultdict(Counter)
    for case in Case.objects.filter(county=county):
        day = day_of(case.reported_at)
        if case.state in ("merged", "cancelled") or (since and day < since) or (until and day > until):
            continue
        counts = counts_of(case, at)
        changed = counts_of(case, at, excused=True)
        for name in ("should_handle", "handled_in_time", "should_close", "closed_in_time", "should_recheck",
                     "rechecked_in_time", "overdue_now"):  # fmt: skip
            counts[f"excused_{name}"] = changed[name]
        for slot in _slots(case):
            found[(day, *slot)].update(counts)
    return {slot: Counter({n: c for n, c in counts.items() if c}) for slot, counts in found.items()}


def _slots(case):
    whole, town, village = (3, str(case.county)), (4, case.town), (5, case.village)
    yield from ((*one, "", "") for one in (whole, town, village))
    yield (*village, "kind", case.kind)
    groups = {"kind": case.kind, "severity": case.severity, "channel": case.channel,
              "department": str(case.department_id or "")}  # fmt: skip
    for by, key in groups.items():
        yield (*whole, by, key)
        yield (*town, by, key)
    if case.grid_id:
        yield (*town, "grid", str(case.grid_id))
    if case.reporter_role == "grid_member":
        yield (*town, "member", str(case.reporter_id))
