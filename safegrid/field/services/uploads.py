"""Photos on their way: announced, taken in parts, checked as a whole, kept as attachments."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from safegrid.field.models import FieldChunk, FieldUpload
from safegrid.files import services as files
from safegrid.foundation import clock
from safegrid.foundation.bulk import insert_objects
from safegrid.foundation.errors import Conflict, InvalidInput, NotVisible, SafeGridError
from safegrid.foundation.scope import Actor

MOST_CHUNK = 1024 * 1024


class WrongOffset(SafeGridError):
    """The part does not begin where the last one ended: ``received`` bytes are here."""

    code = "wrong_offset"
    status = 409

    def __init__(self, received: int) -> None:
        super().__init__(f"已收到 {received} 字节，请从那里接着传")
        self.received = received


class Damaged(SafeGridError):
    """All bytes are here, but they are not those announced. Everything is sent again."""

    code = "damaged"
    status = 422

    def __init__(self) -> None:
        super().__init__("照片在传输中损坏，将重新上传")


@transaction.atomic
def announce(*, acting_user: Actor, county: int, upload_id: UUID, facts: dict[str, Any]) -> FieldUpload:
    """Note a photo to come (``facts``: the fields of ``UploadIn`` but the id), or say how far it has come.

    Raises ``Conflict`` where the id was announced with other content.
    """
    row = FieldUpload(county=county, user_id=acting_user.id, upload_id=upload_id, created_at=clock.now(), **facts)
    if insert_objects([row], unless=("county", "user_id", "upload_id")):
        return row
    known = _upload(acting_user, county, upload_id)
    if (known.size, known.sha256) != (row.size, row.sha256):
        raise Conflict("这个编号已用于另一张照片")
    return known


def _upload(acting_user: Actor, county: int, upload_id: UUID, *, lock: bool = False) -> FieldUpload:
    rows = FieldUpload.objects.filter(county=county, user_id=acting_user.id, upload_id=upload_id)
    found: FieldUpload | None = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NotVisible("没有找到这张照片的上传记录，请重新上传")
    return found


def take_chunk(*, acting_user: Actor, county: int, upload_id: UUID, offset: int, data: bytes) -> FieldUpload:
    """Keep the next part of a photo; the last one makes it an attachment of the user's.

    Raises ``WrongOffset``, ``InvalidInput`` (no part, too large, no picture), ``Damaged``: after the last two that are told
    when all is here, nothing is kept and the photo may be sent again.
    """
    try:
        return _take(acting_user, county, upload_id, offset, data)
    except _Spoilt as spoilt:
        _begin_again(acting_user, county, upload_id)
        raise spoilt.error from None


class _Spoilt(Exception):
    """What came whole cannot be kept."""

    def __init__(self, error: SafeGridError) -> None:
        super().__init__(error.code)
        self.error = error


@transaction.atomic
def _take(acting_user: Actor, county: int, upload_id: UUID, offset: int, data: bytes) -> FieldUpload:
    upload = _upload(acting_user, county, upload_id, lock=True)
    if upload.attachment_id is not None:
        return upload  # the answer to the last part was lost
    if offset != upload.received:
        raise WrongOffset(upload.received)
    if not 0 < len(data) <= min(MOST_CHUNK, upload.size - offset):
        raise InvalidInput({"body": f"每次上传 1 至 {MOST_CHUNK} 字节，总数不超过事先申报的大小"})
    received = offset + len(data)
    if received < upload.size:
        FieldChunk(county=county, upload=upload, offset=offset, data=data).save(force_insert=True)
    else:
        upload.attachment_id = _keep(acting_user, upload, _before(upload) + data)
        _drop_chunks(upload)
    upload.received = received
    FieldUpload.objects.filter(county=county, pk=upload.pk).update(
        received=received, attachment_id=upload.attachment_id
    )
    return upload


def _before(upload: FieldUpload) -> bytes:
    parts = FieldChunk.objects.filter(county=upload.county, upload=upload).order_by("offset")
    return b"".join(bytes(part) for part in parts.values_list("data", flat=True))


def _keep(acting_user: Actor, upload: FieldUpload, data: bytes) -> UUID:
    if hashlib.sha256(data).hexdigest() != upload.sha256:
        raise _Spoilt(Damaged())
    facts = files.Facts(
        taken_at=upload.taken_at,
        longitude=upload.longitude,
        latitude=upload.latitude,
        accuracy_m=upload.accuracy_m,
        camera_sha256=upload.camera_sha256,
    )
    try:
        return files.store(acting_user=acting_user, county=upload.county, data=data, facts=facts).pk
    except InvalidInput as error:
        raise _Spoilt(error) from None


@transaction.atomic
def _begin_again(acting_user: Actor, county: int, upload_id: UUID) -> None:
    upload = _upload(acting_user, county, upload_id, lock=True)
    if upload.attachment_id is None:
        _drop_chunks(upload)
        FieldUpload.objects.filter(county=county, pk=upload.pk).update(received=0)


def _drop_chunks(upload: FieldUpload) -> None:
    # Parts on their way are no business data: what they make is.
    QuerySet(FieldChunk).filter(county=upload.county, upload_id=upload.pk).delete()
