"""What the handbook offers to phones: the catalogue of kinds and the checklists in use, to visit, report and read by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from safegrid.foundation.fieldwork import Feed
from safegrid.foundation.scope import Actor, held
from safegrid.handbook import selectors

KIND = ("code", "parent_code", "name", "nature", "severity", "is_leaf", "is_active", "may_settle_on_spot",
        "duplicate_distance_m", "duplicate_days", "position", "major_standard")  # fmt: skip
ITEM = ("code", "position", "text", "how_to_judge", "what_to_do", "hazard_kind", "answer_kind", "is_mandatory")


def basis(law: dict[str, str] | None) -> str:
    """Return a legal basis as it is read: 《消防法》第二十七条."""
    return f"《{law['law']}》{law.get('article', '')}" if law else ""


def kinds(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``kinds``: retired ones too, for cases keep them."""
    if not selectors.reads(user, county):
        return []
    catalogue = selectors.hazard_kinds(county, active=False)
    return [
        (kind.code, {**{name: getattr(kind, name) for name in KIND},
                     "legal_bases": [basis(one) for one in kind.legal_bases]})
        for kind in catalogue
    ]  # fmt: skip


def checklists(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``checklists``, for members: what visits are made with, and were until a short while ago."""
    if not held(user, "grid_member"):
        return []
    return [
        (str(one.id), {
            "code": one.code, "number": one.number, "name": one.name, "site_type": one.site_type,
            "industry_prefix": one.industry_prefix, "is_published": one.state == "published",
            "items": [{"id": str(item.id), **{name: getattr(item, name) for name in ITEM},
                       "legal_basis": basis(item.legal_basis)} for item in items],
        })
        for one, items in selectors.usable_checklists(user, county)
    ]  # fmt: skip


OPERATIONS = ()
TASKS = ()
FEEDS = (Feed("kinds", kinds), Feed("checklists", checklists))
