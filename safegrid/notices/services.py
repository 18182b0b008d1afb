"""Telling people, and carrying what they were told to the outside. Nothing here alters what a notice speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import F

from safegrid.accounts import selectors as accounts
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.queue import enqueue
from safegrid.foundation.scope import Actor
from safegrid.notices import access, selectors
from safegrid.notices.channels import Message, Outcome, gateways
from safegrid.notices.models import Channel, Delivery, DeliveryState, Notice, Preference

BATCH = 500
A_TASK = 50
BACKOFF = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240)]
LEASE = timedelta(minutes=5)  # longer than any gateway's time-out: who claimed and died is taken over after it
LONGEST_TITLE, LONGEST_BODY = 120, 500


@transaction.atomic
def tell(
    *,
    county: int,
    recipients: Iterable[UUID],
    kind: str,
    title: str,
    body: str = "",
    target: models.Model | None = None,
    key: str,
) -> None:
    """Put a notice into each recipient's inbox now and queue the outside channels, in the caller's transaction.

    ``key`` says what is told: the same key to the same person in a county is told once. Words too long are cut.
    """
    wanted = list(dict.fromkeys(recipients))
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        known = Notice.objects.filter(county=county, recipient_id__in=batch, key=key)
        told = set(known.values_list("recipient_id", flat=True))
        now = clock.now()
        made = [
            Notice(
                county=county, recipient_id=recipient, kind=kind, title=title[:LONGEST_TITLE], body=body[:LONGEST_BODY],
                object_type=target._meta.label_lower if target is not None else "",
                object_id=target.pk if target is not None else None, key=key, created_at=now,
            )
            for recipient in batch
            if recipient not in told
        ]  # fmt: skip
        Notice.objects.bulk_create(made, ignore_conflicts=True)
        _queue_outside(county, kind, made)


def _queue_outside(county: int, kind: str, made: list[Notice]) -> None:
    if not made or not gateways():
        return
    # Where somebody else told the same at the same moment, the row in the table is theirs and so are its deliveries.
    stored = Notice.objects.filter(county=county, pk__in=[notice.pk for notice in made])
    mine = {notice.pk: notice for notice in stored}
    channels = selectors.channels_for([notice.recipient_id for notice in mine.values()], kind)
    now = clock.now()
    deliveries = [
        Delivery(county=county, notice=notice, channel=channel, next_attempt_at=now)
        for notice in mine.values()
        for channel in sorted(channels[notice.recipient_id])
    ]
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    ids = [str(delivery.pk) for delivery in deliveries]
    for start in range(0, len(ids), A_TASK):
        enqueue("notices.deliver", county=county, delivery_ids=ids[start : start + A_TASK])


def attempt(county: int, delivery_id: UUID) -> None:
    """Try once to send a delivery that is due; what fails for now is tried again later, five times over five hours.

    Claimed by compare-and-swap, so two workers never send at once. A worker that dies after the gateway accepted and before
    the state was saved leads to a second sending with the same reference, which the gateway can drop.
    """
    now = clock.now()
    due = Delivery.objects.filter(county=county, pk=delivery_id, state=DeliveryState.WAITING, next_attempt_at__lte=now)
    if not due.update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE):
        return
    delivery = Delivery.objects.select_related("notice").get(county=county, pk=delivery_id)
    outcome = _send(delivery)
    _note(delivery, outcome)


def _send(delivery: Delivery) -> Outcome:
    gateway = gateways().get(delivery.channel)
    if gateway is None:
        return Outcome(False, error="该渠道已停用")
    notice = delivery.notice
    try:
        recipient = accounts.user(notice.recipient_id)
    except NotVisible:
        return Outcome(False, error="收件人的账号不存在")
    if not recipient.is_active:
        return Outcome(False, error="收件人的账号已停用")
    message = Message(
        reference=f"{delivery.county}-{delivery.pk}", kind=notice.kind, title=notice.title, body=notice.body,
        phone=recipient.phone, email=recipient.email,
    )  # fmt: skip
    if not gateway.reaches(message):
        return Outcome(False, error="收件人没有登记该渠道的地址")
    return gateway.send(message)


def _note(delivery: Delivery, outcome: Outcome) -> None:
    now = clock.now()
    changes: dict[str, Any] = {"last_error": outcome.error[:200]}
    if outcome.accepted:
        changes |= {"state": DeliveryState.SENT, "outside_id": outcome.outside_id, "finished_at": now}
    elif outcome.retry and delivery.attempts <= len(BACKOFF):
        changes |= {"next_attempt_at": now + BACKOFF[delivery.attempts - 1]}
    else:
        changes |= {"state": DeliveryState.FAILED, "finished_at": now}
    # A receipt may have come in while the gateway was still answering: it knows better.
    Delivery.objects.filter(county=delivery.county, pk=delivery.pk, state=DeliveryState.WAITING).update(**changes)


def sweep(limit: int = 200) -> int:
    """Attempt deliveries that are due: retries, and those whose task was lost; return how many."""
    with cross_county("the sweep takes what is due wherever it belongs"):
        due = Delivery.objects.filter(state=DeliveryState.WAITING, next_attempt_at__lte=clock.now())
        found = list(due.order_by("next_attempt_at").values_list("county", "id")[:limit])
    for county, delivery_id in found:
        attempt(county, delivery_id)
    return len(found)


@transaction.atomic
def receipt(*, county: int, delivery_id: UUID, delivered: bool, error: str = "") -> bool:
    """Note what the provider says became of a message; return whether it was news. A delivered message stays delivered."""
    state = DeliveryState.DELIVERED if delivered else DeliveryState.FAILED
    open_states = [DeliveryState.WAITING, DeliveryState.SENT]
    rows = Delivery.objects.filter(county=county, pk=delivery_id, channel=Channel.SMS, state__in=open_states)
    return rows.update(state=state, last_error=error[:200], finished_at=clock.now()) == 1


@transaction.atomic
def mark_read(*, acting_user: Actor, notice: Notice) -> Notice:
    """Note that its reader has seen a notice."""
    if not access.can(acting_user, "read", notice):
        raise NotPermitted("只能由收件人标记已读")
    if notice.read_at is None:
        notice.read_at = clock.now()
        notice.save(update_fields=["read_at"])
    return notice


@transaction.atomic
def mark_all_read(*, acting_user: Actor) -> int:
    """Note that everything in one's inbox has been seen; return how many notices were new."""
    with cross_county(selectors.WHY):
        return selectors.inbox(acting_user, unread=True).order_by().update(read_at=clock.now())


@transaction.atomic
def set_preferences(*, acting_user: Actor, wanted: Mapping[tuple[str, str], bool]) -> None:
    """Keep which (kind, channel) the user wants; kind "" stands for all kinds. The inbox itself is always on."""
    for (kind, channel), value in wanted.items():
        if channel not in Channel.values:
            raise InvalidInput({"channel": "没有这个渠道"})
        if len(kind) > 60:
            raise InvalidInput({"kind": "没有这种通知"})
        Preference.objects.update_or_create(
            user_id=acting_user.id, kind=kind, channel=channel, defaults={"wanted": value}
        )
