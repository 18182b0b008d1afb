"""Housekeeping of uploads."""

from safegrid.foundation.queue import periodic
from safegrid.regions.uploads import drop_old


@periodic("regions.drop_old_reports", minutes=24 * 60)
def drop_old_reports() -> int:
    """Remove the workbooks of refused rows that nobody fetched for a month."""
    return drop_old()
