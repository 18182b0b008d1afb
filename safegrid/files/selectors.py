"""Reading attachments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from safegrid.files.access import may_open
from safegrid.files.models import Attachment, AttachmentUse
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor


@dataclass(frozen=True)
class AttachmentView:
    """One use of a file on a row, as pages and the API show it; ``thumbnail_url`` is empty for a PDF."""

    id: UUID
    purpose: str
    media_type: str
    name: str
    taken_at: datetime | None
    longitude: float | None
    latitude: float | None
    url: str
    thumbnail_url: str

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


def attachments_of(target: Any) -> list[AttachmentView]:
    """Return the files used on a row, in the order they were given."""
    return attachments_of_many(target.county, [target.pk]).get(target.pk, [])


def attachments_of_many(county: int, object_ids: Iterable[UUID]) -> dict[UUID, list[AttachmentView]]:
    """Return the files used on each of many rows, with one query."""
    found: dict[UUID, list[AttachmentView]] = defaultdict(list)
    uses = AttachmentUse.objects.filter(county=county, object_id__in=list(object_ids)).select_related("attachment")
    for use in uses.order_by("used_at", "position"):
        found[use.object_id].append(_view(use))
    return dict(found)


def _view(use: AttachmentUse) -> AttachmentView:
    file = use.attachment
    where = [file.county, file.id]
    return AttachmentView(
        id=file.id,
        purpose=use.purpose,
        media_type=file.media_type,
        name=file.original_name,
        taken_at=file.taken_at,
        longitude=file.longitude,
        latitude=file.latitude,
        url=reverse("files:open", args=where),
        thumbnail_url=reverse("files:thumbnail", args=where) if file.media_type.startswith("image/") else "",
    )


def attachment_for(user: Actor, county: int, attachment_id: UUID) -> Attachment:
    """Return a file the user may open; raise ``NotVisible`` otherwise."""
    file: Attachment | None = Attachment.objects.filter(county=county, id=attachment_id).first()
    if file is None or not may_open(user, file):
        raise NotVisible("没有找到这个文件，或您无权查看")
    return file
