"""Rules that begin or run out on a day of their own."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from safegrid.duties.models import DutyRule
from safegrid.duties.services import rematch_begun_and_ended
from safegrid.foundation import clock
from safegrid.foundation.keys import cross_county
from safegrid.foundation.queue import periodic

CAUGHT_UP = timedelta(days=7)  # a server that stood still for days catches up


@periodic("duties.rematch_begun_and_ended", minutes=60)
def let_rules_begin_and_end() -> int:
    """Match anew the sites of rules whose first or last day has passed lately; return how many."""
    today = clock.today()
    since = today - CAUGHT_UP
    with cross_county("rules of every county begin and end with the days"):
        turned = DutyRule.objects.filter(
            Q(valid_from__gt=since, valid_from__lte=today) | Q(valid_to__gte=since, valid_to__lt=today)
        )
        counties = sorted(set(turned.values_list("county", flat=True)))
    return sum(rematch_begun_and_ended(county, since) for county in counties)
