"""What waits for its day: boundaries, postings, papers that expire."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from safegrid.foundation import clock
from safegrid.foundation.keys import cross_county
from safegrid.foundation.queue import periodic
from safegrid.grids.models import GridMember, GridVersion, Posting
from safegrid.grids.services.boundaries import RACE, assign_moved, recently_moved, take_effect
from safegrid.grids.services.postings import settle_role


@periodic("grids.take_effect", minutes=10)
def let_boundaries_take_effect() -> int:
    """Let boundaries whose day has come take effect, and assign once more around those that just did.

    The second pass finds sites that another process assigned by the boundaries it still had in memory.
    """
    today, since = clock.today(), clock.now() - RACE
    waiting = Q(began_at__isnull=True, valid_from__lte=today) | Q(ended_at__isnull=True, valid_to__lt=today)
    with cross_county("boundaries of every county wait for their day"):
        rows = GridVersion.objects.filter(waiting | Q(began_at__gte=since) | Q(ended_at__gte=since))
        counties = sorted(set(rows.values_list("county", flat=True)))
    done = 0
    for county in counties:
        lately = recently_moved(county)
        done += take_effect(county)
        if lately:
            assign_moved(county, lately)
    return done


@periodic("grids.settle_postings", minutes=60)
def settle_postings() -> int:
    """Give, pause, resume and end the roles of members whose postings begin or end, or whose papers expire."""
    yesterday = clock.today() - timedelta(days=7)
    with cross_county("postings of every county begin and end"):
        rows = Posting.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=yesterday), valid_from__lte=clock.today()
        )
        keys = sorted(set(rows.values_list("county", "member_id")))
    for county, member_id in keys:
        settle_role(GridMember.objects.get(county=county, id=member_id))
    return len(keys)
