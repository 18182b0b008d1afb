"""Sessions: how many at once, how long idle, how long at all; ending them from elsewhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.http import HttpRequest

from safegrid.accounts.models import EndedHow, User, UserSession
from safegrid.accounts.selectors import FORGOTTEN, sessions_of
from safegrid.accounts.services.rules import chain, own, require, required
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import Refused
from safegrid.foundation.scope import Actor

NOTE_SEEN_EVERY = timedelta(minutes=1)


class Standing(Enum):
    """What a session opens: all, the field app alone, nothing."""

    OPEN = "open"
    APP_ONLY = "app_only"
    OVER = "over"


@transaction.atomic
def begin_session(
    *, user: User, session_key: str, device: str, address: str, device_id: UUID | None = None
) -> UserSession:
    """Note a sign-in; the oldest sessions beyond ``settings.SESSION_LIMIT`` end. Browsers and phones are counted apart.

    With ``device_id`` it is a phone's: it lasts ``settings.FIELD_SESSION_DAYS``, however long the phone was out of reach, and
    what the same phone had open before ends.
    """
    now = clock.now()
    if device_id is not None:
        for earlier in UserSession.objects.filter(device_id=device_id, ended_at__isnull=True).exclude(
            session_key=session_key
        ):
            _end(earlier, EndedHow.REPLACED)
    made, _ = UserSession.objects.update_or_create(
        session_key=session_key,
        defaults={
            "user": user, "device": device[:200], "address": address[:45], "began_at": now, "seen_at": now,
            "ended_at": None, "ended_how": "", "device_id": device_id,
        },
    )  # fmt: skip
    alike = user.sessions.filter(ended_at__isnull=True, device_id__isnull=device_id is None)
    others = alike.exclude(pk=made.pk).order_by("-began_at", "-id")
    for oldest in others[max(settings.SESSION_LIMIT - 1, 0) :]:
        _end(oldest, EndedHow.DISPLACED)
        trace.record(acting_user=None, action="accounts.session_displaced", target=oldest, county=chain(user.place))
    return made


def check_session(session_key: str, *, by_app: bool = False) -> Standing:
    """Say whether a session is within its limits, and note that it was used; one beyond them is ended.

    A phone's may lie idle, for its user is out of reach for days, but for what the app asks (``by_app``) alone: to the pages of
    the console it is a browser's, and one beyond those limits is neither used nor ended by asking for them.
    """
    found = UserSession.objects.filter(session_key=session_key).first()
    if found is None or found.ended_at is not None:
        return Standing.OVER
    now = clock.now()
    if _is_over(found, now):
        _end(found, EndedHow.EXPIRED)
        return Standing.OVER
    if found.is_device and not by_app and _is_over_for_pages(found, now):
        return Standing.APP_ONLY
    if now - found.seen_at > NOTE_SEEN_EVERY:
        UserSession.objects.filter(pk=found.pk).update(seen_at=now)
    return Standing.OPEN


def _is_over(session: UserSession, now: datetime) -> bool:
    if session.is_device:
        return now - session.began_at > timedelta(days=settings.FIELD_SESSION_DAYS)
    return _is_over_for_pages(session, now)


def _is_over_for_pages(session: UserSession, now: datetime) -> bool:
    idle = now - session.seen_at > timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    return idle or now - session.began_at > timedelta(seconds=settings.SESSION_COOKIE_AGE)


def rename_session(old_key: str, new_key: str) -> None:
    """Follow a session whose key Django has changed (after a password change)."""
    UserSession.objects.filter(session_key=old_key).update(session_key=new_key)


@transaction.atomic
def end_session(*, acting_user: Actor | None, session: UserSession) -> None:
    """End one of one's own sessions; a phone's is told to destroy what it keeps, even where its session has run out."""
    own(acting_user, session.user)
    if session.ended_at is None or _may_be_told(session):
        _end(session, EndedHow.ELSEWHERE)
        trace.record(
            acting_user=acting_user, action="accounts.end_session", target=session, county=chain(session.user.place)
        )


@transaction.atomic
def end_device(*, acting_user: Actor | None, session: UserSession, reason: str) -> UserSession:
    """Sign another's phone out from elsewhere: its session ends, and the app destroys its key when it next asks.

    Raises ``NotPermitted``, ``InvalidInput`` without a reason, ``Refused`` where it is no phone's or has been told already.
    """
    require(acting_user, "end_device", session.user)
    required(reason=("原因", reason))
    if not _may_be_told(session):
        raise Refused("这台手机已经注销")
    _end(session, EndedHow.ELSEWHERE)
    trace.record(
        acting_user=acting_user,
        action="accounts.end_device",
        target=session,
        county=chain(session.user.place),
        changes={"reason": reason, "device": session.device},
    )
    return session


def _may_be_told(session: UserSession) -> bool:
    return session.is_device and session.ended_how not in FORGOTTEN


@transaction.atomic
def sign_out_everywhere(*, acting_user: Actor | None, user: User, keep: str | None = None) -> int:
    """End all of one's own sessions but ``keep`` (a session key), phones that keep data still among them; return how many."""
    own(acting_user, user)
    others = [session for session in sessions_of(user) if session.session_key != keep]
    for session in others:
        _end(session, EndedHow.ELSEWHERE)
    trace.record(
        acting_user=acting_user,
        action="accounts.sign_out_everywhere",
        target=user,
        county=chain(user.place),
        changes={"sessions": len(others)},
    )
    return len(others)


def drop_sessions(user: User, *, keep: str | None = None) -> None:
    """End every session of an account but ``keep``; part of the verb that calls it, which writes the trace."""
    for session in user.sessions.filter(ended_at__isnull=True).exclude(session_key=keep or ""):
        _end(session, EndedHow.CREDENTIALS)


def note_sign_out(session_key: str, how: str = EndedHow.SIGNED_OUT) -> None:
    """Note that a session ended by its own sign-out."""
    UserSession.objects.filter(session_key=session_key, ended_at__isnull=True).update(
        ended_at=clock.now(), ended_how=how
    )


def leave_app(request: HttpRequest) -> None:
    """Give a page that signs in, in the browser whose app is signed in as the same user, a session of its own; the app's ends.

    Django would go on with the app's: with its weeks, and with its row, by which the phone is found and told to forget.
    """
    key = request.session.session_key or ""
    if UserSession.objects.filter(session_key=key, device_id__isnull=False).exists():
        signed_in = {name: request.session[name] for name in (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY)}
        request.session.flush()
        request.session.update(signed_in)
        note_sign_out(key, EndedHow.REPLACED)


def _end(session: UserSession, how: str) -> None:
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    store(session.session_key).delete()
    session.ended_at = session.ended_at or clock.now()
    session.ended_how = how
    session.save(update_fields=["ended_at", "ended_how"])


def address_of(request: HttpRequest) -> str:
    """Return the address a request came from; behind a proxy, the one the proxy saw.

    Only the last entry of ``X-Forwarded-For`` was written by our own proxy; the ones before it are the sender's claims.
    """
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
        if forwarded:
            return forwarded[:45]
    return str(request.META.get("REMOTE_ADDR", ""))
