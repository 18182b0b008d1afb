"""What stands beside one site on a page (contacts, direct supervision, change requests, its history), read together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from safegrid.foundation import together, trace
from safegrid.foundation.scope import Actor
from safegrid.sites.access import visible_changes
from safegrid.sites.history import HistoryItem, items
from safegrid.sites.models import ChangeRequest, DirectSupervision, Site, SiteContact
from safegrid.sites.people import view_of
from safegrid.sites.selectors import ContactView

CHANGES = 50


@dataclass(frozen=True)
class Around:
    """Contacts masked, those in use first; periods of direct supervision, change requests and acts the latest first."""

    contacts: list[ContactView]
    direct: list[DirectSupervision]
    changes: list[ChangeRequest]
    history: list[HistoryItem]


def around(user: Actor, site: Site, *, limit: int) -> Around:
    """Return what stands beside a site that the caller has found visible; of change requests, those the user sees.

    ``limit``: how many acts of the history. One statement.
    """
    here: dict[str, Any] = {"county": site.county, "site": site}
    contacts, direct, changes, own, about = together.read(
        SiteContact.objects.filter(**here).order_by("-is_active", "id"),
        DirectSupervision.objects.filter(**here).order_by("-valid_from", "-id"),
        visible_changes(user).filter(**here).order_by("-proposed_at")[:CHANGES],
        trace.latest_about(site.county, [site.id], limit),
        trace.latest_about(site.county, ChangeRequest.objects.filter(**here).order_by().values("id"), limit),
    )
    for change in changes:
        change.site = site
    acts = sorted([*own, *about], key=lambda row: (row.at, row.id), reverse=True)[:limit]
    return Around([view_of(row, site) for row in contacts], direct, changes, items(acts))
