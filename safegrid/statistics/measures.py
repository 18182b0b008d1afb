"""The names of what the summary tables hold, in the order of their columns."""

from __future__ import annotations

from typing import Any

from safegrid.statistics.models import CaseSummary, PlaceSummary, Summary, VisitSummary

_COMMON = {field.name for field in Summary._meta.get_fields()}


def _measures(model: Any) -> tuple[str, ...]:
    return tuple(field.name for field in model._meta.get_fields() if field.name not in _COMMON)


CASES = _measures(CaseSummary)
VISITS = _measures(VisitSummary)
PLACES = _measures(PlaceSummary)
