"""The rungs that an overrun climbs, as the county keeps them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from safegrid.cases.models import EscalationStep
from safegrid.foundation.cache import CountyCache
from safegrid.foundation.worktime import TimeLimit

CONTENT = Path(__file__).parent / "content" / "ladder.json"


@dataclass(frozen=True)
class Rung:
    """So long after the limit, holders of these roles over the case's place are told."""

    step: int
    after: TimeLimit
    roles: tuple[str, ...]


Ladders = dict[str, tuple[Rung, ...]]


def _load(county: int) -> Ladders:
    found: dict[str, list[Rung]] = {}
    for row in EscalationStep.objects.filter(county=county).order_by("severity", "step"):
        if row.roles:
            rung = Rung(row.step, TimeLimit.from_dict(row.after), tuple(row.roles))
            found.setdefault(row.severity, []).append(rung)
    return {severity: tuple(rungs) for severity, rungs in found.items()}


LADDERS: CountyCache[Ladders] = CountyCache("case_ladders", _load)


def rungs(county: int, severity: str) -> tuple[Rung, ...]:
    """Return the county's rungs for a severity, else those it keeps for every severity, by step."""
    ladders = LADDERS.get(county)
    return ladders.get(severity) or ladders.get("", ())


@lru_cache(maxsize=1)
def shipped() -> list[dict[str, Any]]:
    """Return the ladder that comes with the product."""
    rows: list[dict[str, Any]] = json.loads(CONTENT.read_text(encoding="utf-8"))
    return rows
