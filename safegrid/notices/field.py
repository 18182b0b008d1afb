"""What notices offer to phones: one's own inbox of the last sixty days, and noting what was read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from ninja import Schema

from safegrid.foundation.fieldwork import Feed, Operation, Received
from safegrid.foundation.scope import Actor
from safegrid.notices import kinds, selectors, services


class ReadIn(Schema):
    notice_id: UUID


def notices(user: Actor, county: int) -> Iterable[tuple[str, dict[str, Any]]]:
    """The feed ``notices``; ``url`` is a page of the app where there is one for it, else of the console."""
    return [
        (str(one.pk), {
            "kind": one.kind, "label": kinds.label_of(one.kind), "title": one.title, "body": one.body,
            "at": one.created_at.isoformat(), "is_read": one.read_at is not None,
            "url": kinds.app_link_to(county, one.object_type, one.object_id),
        })
        for one in selectors.recent(user, county)
    ]  # fmt: skip


def read(user: Actor, county: int, payload: ReadIn, received: Received) -> dict[str, Any]:
    """Note that its reader has seen a notice."""
    notice = services.mark_read(acting_user=user, notice=selectors.notice_for(user, county, payload.notice_id))
    return {"id": str(notice.pk)}


OPERATIONS = (Operation("notices.read", "已读通知", ReadIn, read),)
TASKS = ()
FEEDS = (Feed("notices", notices),)
