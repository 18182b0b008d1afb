"""Cases as phones keep them: one's own with what became of them, and those that a new report could double."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from safegrid.cases import words
from safegrid.cases.phones import reading
from safegrid.cases.workflow import CASE
from safegrid.foundation.scope import Actor
from safegrid.handbook import selectors as handbook

# What a timeline tells on a phone: what moves the case, and these.
TOLD = frozenset({
    "assign_recheck", "order_rectification", "record_disposal", "transfer_out", "supervise", "grant_extension",
    "refuse_on_spot",
})  # fmt: skip
PARTS = (("reporter_id", "reporter"), ("verifier_id", "verifier"), ("rechecker_id", "rechecker"))


def place_of(case: Any) -> str:
    """Return where a case is, in words; a household goes by its masked name."""
    return case.place_words or (case.site.shown_name if case.site is not None else "地图上的位置")


def iso(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None


def is_mine_now(user: Actor, case: Any) -> bool:
    """Say whether a look on the spot by the user is what the case waits for."""
    charged = {"verifying": case.verifier_id, "rectified": case.rechecker_id}
    return bool(charged.get(case.state) == user.id)


def cases(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``cases``."""
    found = reading.kept(user, county)
    told = reading.around(county, found)
    return [(str(case.id), _case(user, case, told)) for case in found]


def _case(user: Actor, case: Any, told: reading.Told) -> dict[str, Any]:
    return {
        **_facts(case, told.names.kinds),
        "version": case.version,
        "severity": case.severity,
        "severity_label": words.SEVERITIES.get(case.severity, case.severity),
        "state": case.state,
        "words": case.words,
        "site_name": case.site.shown_name if case.site is not None else "",
        "found_at": iso(case.found_at),
        "due_at": iso(case.due_at),
        "part": [part for column, part in PARTS if getattr(case, column) == user.id],
        "is_mine_now": is_mine_now(user, case),
        "photos": [one.url for one in told.photos.get(case.id, []) if one.is_picture],
        "outcome": outcome(case, told),
        "timeline": [
            {"at": iso(act.at), "label": words.act_label(act.action), "who": told.who(act),
             "words": words.act_words(act, told.names)}
            for act in told.acts.get(case.id, [])
            if _is_told(act)
        ],
    }  # fmt: skip


def _facts(case: Any, kinds: Any) -> dict[str, Any]:
    return {
        "number": case.number,
        "kind": case.kind,
        "kind_name": kinds.get(case.kind, case.kind),
        "state_label": CASE.state[case.state].label,
        "place": place_of(case),
        "site_id": str(case.site_id) if case.site_id is not None else None,
        "longitude": case.longitude,
        "latitude": case.latitude,
        "reported_at": iso(case.reported_at),
    }


def _is_told(act: Any) -> bool:
    verb = act.action.partition(".")[2]
    before, after = act.changes.get("state") or ("", "")
    return verb in TOLD or before != after


def outcome(case: Any, told: reading.Told) -> str:
    """Return what became of a case, for whoever reported it; "" while that is open."""
    if case.state == "merged":
        end = told.ends.get(case.id)
        return f"已并入案件 {end.number}（{CASE.state[end.state].label}）" if end is not None else "已并案"
    if case.state in ("rejected", "cancelled"):
        reason = told.said(case, {"rejected": "reject", "cancelled": "cancel"}[case.state], "reason")
        return f"{CASE.state[case.state].label}：{reason}" if reason else CASE.state[case.state].label
    if case.state != "closed":
        return ""
    if case.is_settled_on_spot:
        return "当场整改已确认，结案"
    result = told.said(case, "feed_back", "result")
    return f"已结案：{result}" if result else "已结案"


def nearby(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``nearby``: neither words nor reporter nor channel."""
    kinds = handbook.kind_names(county)
    return [(str(case.id), _facts(case, kinds)) for case in reading.doubles(user, county)]
