"""What every page's frame shows: the navigation of this user, unread messages, in which roles one stands here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from safegrid.accounts.selectors import kind_choices
from safegrid.console import assembly
from safegrid.foundation.web import NavItem, web_user
from safegrid.regions.selectors import name_of

if TYPE_CHECKING:
    from safegrid.foundation.scope import Actor

DESK = NavItem("工作台", "desk", icon="layout-dashboard")


@dataclass(frozen=True)
class Entry:
    """One link of the navigation."""

    label: str
    url: str
    icon: str
    is_current: bool


class Shell:
    """Worked out only as far as a template asks: fragments and error pages ask nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def _user(self) -> Actor | None:
        user = getattr(self._request, "user", None)
        return web_user(self._request) if user is not None and user.is_authenticated else None

    @cached_property
    def navigation(self) -> list[Entry]:
        """The pages that one of the user's roles may open; the one open now, or the one above it, is current."""
        if self._user is None:
            return []
        kinds = {holding.kind for holding in self._user.holdings()}
        links = [(item, _url_of(item)) for item in items() if not item.roles or item.roles & kinds]
        path = self._request.path
        above = [url for item, url in links if url and (path.startswith(url) if item is not DESK else path == url)]
        current = max(above, key=len, default="")
        return [Entry(_(str(item.label)), url, item.icon, url == current) for item, url in links if url]

    @cached_property
    def unread(self) -> int:
        if self._user is None:
            return 0
        from safegrid.notices import selectors

        return int(selectors.unread_count(self._user))

    @cached_property
    def notices_url(self) -> str:
        return _url("notices:inbox")

    @cached_property
    def profile_url(self) -> str:
        return _url("profile")

    @cached_property
    def standing(self) -> str:
        """The user's roles and where they hold, in words."""
        if self._user is None:
            return ""
        holdings = self._user.holdings()
        labels = dict(kind_choices())
        words = [f"{name_of(one.place) if one.place else _('全国')} {_(labels[one.kind])}" for one in holdings]
        return " · ".join(dict.fromkeys(words))


def items() -> list[NavItem]:
    """Return every entry of the navigation: the desk, then what the contexts name."""
    return [DESK, *[item for module in assembly.pages() for item in getattr(module, "NAV", ())]]


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": Shell(request)}


def _url_of(item: NavItem) -> str:
    return _url(item.url_name)


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
