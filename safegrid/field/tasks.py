"""Housekeeping of what phones send."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from safegrid.field.models import FieldChunk, FieldSnapshot, FieldUpload
from safegrid.foundation import clock
from safegrid.foundation.keys import cross_county
from safegrid.foundation.queue import periodic

KEPT_DAYS = 45  # a phone may be out of reach for 30
FORGOTTEN_DAYS = 90  # after so long a phone begins again: it is given everything anew


@periodic("field.tidy", minutes=24 * 60)
def tidy() -> dict[str, int]:
    """Drop uploads that nobody will finish or ask for again, and the states of phones that were not heard of for long."""
    now = clock.now()
    old = now - timedelta(days=KEPT_DAYS)
    with cross_county("the age of uploads does not depend on the county"):
        chunks = QuerySet(FieldChunk).filter(upload__created_at__lt=old).delete()[0]
        uploads = QuerySet(FieldUpload).filter(created_at__lt=old).delete()[0]
        long_ago = now - timedelta(days=FORGOTTEN_DAYS)
        states = QuerySet(FieldSnapshot).filter(updated_at__lt=long_ago).delete()[0]
        return {"chunks": chunks, "uploads": uploads, "states": states}
