"""Which sites' records are stale: for a year nobody registered them, changed them or confirmed them by a visit.

``Site.confirmed_at`` is the latest of these moments, kept by each of the acts, so that the desk counts from an index alone
(``site_confirmed``). Visits belong to a context above, which calls ``confirm``. The grid and the department, which others
assign, confirm nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from safegrid.foundation import clock
from safegrid.sites.models import Site, SiteStatus


def confirm(county: int, site_id: UUID, at: datetime) -> bool:
    """Note that somebody found a site's record right at a moment; return whether that is news.

    What was confirmed later stays so: phones tell of visits late and in any order. ``version`` stays, too: nothing of what
    an edit was based on has changed. Runs in the caller's transaction, which traces the act.
    """
    older = Site.objects.filter(county=county, id=site_id, confirmed_at__lt=at)
    return older.update(confirmed_at=at) == 1


def stale_q() -> Q:
    """Return the condition on sites that are in business, not supervised directly and whose record is stale now."""
    limit = clock.now() - timedelta(days=settings.STALE_DAYS)
    return Q(status=SiteStatus.ACTIVE, is_directly_supervised=False, confirmed_at__lt=limit)
