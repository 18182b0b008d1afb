"""Who may open a file: its uploader, and whoever sees a row it is used on; above internal, only with a grant besides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from safegrid.files.models import Attachment, AttachmentUse, Grade
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, granted, held

MaySee = Callable[[Actor, int, UUID, str], bool]
_owners: dict[str, MaySee] = {}
GRANT = "attachment"
VERBS = {"grant_access": frozenset({"lead_chief"})}


def register_owner(object_type: str, may_see: MaySee) -> None:
    """Let ``may_see(user, county, object_id, purpose)`` decide on the files used on rows of ``object_type`` (``app.model``)."""
    _owners[object_type] = may_see


def visible(user: Actor) -> QuerySet[Any]:
    """Return the files the user has uploaded; others are opened through the rows they are used on, see ``may_open``."""
    counties = {holding.county for holding in user.holdings() if holding.county}
    return Attachment.objects.filter(county__in=counties, uploaded_by_id=user.id)


def may_open(user: Actor, attachment: Attachment) -> bool:
    """Say whether the user may open a file; a use on a row whose owner nobody registered opens nothing."""
    if attachment.uploaded_by_id == user.id:
        return True
    county = attachment.county
    if attachment.grade in (Grade.TRADE_SECRET, Grade.PERSONAL) and attachment.id not in granted(
        user, GRANT, clock.today()
    ):
        return False
    uses = AttachmentUse.objects.filter(county=county, attachment_id=attachment.id)
    known = [use for use in uses if use.object_type in _owners]
    return any(_owners[use.object_type](user, county, use.object_id, use.purpose) for use in known)


def can(user: Actor | None, verb: str, county: int) -> bool:
    """Say whether the user may use ``verb`` in ``county``."""
    return user is None or any(holding.county == county for holding in held(user, *VERBS[verb]))
