"""Reading devices and what they sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from safegrid.field.models import FieldDevice, FieldOperation, FieldUpload
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor

Device = FieldDevice  # the type, for those who may not import the models


def device_of(user: Actor, county: int, device_id: UUID) -> FieldDevice | None:
    """Return the row of a user's phone; None where the user never signed in with it in this county."""
    found: FieldDevice | None = FieldDevice.objects.filter(county=county, user_id=user.id, device_id=device_id).first()
    return found


def done(county: int, operation_ids: Iterable[UUID]) -> dict[UUID, FieldOperation]:
    """Return those of the operations that were done, by the phone's id."""
    rows = FieldOperation.objects.filter(county=county, operation_id__in=list(operation_ids))
    return {row.operation_id: row for row in rows}


def arrived(user: Actor, county: int, upload_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the attachment of each of the user's uploads that has come whole."""
    rows = FieldUpload.objects.filter(
        county=county, user_id=user.id, upload_id__in=list(upload_ids), attachment_id__isnull=False
    )
    return dict(rows.values_list("upload_id", "attachment_id"))


def told_by(device_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what phones said last, in words, for the pages that list them: version, acts not sent yet, clock."""
    with cross_county("a person's devices are listed whatever county the person worked in"):
        rows = list(FieldDevice.objects.filter(device_id__in=list(device_ids)).order_by("seen_at"))
    return {row.device_id: "，".join(_words(row)) for row in rows}


def _words(device: FieldDevice) -> list[str]:
    words = [f"版本 {device.app_version}"] if device.app_version else []
    if device.unsent is not None:
        words.append(f"手机上还有 {device.unsent} 项未上报" if device.unsent else "没有未上报的内容")
    minutes = round((device.clock_offset_ms or 0) / 60_000)
    if minutes:
        words.append(f"手机时钟{'慢' if minutes > 0 else '快'} {abs(minutes)} 分钟")
    return words
