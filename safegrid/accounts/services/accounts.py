"""Opening, changing and closing accounts."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from safegrid.accounts import selectors
from safegrid.accounts.models import User
from safegrid.accounts.services.passwords import check_password_rules
from safegrid.accounts.services.roles import end_role
from safegrid.accounts.services.rules import chain, check_place, own, require, required
from safegrid.accounts.services.sessions import drop_sessions
from safegrid.accounts.services.tokens import revoke_all
from safegrid.foundation import clock, trace
from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor

USERNAME = re.compile(r"[\w.@-]{2,60}")
PHONE = re.compile(r"\+?[0-9][0-9-]{4,19}")


@transaction.atomic
def open_account(
    *,
    acting_user: Actor | None,
    username: str,
    name: str,
    place: str = "",
    phone: str = "",
    email: str = "",
    password: str | None = None,
) -> User:
    """Open an account kept at ``place``; without a password nobody signs in until ``reset_password`` prints one.

    A password that a person sets for another must be changed at the first sign-in.
    Raises ``InvalidInput``, ``NotPermitted``.
    """
    required(username=("用户名", username), name=("姓名", name))
    check_place(place)
    require(acting_user, "open_account", place)
    username, name = username.strip(), name.strip()
    _check_contact(phone, email)
    if not USERNAME.fullmatch(username):
        raise InvalidInput({"username": "用户名为 2–60 个字母、数字或 . @ - _"})
    if User.objects.filter(username=username).exists():
        raise InvalidInput({"username": "这个用户名已被使用"})
    if len(name) > 60:
        raise InvalidInput({"name": "姓名不超过 60 个字"})
    made = User(username=username, name=name, place=place, phone=phone, email=email)
    if password and acting_user is not None:
        check_password_rules(password, made)
        made.must_change_password = True
    if password:
        made.set_password(password)
    else:
        made.set_unusable_password()
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # somebody else opened it at the same moment
        raise InvalidInput({"username": "这个用户名已被使用"}) from None
    changes = {"username": username, "name": name, "place": place, "phone": mask_phone(phone)}
    trace.record(acting_user=acting_user, action="accounts.open", target=made, county=chain(place), changes=changes)
    return made


@transaction.atomic
def change_account(*, acting_user: Actor | None, user: User, **values: Any) -> User:
    """Change ``name``, ``phone``, ``email`` or ``place`` of another's account."""
    require(acting_user, "change_account", user)
    if unknown := set(values) - {"name", "phone", "email", "place"}:
        raise InvalidInput(dict.fromkeys(unknown, "不能修改此项"))
    if "place" in values:
        check_place(values["place"])
        require(acting_user, "open_account", values["place"])
    return _change(acting_user, user, values)


@transaction.atomic
def change_own_contact(*, acting_user: Actor, user: User, phone: str, email: str) -> User:
    """Let people keep their own phone and e-mail right; an empty phone keeps the one on file."""
    own(acting_user, user)
    return _change(acting_user, user, {"phone": phone or user.phone, "email": email})


def _change(acting_user: Actor | None, user: User, values: dict[str, Any]) -> User:
    if "name" in values:
        required(name=("姓名", values["name"]))
    _check_contact(values.get("phone", ""), values.get("email", ""))
    changes: dict[str, Any] = {}
    for field, after in values.items():
        before = getattr(user, field)
        if before != after:
            shown = mask_phone if field == "phone" else str
            changes[field] = [shown(before), shown(after)]
            setattr(user, field, after)
    if changes:
        user.phone_tail = user.phone[-4:]
        user.save(update_fields=[*changes, "phone_tail"])
        trace.record(
            acting_user=acting_user, action="accounts.change", target=user, county=chain(user.place), changes=changes
        )
    return user


def _check_contact(phone: str, email: str) -> None:
    if phone and not PHONE.fullmatch(phone):
        raise InvalidInput({"phone": "电话号码只能由数字和短横线组成"})
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise InvalidInput({"email": "电子邮件地址不正确"}) from None


@transaction.atomic
def suspend_account(*, acting_user: Actor | None, user: User, reason: str) -> User:
    """Stop an account from signing in, at once and everywhere; its roles stay for when it is resumed."""
    require(acting_user, "suspend_account", user)
    required(reason=("停用原因", reason))
    if not user.is_active:
        raise Refused("这个账号已经停用")
    _stop(user)
    trace.record(
        acting_user=acting_user,
        action="accounts.suspend",
        target=user,
        county=chain(user.place),
        changes={"is_active": [True, False], "reason": reason},
    )
    return user


@transaction.atomic
def resume_account(*, acting_user: Actor | None, user: User, reason: str = "") -> User:
    """Let a suspended account sign in again."""
    require(acting_user, "resume_account", user)
    if user.is_active:
        raise Refused("这个账号没有停用")
    user.is_active = True
    user.save(update_fields=["is_active"])
    trace.record(
        acting_user=acting_user,
        action="accounts.resume",
        target=user,
        county=chain(user.place),
        changes={"is_active": [False, True], "reason": reason},
    )
    return user


@transaction.atomic
def close_account(*, acting_user: Actor | None, user: User, reason: str) -> User:
    """End every role and stop the account; the account itself stays, since the trace names it."""
    require(acting_user, "close_account", user)
    required(reason=("注销原因", reason))
    yesterday_or_today = clock.today()
    for role in selectors.roles_of(user):
        end_role(acting_user=None, role=role, on=yesterday_or_today, reason=reason)
    _stop(user)
    trace.record(
        acting_user=acting_user,
        action="accounts.close",
        target=user,
        county=chain(user.place),
        changes={"reason": reason},
    )
    return user


def _stop(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])
    user.forget_holdings()
    revoke_all(user)
    drop_sessions(user)


@transaction.atomic
def unmask_phone(*, acting_user: Actor | None, user: User, reason: str) -> str:
    """Return the full phone number, for a reason that stays in the trace."""
    require(acting_user, "unmask", user)
    required(reason=("查看原因", reason))
    trace.record(
        acting_user=acting_user,
        action="accounts.unmask",
        target=user,
        county=chain(user.place),
        changes={"field": "phone", "reason": reason},
    )
    return str(user.phone)
