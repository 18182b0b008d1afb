"""How far the rules reach: of the sites of each type and industry, how many nobody answers for and how many are contested."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from safegrid.duties.models import DutyMatch, MatchState
from safegrid.foundation.scope import Actor
from safegrid.sites.access import visible as visible_sites


@dataclass(frozen=True)
class Standing:
    """Counts of sites: matched at all, without a department, claimed by several."""

    sites: int = 0
    gaps: int = 0
    conflicts: int = 0

    def __add__(self, other: Standing) -> Standing:
        return Standing(self.sites + other.sites, self.gaps + other.gaps, self.conflicts + other.conflicts)


def standings(user: Actor, county: int, columns: Collection[tuple[str, Collection[str]]]) -> list[Standing]:
    """Return the standing of each column of the coverage table (see ``selectors.coverage``), read with one statement."""
    matched = DutyMatch.objects.filter(county=county, site_id=OuterRef("id"))
    rows = (
        visible_sites(user)
        .filter(Exists(matched), county=county)
        .order_by()
        .values("site_type", division=Substr("industry", 1, 2))
        .annotate(
            sites=Count("id"),
            gaps=Count("id", filter=Q(Exists(matched.filter(state=MatchState.NONE)))),
            conflicts=Count("id", filter=Q(Exists(matched.filter(state=MatchState.CONFLICT)))),
        )
    )
    by: dict[tuple[str, str], Standing] = {}
    for row in rows:
        one = Standing(row["sites"], row["gaps"], row["conflicts"])
        for key in (("site_type", row["site_type"]), ("industry_prefix", row["division"])):
            by[key] = by.get(key, Standing()) + one
    return [sum((by.get((name, value), Standing()) for value in values), Standing()) for name, values in columns]


def of_sites(user: Actor, matches: QuerySet[Any], **sites: Any) -> QuerySet[Any]:
    """Return the matches whose site, seen by the user, fulfils conditions (``site_type=``, ``industry_prefixes=``)."""
    seen = visible_sites(user).filter(county=OuterRef("county"), id=OuterRef("site_id"))
    prefixes = sites.pop("industry_prefixes", ())
    if prefixes:
        seen = seen.annotate(division=Substr("industry", 1, 2)).filter(division__in=list(prefixes))
    return matches.filter(Exists(seen.filter(**sites)))
