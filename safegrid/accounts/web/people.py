"""Who is signed in, as an account; and rows that a page may not find."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from django.http import Http404, HttpRequest

from safegrid.accounts.selectors import Account
from safegrid.foundation.errors import NotVisible

Row = TypeVar("Row")


def user_of(request: HttpRequest) -> Account:
    """Return the account behind a request; only in views behind the sign-in."""
    return cast(Account, request.user)


def visible_or_404(read: Callable[..., Row], *arguments: object) -> Row:
    """Return what a selector reads; raise ``Http404`` where it raises ``NotVisible``."""
    try:
        return read(*arguments)
    except NotVisible as error:
        raise Http404(error.message) from error
