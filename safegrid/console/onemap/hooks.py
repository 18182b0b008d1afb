"""What makes maps be drawn anew; connected in ``wiring.py``."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from safegrid.cases.workflow import CASE
from safegrid.console.onemap import kept, stock
from safegrid.foundation import events


def connect() -> None:
    """Subscribe to what changes sites, grids and cases."""
    events.subscribe("sites.written", sites_written)
    for name in ("grids.boundary_changed", "grids.sites_assigned"):
        events.subscribe(name, grids_changed)
    for verb in sorted({row.verb for row in CASE.rows}):
        events.subscribe(f"cases.{verb}", case_changed)


def sites_written(*, county: int) -> None:
    """Sites were written: all processes read them again."""
    stock.SITES.changed(county)
    _forget(county)


def grids_changed(*, county: int, **_: Any) -> None:
    """This process looks again at once, others within seconds."""
    _forget(county)


def case_changed(*, case: Any, **_: Any) -> None:
    """This process looks again at once, others within seconds."""
    _forget(case.county)


def _forget(county: int) -> None:
    kept.forget(county)
    transaction.on_commit(partial(kept.forget, county))  # whoever looked in between saw the rows of before
