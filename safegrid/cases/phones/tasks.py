"""Cases that wait for a member's look on the spot: to verify before filing, to recheck after handling."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from safegrid.cases import words
from safegrid.cases.phones import reading
from safegrid.cases.phones.rows import iso, place_of
from safegrid.foundation import clock
from safegrid.foundation.fieldwork import Task
from safegrid.foundation.scope import Actor

URGENCY = {"near": "near", "overdue": "overdue", "badly_overdue": "overdue"}
BEFORE = frozenset({"report", "before", "verify"})
AFTER = frozenset({"after", "rectification", "disposal"})


def verifications(user: Actor, county: int) -> Iterable[Task]:
    """The tasks ``cases.verify``: ``data.request`` is what the station asks to look at."""
    found = reading.charged(user, county, "verifying")
    told = reading.around(county, found)
    return [
        _task("核实", case, told, {"request": told.said(case, "assign_verification", "words"),
                                   "photos": _photos(case, told, BEFORE)})
        for case in found
    ]  # fmt: skip


def rechecks(user: Actor, county: int) -> Iterable[Task]:
    """The tasks ``cases.recheck``: ``data.result`` is what the department says was done; photographs from before and after.

    ``data.may_pass`` is false for a major hazard, which the department passes together with the member, who may still find
    it not put right.
    """
    found = reading.charged(user, county, "rectified")
    told = reading.around(county, found)
    return [_task("复查", case, told, _recheck(user, case, told)) for case in found]


def _recheck(user: Actor, case: Any, told: reading.Told) -> dict[str, Any]:
    is_major = case.severity == "major"
    return {
        "request": told.said(case, "assign_recheck", "words"),
        "result": told.said(case, "feed_back", "result"),
        "rectified_at": iso(case.rectified_at),
        "round": case.reworks + 1,
        "photos": _photos(case, told, BEFORE),
        "photos_after": _photos(case, told, AFTER),
        "may_pass": not is_major and str(user.id) not in case.rectifiers,
        "with_whom": "重大事故隐患由主办部门会同您到场复查，合格由主办部门填报" if is_major else "",
    }


def _task(label: str, case: Any, told: reading.Told, data: dict[str, Any]) -> Task:
    kind = told.names.kinds.get(case.kind, case.kind)
    due = case.due_at
    urgency = URGENCY.get(case.timing, "normal")
    if due is not None and due <= clock.now():
        urgency = "overdue"  # before the minute's run has noted it
    return Task(
        id=str(case.id),
        title=f"{label}：{kind}",
        words=case.words,
        site_id=case.site_id,
        longitude=case.longitude,
        latitude=case.latitude,
        due_at=due,
        on=due.astimezone(clock.SHANGHAI).date() if due is not None else None,
        urgency=urgency,
        data={
            "case_id": str(case.id),
            "version": case.version,
            "number": case.number,
            "kind": case.kind,
            "kind_name": kind,
            "severity": case.severity,
            "severity_label": words.SEVERITIES.get(case.severity, case.severity),
            "place": place_of(case),
            "site_name": case.site.shown_name if case.site is not None else "",
            "reported_at": iso(case.reported_at),
            "found_at": iso(case.found_at),
            **data,
        },
    )


def _photos(case: Any, told: reading.Told, purposes: frozenset[str]) -> list[str]:
    return [one.url for one in told.photos.get(case.id, []) if one.purpose in purposes and one.is_picture]
