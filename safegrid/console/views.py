"""Saved views: the verbs of a user's own named lists.

No trace: a view is a bookmark of one person, grants nothing and shows only what that person may see anyway; as with the choice of
channels for notices, nobody could ever be held to account by it.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.urls import Resolver404, resolve

from safegrid.console import models
from safegrid.foundation.errors import InvalidInput, NotVisible, Refused
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import SavedView

MOST = 50
LONGEST_NAME, LONGEST_QUERY = 30, 2000
PASSING = ("cursor", "export", "view", "bulk")


def views_of(user: Actor, path: str) -> list[SavedView]:
    """Return the user's views of the list at ``path``, by name."""
    rows = models.SavedView.objects.filter(user_id=user.id, path=path).order_by("name")
    return [SavedView(row.id, row.name, row.query, row.is_default) for row in rows]


def view_for(user: Actor, view_id: UUID) -> models.SavedView:
    """Return the user's own view; raise ``NotVisible`` for any other."""
    row = models.SavedView.objects.filter(user_id=user.id, id=view_id).first()
    if row is None:
        raise NotVisible("没有这个视图")
    return row


@transaction.atomic
def save_view(*, acting_user: Actor, path: str, query: str, name: str, is_default: bool = False) -> models.SavedView:
    """Keep a list under a name; the same name of the same list is written over.

    ``InvalidInput``: no name, too long, no list at that address; ``Refused``: ``MOST`` views already.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidInput({"name": f"请填写视图名称，最多 {LONGEST_NAME} 个字"})
    if not is_page(path):
        raise InvalidInput({"path": "没有这个列表，请从列表页面保存"})
    query = _lasting(query)
    own = models.SavedView.objects.filter(user_id=acting_user.id)
    row = own.filter(path=path, name=name).first()
    if row is None and own.count() >= MOST:
        raise Refused(f"最多保存 {MOST} 个视图，请先删除不用的")
    if is_default:
        own.filter(path=path, is_default=True).update(is_default=False)
    if row is None:
        return models.SavedView.objects.create(
            user_id=acting_user.id, path=path, name=name, query=query, is_default=is_default
        )
    row.query, row.is_default = query, is_default
    row.save(update_fields=["query", "is_default"])
    return row


@transaction.atomic
def set_default(*, acting_user: Actor, view: models.SavedView, is_default: bool) -> models.SavedView:
    """Open the list with this view from now on, or no longer. Of one list at most one view is the default."""
    own = models.SavedView.objects.filter(user_id=acting_user.id, path=view.path)
    own.filter(is_default=True).update(is_default=False)
    own.filter(id=view.id).update(is_default=is_default)
    view.is_default = is_default
    return view


@transaction.atomic
def delete_view(*, acting_user: Actor, view: models.SavedView) -> None:
    """Forget one of the user's own views."""
    models.SavedView.objects.filter(user_id=acting_user.id, id=view.id).delete()


def is_page(path: str) -> bool:
    """Say whether ``path`` is an address of this console and nothing else: no other host, no parameters."""
    if not path.startswith("/") or path.startswith("//") or len(path) > 200 or not path.isprintable() or "?" in path:
        return False
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _lasting(query: str) -> str:
    """Return the parameters that make a view: without what belongs to one moment; the order is kept."""
    if len(query) > LONGEST_QUERY or "\0" in query:
        raise InvalidInput({"query": "筛选条件太长，不能保存"})
    given = QueryDict(query)
    return urlencode([(name, value) for name, values in given.lists() if name not in PASSING for value in values])
