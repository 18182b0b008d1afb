"""The gate to a posting: every registered check must pass. Fails closed: none registered, or one that raises = refused."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from safegrid.foundation.faults import describe
from safegrid.grids.models import EvidenceKind, GateEvidence, GridMember

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
    try:
        with transaction.atomic():  # a failed query must not spoil the caller's transaction
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
        papers = GateEvidence.objects.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gte=on),
            Q(revoked_on__isnull=True) | Q(revoked_on__gt=on),
            county=member.county, member=member, kind=kind, issued_on__lte=on,
        )  # fmt: skip
        best = max(papers, key=lambda paper: paper.expires_on or date.max, default=None)
        return None if best is None else Passed(f"{best.get_kind_display()} {best.number}", best.expires_on)

    return check


def register_built_in() -> None:
    """Register the three papers that access.md asks for, entered by hand until training and welfare keep their own."""
    for kind in EvidenceKind:
        register_gate(kind.value, str(kind.label), _paper(kind.value))
