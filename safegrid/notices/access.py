"""An inbox is its owner's alone."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from safegrid.foundation.scope import Actor
from safegrid.notices.models import Notice


def visible(user: Actor) -> QuerySet[Notice]:
    """Return the user's own notices. They may lie in several counties: evaluate it inside ``cross_county``."""
    return Notice.objects.filter(recipient_id=user.id)


def can(user: Actor, verb: str, row: Any) -> bool:
    """Say whether ``user`` may use ``verb`` (read) on a notice."""
    return bool(row.recipient_id == user.id)
