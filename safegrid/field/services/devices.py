"""Devices: signing in, and what they say of themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from safegrid.field.models import FieldDevice
from safegrid.foundation import clock, trace
from safegrid.foundation.scope import Actor

NOTE_SEEN_EVERY = timedelta(minutes=1)
NAME_LENGTH, VERSION_LENGTH = 60, 40
MOST_UNSENT = 1_000_000


@transaction.atomic
def begin_device(*, acting_user: Actor, county: int, device_id: UUID, name: str, session_key: str) -> FieldDevice:
    """Note that a user has signed in on a phone, with the session that ``accounts`` began for it."""
    now = clock.now()
    device, _ = FieldDevice.objects.update_or_create(
        county=county,
        user_id=acting_user.id,
        device_id=device_id,
        defaults={"name": name[:NAME_LENGTH], "session_key": session_key, "signed_in_at": now, "seen_at": now},
    )
    trace.record(
        acting_user=acting_user,
        action="field.sign_in",
        target=device,
        changes={"device_id": device_id, "name": device.name},
    )
    return device


def touch(device: FieldDevice, *, app_version: str = "", unsent: str = "") -> None:
    """Note that a phone was heard of, its version and how many acts it still holds, at most once a minute or when they change."""
    now, changes = clock.now(), dict[str, Any]()
    version = app_version[:VERSION_LENGTH]
    if version and version != device.app_version:
        changes["app_version"] = version
    if unsent.isascii() and unsent.isdigit() and min(int(unsent[:9]), MOST_UNSENT) != device.unsent:
        changes["unsent"] = min(int(unsent[:9]), MOST_UNSENT)
    if changes or now - device.seen_at > NOTE_SEEN_EVERY:
        _write(device, seen_at=now, **changes)


def note_clock(device: FieldDevice, offset_ms: int) -> None:
    """Keep how far the phone's clock is off, where it has moved by more than a second."""
    if device.clock_offset_ms is None or abs(device.clock_offset_ms - offset_ms) > 1000:
        _write(device, clock_offset_ms=offset_ms)


def _write(device: FieldDevice, **changes: Any) -> None:
    FieldDevice.objects.filter(county=device.county, pk=device.pk).update(**changes)
    for name, value in changes.items():
        setattr(device, name, value)
