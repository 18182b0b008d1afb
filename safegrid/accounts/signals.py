"""Django's own sign-in signals, the one place where password and single sign-on meet, written into the trace."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from safegrid.accounts import selectors
from safegrid.accounts.models import User
from safegrid.accounts.services.rules import chain
from safegrid.accounts.services.sessions import address_of, begin_session, leave_app, note_sign_out
from safegrid.foundation import trace

NOBODY = UUID(int=0)  # the object of a failure under a name that no account has


def connect() -> None:
    """Start listening; connecting twice is once."""
    user_logged_in.connect(signed_in, dispatch_uid="accounts.signed_in")
    user_logged_out.connect(signed_out, dispatch_uid="accounts.signed_out")
    user_login_failed.connect(failed, dispatch_uid="accounts.failed")


def signed_in(sender: Any, request: HttpRequest, user: User, **rest: Any) -> None:
    phone = getattr(request, "field_device", None)  # (id, name): signed in by the field app
    if phone is None:
        leave_app(request)
    if not request.session.session_key:
        request.session.create()
    key, address = request.session.session_key or "", address_of(request)
    device_id, device = phone or (None, request.headers.get("User-Agent", ""))
    begin_session(user=user, session_key=key, device=device, address=address, device_id=device_id)
    by = getattr(user, "backend", "").rsplit(".", 1)[-1]
    trace.record(
        acting_user=user,
        action="accounts.sign_in",
        target=user,
        county=chain(user.place),
        changes={"address": address, "by": by},
    )


def signed_out(sender: Any, request: HttpRequest, user: User | None, **rest: Any) -> None:
    if user is None:
        return
    note_sign_out(request.session.session_key or "")
    action = "accounts.session_expired" if getattr(request, "session_expired", False) else "accounts.sign_out"
    trace.record(acting_user=user, action=action, target=user, county=chain(user.place))


def failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **rest: Any) -> None:
    """Note a failure. What was typed as a name that does not exist is not kept: it may be a password."""
    user = selectors.by_username(str(credentials.get("username") or "").strip())
    trace.record(
        acting_user=None,
        action="accounts.sign_in_failed",
        object_type="accounts.user",
        object_id=user.pk if user else NOBODY,
        county=chain(user.place) if user else trace.PLATFORM,
        changes={"address": address_of(request) if request else ""},
    )
