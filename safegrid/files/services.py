"""Storing files once by content, and using them on rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction

from safegrid.files import content
from safegrid.files.access import GRANT, can
from safegrid.files.models import Attachment, AttachmentUse, Grade
from safegrid.foundation import clock, trace
from safegrid.foundation.bulk import insert_objects
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.models import ScopeGrant
from safegrid.foundation.scope import Actor
from safegrid.foundation.statements import Prepared


@dataclass(frozen=True)
class Facts:
    """What a phone knows of a photo that the picture, made smaller there, no longer tells: when and where (WGS 84 degrees,
    accuracy in metres) it was taken, and the SHA-256 of what the camera gave. Goes before what the file says of itself."""

    taken_at: datetime | None = None
    longitude: float | None = None
    latitude: float | None = None
    accuracy_m: float | None = None
    camera_sha256: str = ""

    def traced(self) -> dict[str, Any]:
        """Return what is known, for the trace."""
        return {name: value for name, value in vars(self).items() if value not in (None, "")}


def path_of(attachment: Attachment, *, thumbnail: bool = False) -> str:
    """Return where a file lies in the storage: by county and content hash, so that equal content is stored once."""
    name = f"{attachment.county}/{attachment.content_hash[:2]}/{attachment.content_hash}"
    return f"{name}.thumbnail.webp" if thumbnail else f"{name}.{content.EXTENSIONS[attachment.media_type]}"


@transaction.atomic
def store(*, acting_user: Actor | None, county: int, data: bytes, name: str = "",
          grade: str = Grade.INTERNAL, facts: Facts | None = None) -> Attachment:  # fmt: skip
    """Check, clean and keep a file; the same person giving the same content again gets the same attachment.

    ``facts``: what is known of a photo besides. Raises ``InvalidInput`` for what is no picture or PDF, too large, or damaged.
    """
    if grade not in Grade.values:
        raise InvalidInput({"grade": "请选择文件密级"})
    checked = content.check(data)
    uploader = acting_user.id if acting_user else None
    stored_hash = _sm3(checked.data)
    known_of_it = facts or Facts()
    has_place = known_of_it.longitude is not None and known_of_it.latitude is not None
    where = known_of_it if has_place else checked
    known: Attachment | None = Attachment.objects.filter(
        county=county, content_hash=stored_hash, uploaded_by_id=uploader
    ).first()
    if known is not None:
        return known
    attachment = Attachment(
        county=county,
        content_hash=stored_hash,
        original_hash=_sm3(data),
        media_type=checked.media_type,
        size=len(checked.data),
        width=checked.width,
        height=checked.height,
        original_name=name.replace("\\", "/").rsplit("/", 1)[-1][-200:],
        taken_at=known_of_it.taken_at or checked.taken_at,
        longitude=where.longitude,
        latitude=where.latitude,
        grade=grade,
        uploaded_by_id=uploader,
        uploaded_at=clock.now(),
    )
    # The bytes go first: a row without its file would be a lost photo, a file without a row is only space.
    _write(path_of(attachment), checked.data)
    if checked.thumbnail:
        _write(path_of(attachment, thumbnail=True), checked.thumbnail)
    attachment.save(force_insert=True)
    trace.record(acting_user=acting_user, action="files.store", target=attachment, changes={
        "content_hash": stored_hash, "original_hash": attachment.original_hash, "media_type": checked.media_type,
        "grade": grade, **known_of_it.traced()})  # fmt: skip
    return attachment


def _sm3(data: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


def _write(path: str, data: bytes) -> None:
    """Keep ``data``, which the path is named after. What a server killed in the middle of writing left there is no file."""
    if default_storage.exists(path):
        if default_storage.size(path) == len(data):
            return
        default_storage.delete(path)
    default_storage.save(path, ContentFile(data))


def attach(*, acting_user: Actor | None, target: Any, attachment_ids: Sequence[UUID], purpose: str) -> None:
    """Use files on a row: one's own uploads, or files already used on that row; part of the calling verb's transaction.

    Raises ``InvalidInput`` for anybody else's file, without saying whether it exists.
    """
    wanted = list(dict.fromkeys(attachment_ids))
    if not wanted:
        return
    county = target.county
    uploader = acting_user.id if acting_user else None
    others = set(wanted) - set(_OWN(county=county, wanted=wanted, uploader=uploader))
    if others:
        there = AttachmentUse.objects.filter(county=county, object_id=target.pk, attachment_id__in=others)
        others -= set(there.values_list("attachment_id", flat=True))
    if others:
        raise InvalidInput({"attachment_ids": "有照片不存在或不是您上传的，请重新上传"})
    now = clock.now()
    uses = [
        AttachmentUse(county=county, attachment_id=one, object_type=target._meta.label_lower, object_id=target.pk,
                      purpose=purpose, position=position, used_at=now)
        for position, one in enumerate(wanted)
    ]  # fmt: skip
    insert_objects(uses, unless=("county", "attachment", "object_id", "purpose"))


_OWN = Prepared(
    lambda county, wanted, uploader: Attachment.objects.filter(
        county=county, id__in=wanted, uploaded_by_id=uploader
    ).values_list("id", flat=True)
)


@transaction.atomic
def grant_access(*, acting_user: Actor | None, attachment: Attachment, user_id: UUID, reason: str,
                 valid_to: date) -> None:  # fmt: skip
    """Let one person open one file above internal until a day (guidance 三(五) 分级管理与授权准入)."""
    county, today = attachment.county, clock.today()
    if not can(acting_user, "grant_access", county):
        raise NotPermitted("只有牵头部门负责人可以授权查看")
    problems = {} if reason.strip() else {"reason": "请填写授权理由"}
    if not today <= valid_to <= today.replace(year=today.year + 1):
        problems["valid_to"] = "授权期限应在今天起一年之内"
    if problems:
        raise InvalidInput(problems)
    ScopeGrant.objects.update_or_create(
        county=county, user_id=user_id, kind=GRANT, key=attachment.id, source=attachment.id,
        defaults={"valid_from": today, "valid_to": valid_to},
    )  # fmt: skip
    trace.record(acting_user=acting_user, action="files.grant_access", target=attachment,
                 changes={"user": user_id, "reason": reason, "valid_to": valid_to})  # fmt: skip


def opened(*, acting_user: Actor, attachment: Attachment) -> File[bytes]:
    """Open a file for reading; reading one above internal is itself in the trace."""
    if attachment.grade in (Grade.TRADE_SECRET, Grade.PERSONAL):
        trace.record(
            acting_user=acting_user, action="files.open", target=attachment, changes={"grade": attachment.grade}
        )
    return default_storage.open(path_of(attachment))
