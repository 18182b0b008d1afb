"""Accounts with roles, as an administrator would open them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from safegrid.accounts import services as accounts
from safegrid.foundation import clock


def open_account(*, username: str, name: str, county: int, password: str | None = None, phone: str = "") -> Any:
    """Open an account without a role; a grid member's role comes with the posting."""
    return accounts.open_account(
        acting_user=None, username=username, name=name, place=str(county), password=password, phone=phone
    )


def hire(*, username: str, name: str, kind: str, place: str, password: str | None = None,
         department_id: UUID | None = None, site_id: UUID | None = None, phone: str = "") -> Any:  # fmt: skip
    """Open an account and grant it one role from today on; without a password nobody can sign in with it."""
    user = open_account(username=username, name=name, county=int(place[:6]), password=password, phone=phone)
    grant(user, kind=kind, place=place, department_id=department_id, site_id=site_id)
    return user


def grant(user: Any, *, kind: str, place: str, department_id: UUID | None = None, site_id: UUID | None = None) -> None:
    """Grant one more role from today on."""
    accounts.grant_role(
        acting_user=None,
        user=user,
        kind=kind,
        place=place,
        department_id=department_id,
        site_id=site_id,
        valid_from=clock.today(),
        reason="初始授权",
    )
    user.forget_holdings()
