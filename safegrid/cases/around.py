"""The rows that stand beside a case (orders, timers, requests …), read together where a page needs most of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from safegrid.cases.models import (
    AccidentReport,
    Case,
    CaseAssistance,
    CaseTimer,
    Dispute,
    Extension,
    OverdueAppeal,
    Penalty,
    Recheck,
    RectificationOrder,
    Supervision,
    Suspension,
)
from safegrid.foundation import together
from safegrid.foundation.keys import CountyModel
from safegrid.foundation.together import Rows, rows_beside

KINDS: tuple[type[CountyModel], ...] = (
    RectificationOrder, Penalty, Extension, Suspension, Supervision, Dispute, Recheck, OverdueAppeal, CaseAssistance,
    AccidentReport, CaseTimer,
)  # fmt: skip
READ = "_rows_around"


def read(case: Case) -> Rows:
    """Read all rows beside the case with one query, and let ``rows`` answer from them: for one page, never for a verb."""
    found: Rows = rows_beside(KINDS, "case_id", case.county, case.id)
    setattr(case, READ, found)
    return found


def papers_of(county: int, case_ids: Collection[UUID]) -> dict[UUID, Rows]:
    """Return the orders, penalties and rechecks beside each of many cases, by id: read with one query, for a site's record."""
    kinds: tuple[type[CountyModel], ...] = (RectificationOrder, Penalty, Recheck)
    found: dict[UUID, Rows] = {key: {kind: [] for kind in kinds} for key in case_ids}
    if found:
        wanted = {"county": county, "case_id__in": list(found)}
        every: list[Any] = [kind._default_manager for kind in kinds]
        for kind, those in zip(
            kinds, together.read(*[one.filter(**wanted).order_by("id") for one in every]), strict=True
        ):
            for row in those:
                found[row.case_id][kind].append(row)
    return found


def rows(case: Case, kind: type[CountyModel]) -> list[Any]:
    """Return the rows of one kind beside the case, by id."""
    known: Rows | None = getattr(case, READ, None)
    if known is not None:
        return known[kind]
    every: Any = kind._default_manager
    return list(every.filter(county=case.county, case_id=case.id).order_by("id"))
