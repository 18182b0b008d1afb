"""Uploading through the API: first the file, then its id in the verb that uses it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from safegrid.files import content, services
from safegrid.foundation.api import AUTH, current_user, idempotent
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible

router = Router(tags=["文件"], auth=AUTH)


class AttachmentOut(Schema):
    """A stored file; ``content_hash`` is the SM3 of the stored bytes."""

    id: UUID
    county: int
    content_hash: str
    media_type: str
    size: int
    width: int | None
    height: int | None
    taken_at: datetime | None
    longitude: float | None
    latitude: float | None


@router.post("/files/{county}", response={201: AttachmentOut}, summary="上传照片或 PDF")
@idempotent
def upload(request: HttpRequest, county: int, file: File[UploadedFile], grade: Form[str] = "internal"):  # type: ignore[no-untyped-def]
    """Store one file (JPEG, PNG, WebP or PDF, at most 15 MB)."""
    user = current_user(request)
    kinds = {holding.kind for holding in user.holdings() if holding.county == county}
    if not kinds:
        raise NotVisible
    if kinds == {"auditor"}:  # reads everything, writes nothing
        raise NotPermitted("审计账号只能查看，不能上传文件")
    if file.size is None or file.size > content.MOST_BYTES:
        raise InvalidInput({"file": f"文件超过 {content.MOST_BYTES // 1024 // 1024} MB，请压缩后再上传"})
    return 201, services.store(acting_user=user, county=county, data=file.read(), name=file.name or "", grade=grade)
