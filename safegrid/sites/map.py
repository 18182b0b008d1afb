"""What a map shows of a county's sites: those that grid work covers or a department supervises directly, with a position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from safegrid.foundation.crypto import mask_name
from safegrid.sites.models import RiskGrade, Site, SiteStatus, SiteType

SHOWN = (SiteStatus.ACTIVE, SiteStatus.PAUSED)
PAGE = 10_000
GRADES = [RiskGrade.BLUE.value, RiskGrade.YELLOW.value, RiskGrade.ORANGE.value, RiskGrade.RED.value]  # rising
TYPES = [one.value for one in SiteType]


class Dot(NamedTuple):
    """One site in WGS 84 degrees; the name of a household's head is masked."""

    id: UUID
    longitude: float
    latitude: float
    site_type: str
    risk_grade: str
    name: str
    is_directly_supervised: bool
    grid_id: UUID | None


def dots(county: int) -> Iterator[Dot]:
    """Yield every site of a county that maps show, whoever asks; by key, in pages, so that no cursor stays open."""
    rows = Site.objects.filter(county=county, status__in=SHOWN, longitude__isnull=False).order_by("id")
    last: UUID | None = None
    while True:
        page = list((rows if last is None else rows.filter(id__gt=last)).values_list(*Dot._fields)[:PAGE])
        for row in page:
            dot = Dot(*row)
            yield dot._replace(name=mask_name(dot.name)) if dot.site_type == SiteType.HOUSEHOLD else dot
        if len(page) < PAGE:
            return
        last = page[-1][0]
