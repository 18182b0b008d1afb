"""Personal tokens: keys for programs. Only SHA-256 is kept, so a stolen database opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction

from safegrid.accounts import selectors
from safegrid.accounts.models import PersonalToken, User
from safegrid.accounts.services.rules import own, required
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.scope import Actor

PREFIX = "sg_"
LONGEST_DAYS = 365
MOST_TOKENS = 20
NOTE_USE_EVERY = timedelta(minutes=5)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def issue_token(*, acting_user: User, name: str, days: int, verified: bool) -> tuple[PersonalToken, str]:
    """Make a token for oneself, valid 1 to 365 ``days``; return it with its words, the only time they can be read.

    ``verified`` says that the session has passed the second factor.
    Raises ``InvalidInput``, ``NotPermitted``, ``Refused``.
    """
    required(name=("名称", name))
    if len(name) > 60:
        raise InvalidInput({"name": "名称不超过 60 个字"})
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput({"days": f"有效期为 1 到 {LONGEST_DAYS} 天"})
    if acting_user.must_change_password or (not verified and selectors.needs_second_factor(acting_user)):
        raise NotPermitted("请先通过第二重验证，再创建访问令牌")
    now = clock.now()
    if acting_user.tokens.filter(revoked_at__isnull=True, expires_at__gt=now).count() >= MOST_TOKENS:
        raise Refused(f"有效的访问令牌已达 {MOST_TOKENS} 个，请先撤销不用的")
    words = PREFIX + secrets.token_urlsafe(32)
    made = PersonalToken.objects.create(
        user=acting_user, name=name.strip(), token_hash=_hash(words), tail=words[-6:], created_at=now,
        expires_at=now + timedelta(days=days),
    )  # fmt: skip
    changes = {"name": made.name, "tail": made.tail, "expires_at": made.expires_at}
    trace.record(acting_user=acting_user, action="accounts.issue_token", target=made, changes=changes)
    return made, words


@transaction.atomic
def revoke_token(*, acting_user: Actor | None, token: PersonalToken) -> PersonalToken:
    """Make a token worthless from now on; revoking twice is once."""
    own(acting_user, token.user)
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        trace.record(
            acting_user=acting_user, action="accounts.revoke_token", target=token, changes={"tail": token.tail}
        )
    return token


def revoke_all(user: User) -> None:
    """Revoke every token of an account whose key may be lost; the verb that calls it writes the trace."""
    user.tokens.filter(revoked_at__isnull=True).update(revoked_at=clock.now())


def user_of_token(words: str) -> User | None:
    """Return whom a token speaks for; None when it is unknown, revoked, expired, or its account is stopped."""
    if not words.startswith(PREFIX):
        return None
    now = clock.now()
    token = (
        PersonalToken.objects.select_related("user")
        .filter(token_hash=_hash(words), revoked_at__isnull=True, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None or token.user.must_change_password:
        return None
    if token.last_used_at is None or now - token.last_used_at > NOTE_USE_EVERY:
        PersonalToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user
