"""The people to talk to at sites, as pages list them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from safegrid.foundation.crypto import mask_id_number, mask_name, mask_phone
from safegrid.foundation.scope import NOTHING, Actor, counties_q
from safegrid.sites.access import visible
from safegrid.sites.models import Site, SiteContact, SiteType
from safegrid.sites.selectors import ContactView

# Who may know whom: a name of a household's contact is found by its exact phone tail only, never by its letters.
SEARCHABLE_NAME = ~Q(site__site_type=SiteType.HOUSEHOLD)


def contacts(user: Actor) -> QuerySet[Any]:
    """Return the contacts of the sites that the user sees. Above a county ask inside ``cross_county``."""
    counties = NOTHING
    for holding in user.holdings():
        counties |= counties_q(holding)
    seen = visible(user).filter(county=OuterRef("county"), pk=OuterRef("site_id"))
    return SiteContact.objects.filter(counties).filter(Exists(seen)).select_related("site")


def contacts_at(site: Site) -> list[ContactView]:
    """Return the contacts of a site that the caller has found visible, masked, those in use first."""
    rows = SiteContact.objects.filter(county=site.county, site=site).order_by("-is_active", "id")
    return [
        ContactView(row.id, shown_name(row, site), row.position, mask_phone(row.phone), mask_id_number(row.id_number),
                    row.is_active)
        for row in rows
    ]  # fmt: skip


def shown_name(contact: SiteContact, site: Site) -> str:
    """Return a contact's name; of a household it is masked."""
    return mask_name(contact.name) if site.site_type == SiteType.HOUSEHOLD else contact.name
