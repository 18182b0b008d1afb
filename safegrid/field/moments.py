"""When an act happened, by a clock that may be wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from safegrid.foundation.errors import InvalidInput

FARTHEST_MS = 50 * 366 * 24 * 3600 * 1000  # no phone's clock is fifty years off


def offset_ms(server: datetime, phone: datetime) -> int:
    """Return how many milliseconds the phone's clock is behind the server's."""
    return round((server - phone) / timedelta(milliseconds=1))


def happened_at(device_time: datetime, own: int | None, sending: int, now: datetime) -> datetime:
    """Return the phone's time corrected by the offset known when the act was made, else by the one at sending; never after ``now``.

    Raises ``InvalidInput`` for times that no calendar has.
    """
    try:
        return min(device_time + timedelta(milliseconds=own if own is not None else sending), now)
    except OverflowError:
        raise InvalidInput({"device_time": "手机时间不正确，请校准手机时钟"}) from None
