"""Sessions: how many at once, how long idle, how long at all; ending them from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from safegrid.accounts.models import User, UserSession
from safegrid.accounts.services.rules import chain, own
from safegrid.foundation import clock, trace
from safegrid.foundation.scope import Actor

NOTE_SEEN_EVERY = timedelta(minutes=1)


@transaction.atomic
def begin_session(*, user: User, session_key: str, device: str, address: str) -> UserSession:
    """Note a sign-in; the oldest sessions beyond ``settings.SESSION_LIMIT`` end."""
    now = clock.now()
    made, _ = UserSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user": user, "device": device[:200], "address": address[:45], "began_at": now, "seen_at": now,
            "ended_at": None,
        },
    )  # fmt: skip
    others = user.sessions.filter(ended_at__isnull=True).exclude(pk=made.pk).order_by("-began_at", "-id")
    for oldest in others[max(settings.SESSION_LIMIT - 1, 0) :]:
        _end(oldest)
        trace.record(acting_user=None, action="accounts.session_displaced", target=oldest, county=chain(user.place))
    return made


def check_session(session_key: str) -> bool:
    """Say whether a session is within its limits, and note that it was used; one beyond them is ended."""
    found = UserSession.objects.filter(session_key=session_key).first()
    if found is None or found.ended_at is not None:
        return False
    now = clock.now()
    idle = now - found.seen_at > timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    if idle or now - found.began_at > timedelta(seconds=settings.SESSION_COOKIE_AGE):
        _end(found)
        return False
    if now - found.seen_at > NOTE_SEEN_EVERY:
        UserSession.objects.filter(pk=found.pk).update(seen_at=now)
    return True


def rename_session(old_key: str, new_key: str) -> None:
    """Follow a session whose key Django has changed (after a password change)."""
    UserSession.objects.filter(session_key=old_key).update(session_key=new_key)


@transaction.atomic
def end_session(*, acting_user: Actor | None, session: UserSession) -> None:
    """End one of one's own sessions."""
    own(acting_user, session.user)
    if session.ended_at is None:
        _end(session)
        trace.record(
            acting_user=acting_user, action="accounts.end_session", target=session, county=chain(session.user.place)
        )


@transaction.atomic
def sign_out_everywhere(*, acting_user: Actor | None, user: User, keep: str | None = None) -> int:
    """End all of one's own sessions but ``keep`` (a session key); return how many."""
    own(acting_user, user)
    ended = drop_sessions(user, keep=keep)
    trace.record(
        acting_user=acting_user,
        action="accounts.sign_out_everywhere",
        target=user,
        county=chain(user.place),
        changes={"sessions": ended},
    )
    return ended


def drop_sessions(user: User, *, keep: str | None = None) -> int:
    """End every session of an account but ``keep``; part of the verb that calls it, which writes the trace."""
    ended = 0
    for session in user.sessions.filter(ended_at__isnull=True).exclude(session_key=keep or ""):
        _end(session)
        ended += 1
    return ended


def note_sign_out(session_key: str) -> None:
    """Note that a session ended by its own sign-out."""
    UserSession.objects.filter(session_key=session_key, ended_at__isnull=True).update(ended_at=clock.now())


def _end(session: UserSession) -> None:
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    store(session.session_key).delete()
    session.ended_at = clock.now()
    session.save(update_fields=["ended_at"])


def address_of(request: HttpRequest) -> str:
    """Return the address a request came from; behind a proxy, the one the proxy saw.

    Only the last entry of ``X-Forwarded-For`` was written by our own proxy; the ones before it are the sender's claims.
    """
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
        if forwarded:
            return forwarded[:45]
    return str(request.META.get("REMOTE_ADDR", ""))
