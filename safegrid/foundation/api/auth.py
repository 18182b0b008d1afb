"""Who asks: a signed-in session (protected against forged requests), or a personal token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from safegrid.foundation.errors import NotPermitted
from safegrid.foundation.scope import Actor

TokenLookup = Callable[[str], Actor | None]
_lookups: list[TokenLookup] = []


def register_token_lookup(lookup: TokenLookup) -> None:
    """Let ``lookup`` say whose token this is (None: nobody's). ``accounts`` registers its own; the last one counts."""
    _lookups[:] = [lookup]


class Session(SessionAuth):
    """The console's session. Writes need the CSRF token, as pages do."""

    def __call__(self, request: HttpRequest) -> Any:
        # A request that brings a token speaks for the token's owner, whatever cookies the browser adds.
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        if check_csrf(request) is not None:
            raise NotPermitted("页面已过期，请刷新后再试", code="csrf_failed")
        return request.user


class Token(HttpBearer):
    """``Authorization: Bearer <personal token>``."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        user = _lookups[0](token) if _lookups and token else None
        if user is not None:
            request.user = user  # type: ignore[assignment]
        return user


AUTH = [Session(), Token()]


def current_user(request: HttpRequest) -> Actor:
    """Return who asks. Only inside operations behind ``AUTH``, where somebody always does."""
    return cast(Actor, request.auth)  # type: ignore[attr-defined]
