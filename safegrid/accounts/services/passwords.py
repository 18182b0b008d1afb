"""Passwords: changed by their owner, replaced by an administrator with a one-time password."""

from __future__ import annotations

import secrets

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from safegrid.accounts.models import User
from safegrid.accounts.services.rules import chain, own, require
from safegrid.accounts.services.sessions import drop_sessions
from safegrid.accounts.services.tokens import revoke_all
from safegrid.foundation import trace
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor

# Without letters and digits that look alike when read from paper or over the telephone.
ALPHABETS = ("abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789")
ONE_TIME_LENGTH = 14


@transaction.atomic
def change_password(
    *, acting_user: Actor | None, user: User, old: str, new: str, keep_session: str | None = None
) -> User:
    """Change one's own password; every other session of the account ends. Raises ``InvalidInput``."""
    own(acting_user, user)
    if not user.check_password(old):
        raise InvalidInput({"old": "原密码不正确"})
    if old == new:
        raise InvalidInput({"new": "新密码不能与原密码相同"})
    check_password_rules(new, user)
    user.set_password(new)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    drop_sessions(user, keep=keep_session)
    trace.record(acting_user=acting_user, action="accounts.change_password", target=user, county=chain(user.place))
    return user


@transaction.atomic
def reset_password(*, acting_user: Actor | None, user: User) -> str:
    """Replace a password by a one-time password and return it, the only time it can be read.

    Sessions and tokens end; the next sign-in must choose a new password.
    """
    require(acting_user, "reset_password", user)
    password = one_time_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    drop_sessions(user)
    revoke_all(user)
    trace.record(acting_user=acting_user, action="accounts.reset_password", target=user, county=chain(user.place))
    return password


def check_password_rules(password: str, user: User) -> None:
    """Raise ``InvalidInput`` with every rule of AUTH_PASSWORD_VALIDATORS that ``password`` breaks."""
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput({"new": "；".join(error.messages)}) from None


def one_time_password() -> str:
    """Return a random password with every kind of character that the rules ask for."""
    chosen = [secrets.choice(alphabet) for alphabet in ALPHABETS]
    chosen += [secrets.choice("".join(ALPHABETS)) for _ in range(ONE_TIME_LENGTH - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)
