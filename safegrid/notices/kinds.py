"""What kinds of notices there are, for the preferences page, and where a notice leads. Filled by the contexts that tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from safegrid.notices.models import Channel

ORDINARY: frozenset[str] = frozenset({Channel.WECOM, Channel.EMAIL})
URGENT: frozenset[str] = frozenset({Channel.SMS, Channel.WECOM, Channel.EMAIL})
Link = Callable[[int, UUID], str]


@dataclass(frozen=True)
class Kind:
    """A kind of notice; ``channels``: the outside channels it takes unless its reader says otherwise."""

    name: str
    label: str
    channels: frozenset[str] = ORDINARY


_kinds: dict[str, Kind] = {}
_links: dict[str, Link] = {}
_app_links: dict[str, Link] = {}


def register_kind(name: str, label: str, *, urgent: bool = False) -> None:
    """Name a kind for people; an urgent one also goes out by SMS. Registering again replaces."""
    _kinds[name] = Kind(name, label, URGENT if urgent else ORDINARY)


def register_link(object_type: str, link: Link, *, app: Link | None = None) -> None:
    """Let notices about ``object_type`` (``cases.case``) lead to ``link(county, id)``; in the field app to ``app(county, id)``."""
    _links[object_type] = link
    if app is not None:
        _app_links[object_type] = app


def kinds() -> list[Kind]:
    """Return the registered kinds by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def default_channels(kind: str) -> frozenset[str]:
    return _kinds[kind].channels if kind in _kinds else ORDINARY


def label_of(kind: str) -> str:
    return _kinds[kind].label if kind in _kinds else kind


def link_to(county: int, object_type: str, object_id: UUID | None) -> str:
    """Return the address of what a notice speaks of, "" where none is known."""
    make = _links.get(object_type)
    return make(county, object_id) if make and object_id else ""


def app_link_to(county: int, object_type: str, object_id: UUID | None) -> str:
    """Return the same for the field app: a page of the app (``/m/#/…``) where there is one, else of the console."""
    make = _app_links.get(object_type)
    return make(county, object_id) if make and object_id else link_to(county, object_type, object_id)
