"""Lists of the API: pages by cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Schema

from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.keyset import Slice, read_slice

Item = TypeVar("Item")
LIMIT, MOST = 50, 200


class Page(Schema, Generic[Item]):
    """One page of a list. ``next``/``previous``: the ``cursor`` of the neighbouring page, empty where there is none."""

    items: list[Item]
    next: str = ""
    previous: str = ""


def paginate(queryset: QuerySet[Any, Any], *, cursor: str = "", limit: int = LIMIT, order: Sequence[str]) -> Slice[Any]:
    """Return the page of ``queryset`` that ``cursor`` points to; declare ``response=Page[Out]`` and return this.

    ``order`` must be unique: ``("-reported_at", "-id")``. Rows are read into ``Out`` by their attributes; where that does not
    do, ``paginate(…).of(make)``. Raises ``InvalidInput`` for a limit outside 1 to 200 and for a spoilt cursor.
    """
    if not 1 <= limit <= MOST:
        raise InvalidInput({"limit": f"每页条数应在 1 到 {MOST} 之间"})
    return read_slice(queryset, order=order, limit=limit, cursor=cursor)
