"""What the handbook offers to phones: the catalogue of kinds and the checklists in use, to visit, report and read by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from safegrid.foundation.fieldwork import Feed
from safegrid.foundation.scope import Actor, held
from safegrid.handbook import selectors

KIND = ("code", "parent_code", "name", "nature", "severity", "is_leaf", "is_active", "may_settle_on_spot",
        "duplicate_distance_m", "duplicate_days", "position")  # fmt: skip
ITEM = (
    "code",
    "position",
    "text",
    "how_to_judge",
    "what_to_do",
    "hazard_kind",
    "answer_kind",
    "is_mandatory",
    "legal_basis",
)


def kinds(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``kinds``: retired ones too, for cases keep them."""
    if not selectors.reads(user, county):
        return []
    catalogue = selectors.hazard_kinds(county, active=False)
    return [(kind.code, {name: getattr(kind, name) for name in KIND}) for kind in catalogue]


def checklists(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``checklists``, for members: what visits are made with, and were until a short while ago."""
    if not held(user, "grid_member"):
        return []
    return [
        (str(one.id), {
            "code": one.code, "number": one.number, "name": one.name, "site_type": one.site_type,
            "industry_prefix": one.industry_prefix, "is_published": one.state == "published",
            "items": [{"id": str(item.id), **{name: getattr(item, name) for name in ITEM}} for item in items],
        })
        for one, items in selectors.usable_checklists(user, county)
    ]  # fmt: skip


OPERATIONS = ()
TASKS = ()
FEEDS = (Feed("kinds", kinds), Feed("checklists", checklists))
