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


def view_of(contact: SiteContact, site: Site) -> ContactView:
    """Return a contact as pages show it, masked."""
    return ContactView(
        contact.id, shown_name(contact, site), contact.position, mask_phone(contact.phone),
        mask_id_number(contact.id_number), contact.is_active,
    )  # fmt: skip


def shown_name(contact: SiteContact, site: Site) -> str:
    """Return a contact's name; of a household it is masked."""
    return mask_name(contact.name) if site.site_type == SiteType.HOUSEHOLD else contact.name
