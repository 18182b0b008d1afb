"""The gate to a posting: every registered check must pass. Fails closed: none registered, or one that raises = refused."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from safegrid.foundation.faults import describe
from safegrid.grids.models import EvidenceKind, GateEvidence, GridMember

PAPERS = "_papers_read"
logger = logging.getLogger("safegrid.grids")


@dataclass(frozen=True)
class Passed:
    """Why a gate lets a member through, and the last day it does (None: no end)."""

    words: str
    until: date | None = None


Check = Callable[[GridMember, date], Passed | None]
"""Looks at a member on a day; None or an exception = refused. May query; must name the member's county."""


@dataclass(frozen=True)
class GateResult:
    name: str
    label: str
    passed: bool
    words: str
    until: date | None = None

    def kept(self) -> dict[str, Any]:
        """Return what the posting keeps of it, as plain JSON."""
        return {**asdict(self), "until": self.until.isoformat() if self.until else None}


_gates: dict[str, tuple[str, Check]] = {}


def register_gate(name: str, label: str, check: Check) -> None:
    """Let ``check`` decide too; the same name again replaces the earlier check (training replaces the paper "exam")."""
    _gates[name] = (label, check)


def pass_gates(member: GridMember, on: date) -> list[GateResult]:
    """Return what every gate says of a member on a day; see ``is_open`` for the verdict."""
    return [_ask(name, label, check, member, on) for name, (label, check) in _gates.items()]


def is_open(results: list[GateResult]) -> bool:
    """Say whether the member may be posted: at least one gate, and all of them passed."""
    return bool(results) and all(result.passed for result in results)


def refusal(results: list[GateResult]) -> str:
    """Return in words what is missing."""
    if not results:
        return "没有配置任何上岗门禁，不能派驻"
    return "；".join(f"{result.label}：{result.words}" for result in results if not result.passed)


def _ask(name: str, label: str, check: Check, member: GridMember, on: date) -> GateResult:
    # A failed query must not spoil the caller's transaction; a page has none, and needs no lock to read.
    guarded = transaction.atomic() if transaction.get_connection().in_atomic_block else nullcontext()
    try:
        with guarded:
            passed = check(member, on)
    except Exception as error:
        logger.error("gate %s failed: %s", name, describe(error))
        return GateResult(name, label, False, "核验出错，按未通过处理")
    if passed is None:
        return GateResult(name, label, False, "没有有效的记录")
    return GateResult(name, label, True, passed.words, passed.until)


def _paper(kind: str) -> Check:
    def check(member: GridMember, on: date) -> Passed | None:
        """Look for the paper in force that lasts longest."""
        known = getattr(member, PAPERS, None)
        papers = _papers(member, kind, on) if known is None else [one for one in known if _counts(one, kind, on)]
        best = max(papers, key=lambda paper: paper.expires_on or date.max, default=None)
        return None if best is None else Passed(f"{best.get_kind_display()} {best.number}", best.expires_on)

    return check


def know_papers(member: GridMember, papers: Sequence[GateEvidence]) -> None:
    """Let the gates look at papers just read, all the member's, instead of reading them: for one page, never for a verb."""
    setattr(member, PAPERS, papers)


def _papers(member: GridMember, kind: str, on: date) -> Iterable[GateEvidence]:
    return GateEvidence.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=on),
        Q(revoked_on__isnull=True) | Q(revoked_on__gt=on),
        county=member.county, member=member, kind=kind, issued_on__lte=on,
    )  # fmt: skip


def _counts(paper: GateEvidence, kind: str, on: date) -> bool:
    """Say of one paper what ``_papers`` asks the database."""
    lasts = (paper.expires_on is None or paper.expires_on >= on) and (paper.revoked_on is None or paper.revoked_on > on)
    return paper.kind == kind and lasts and paper.issued_on <= on


def register_built_in() -> None:
    """Register the three papers that access.md asks for, entered by hand until training and welfare keep their own."""
    for kind in EvidenceKind:
        register_gate(kind.value, str(kind.label), _paper(kind.value))
