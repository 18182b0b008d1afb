"""Foundation's own housekeeping."""

from __future__ import annotations

from safegrid.foundation import queue


@queue.periodic("foundation.purge_idempotency_keys", minutes=24 * 60)
def purge_idempotency_keys() -> int:
    """Drop the keys of writes that nobody can repeat any more."""
    from safegrid.foundation.api.idempotency import purge

    return purge()
