"""Reading inboxes, deliveries and preferences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from safegrid.foundation import clock
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.notices import access, kinds
from safegrid.notices.channels import gateways
from safegrid.notices.models import Channel, Delivery, Notice, Preference

WHY = "one person's inbox may span counties"
MOST_SHOWN = 100
KEPT_ON_PHONES, MOST_ON_PHONES = timedelta(days=60), 500


def inbox(user: Actor, *, unread: bool = False) -> QuerySet[Notice]:
    """Return the user's notices, newest first. Evaluate it inside ``cross_county(selectors.WHY)``."""
    found = access.visible(user).order_by("-created_at", "-id")
    return found.filter(read_at__isnull=True) if unread else found


def latest(user: Actor, count: int = 5) -> list[Notice]:
    """Return the newest notices, for a desk."""
    with cross_county(WHY):
        return list(inbox(user)[:count])


def recent(user: Actor, county: int) -> list[Notice]:
    """Return the user's notices in one county of the last sixty days, the newest first, five hundred at most."""
    since = clock.now() - KEPT_ON_PHONES
    rows = access.visible(user).filter(county=county, created_at__gte=since)
    return list(rows.order_by("-created_at", "-id")[:MOST_ON_PHONES])


def unread_count(user: Actor) -> int:
    """Return how many notices the user has not read, counted up to 100: more is told as "99+"."""
    with cross_county(WHY):
        return inbox(user, unread=True).order_by()[:MOST_SHOWN].count()


def notice_for(user: Actor, county: int, notice_id: UUID) -> Notice:
    """Return one of the user's own notices; raise ``NotVisible``."""
    found = access.visible(user).filter(county=county, pk=notice_id).first()
    if found is None:
        raise NotVisible
    return found


def deliveries_of(notice: Notice) -> list[Delivery]:
    """Return how far a notice got in each outside channel."""
    return list(Delivery.objects.filter(county=notice.county, notice=notice).order_by("channel"))


def channels_for(user_ids: Iterable[UUID], kind: str) -> dict[UUID, set[str]]:
    """Return the configured channels that each user takes ``kind`` through.

    The user's word on the kind counts, else on all kinds (kind ""), else the kind's default.
    """
    ids = list(user_ids)
    configured = set(gateways())
    said: dict[tuple[UUID, str, str], bool] = {
        (row.user_id, row.kind, row.channel): row.wanted
        for row in Preference.objects.filter(user_id__in=ids, kind__in=[kind, ""])
    }
    default = kinds.default_channels(kind)
    return {
        user_id: {
            channel
            for channel in configured
            if said.get((user_id, kind, channel), said.get((user_id, "", channel), channel in default))
        }
        for user_id in ids
    }


@dataclass(frozen=True)
class Choice:
    """One box of the preferences page."""

    kind: str
    label: str
    channel: str
    wanted: bool

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.channel}"


def configured_channels() -> list[tuple[str, str]]:
    """Return (channel, Chinese label) of the channels this installation can send through."""
    return [(channel, str(Channel(channel).label)) for channel in sorted(gateways())]


def preferences(user: Actor) -> list[tuple[str, list[Choice]]]:
    """Return, kind by kind, what the user takes through which configured channel."""
    said = {(row.kind, row.channel): row.wanted for row in Preference.objects.filter(user_id=user.id)}
    channels, table = configured_channels(), []
    for kind in kinds.kinds():
        default = kinds.default_channels(kind.name)
        row = [
            Choice(
                kind.name,
                kind.label,
                channel,
                said.get((kind.name, channel), said.get(("", channel), channel in default)),
            )
            for channel, _ in channels
        ]
        table.append((kind.label, row))
    return table
