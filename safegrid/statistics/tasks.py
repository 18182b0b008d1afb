"""What the queue does for statistics."""

from __future__ import annotations

import logging

from safegrid.foundation import queue
from safegrid.statistics import services

logger = logging.getLogger("safegrid.statistics")


@queue.periodic("statistics.keep", minutes=1)
def keep() -> int:
    """Sum anew what has changed since the last time; return how many days."""
    return sum(services.keep(county) for county in services.out_of_date())


@queue.periodic("statistics.keep_places", minutes=10)
def keep_places() -> int:
    """Count what the places of every county have and lack; return how many counties."""
    counties = services.counties()
    for county in counties:
        services.keep(county, places=True)
    return len(counties)


@queue.periodic("statistics.prove", minutes=24 * 60)
def prove() -> int:
    """Compare the sums of every county with its rows, mend what differs, and say so; return how many did."""
    wrong = 0
    for county in services.counties():
        found = services.mend(county)
        wrong += len(found)
        if found:
            logger.error("sums of county %s differed from its rows in %s lines", county, len(found))
    return wrong
