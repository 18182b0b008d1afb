"""What several verbs ask for: the actor's permission, well-formed places, the chain an act belongs to."""

from __future__ import annotations

from typing import Any

from safegrid.accounts import access
from safegrid.accounts.models import User
from safegrid.foundation import trace
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.scope import Actor

PLACE_LENGTHS = (0, 2, 4, 6, 9, 12)


def chain(place: str) -> int:
    """Return the county whose trace an act at ``place`` belongs to; above counties the platform's."""
    return int(place[:6]) if len(place) >= 6 else trace.PLATFORM


def require(acting_user: Actor | None, verb: str, row: Any) -> None:
    """Raise ``NotPermitted`` unless the system acts, or the actor may use ``verb`` on an account or at a place."""
    if acting_user is not None and not access.can(acting_user, verb, row):
        if isinstance(row, User) and row.pk == acting_user.id:
            raise NotPermitted("不能对自己的账号进行这项操作，请由另一位系统管理员办理")
        raise NotPermitted("您在这个地区没有管理账号的权限")


def check_place(place: str, lengths: Any = PLACE_LENGTHS) -> None:
    """Raise ``InvalidInput`` unless ``place`` is a region code of one of ``lengths`` digits."""
    if place and not (place.isascii() and place.isdigit()):
        raise InvalidInput({"place": "行政区划代码只能是数字"})
    if len(place) not in lengths:
        wanted = "、".join("空（全国）" if length == 0 else f"{length} 位" for length in lengths)
        raise InvalidInput({"place": f"该角色的行政区划代码应为{wanted}"})


def required(**values: tuple[str, Any]) -> None:
    """Raise ``InvalidInput`` for every ``field=(label, value)`` that is empty."""
    missing = {name: f"请填写{label}" for name, (label, value) in values.items() if not str(value or "").strip()}
    if missing:
        raise InvalidInput(missing)


def own(acting_user: Actor | None, user: User) -> None:
    """Raise ``NotPermitted`` unless the system or the account's owner acts."""
    if acting_user is not None and acting_user.id != user.pk:
        raise NotPermitted("只能由本人办理")
