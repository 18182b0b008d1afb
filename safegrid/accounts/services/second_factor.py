"""The second factor: time-based codes (RFC 6238) through django-otp, and recovery codes for a lost phone."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

from django.db import transaction
from django_otp import devices_for_user
from django_otp.plugins.otp_totp.models import TOTPDevice

from safegrid.accounts.models import RecoveryCode, User
from safegrid.accounts.services.rules import chain, require
from safegrid.accounts.services.sessions import drop_sessions
from safegrid.accounts.services.tokens import revoke_all
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor

CODES = 10
CODE_BYTES = 10  # 80 bits: beyond guessing, so a plain hash keeps them safe
WRONG = "验证码不正确或已过期，请稍候再试"


@transaction.atomic
def enrol_second_factor(*, acting_user: User) -> TOTPDevice:
    """Return the device being set up (the same one until confirmed); it counts only after its first right code."""
    device, _ = TOTPDevice.objects.get_or_create(user=acting_user, confirmed=False, defaults={"name": "验证器"})
    return device


@transaction.atomic
def _confirm(acting_user: User, code: str) -> TOTPDevice | None:
    device = TOTPDevice.objects.select_for_update().filter(user=acting_user, confirmed=False).first()
    if device is None:
        raise Refused("请先扫描二维码")
    if not device.verify_token(_digits(code)):
        return None
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    TOTPDevice.objects.filter(user=acting_user).exclude(pk=device.pk).delete()
    trace.record(
        acting_user=acting_user,
        action="accounts.second_factor_enrolled",
        target=acting_user,
        county=chain(acting_user.place),
    )
    return device


def confirm_second_factor(*, acting_user: User, code: str) -> tuple[TOTPDevice, list[str]]:
    """Confirm the device being set up with its first code; it replaces earlier ones. Return it with new recovery codes.

    Raises ``InvalidInput`` for a wrong code (counted by the device's own throttle, hence outside the transaction).
    """
    device = _confirm(acting_user, code)
    if device is None:
        raise InvalidInput({"code": WRONG})
    return device, new_recovery_codes(acting_user=acting_user)


@transaction.atomic
def new_recovery_codes(*, acting_user: User) -> list[str]:
    """Replace the recovery codes; return the new ones, the only time they can be read."""
    acting_user.recovery_codes.all().delete()
    codes = [_spelt(secrets.token_bytes(CODE_BYTES)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=acting_user, code_hash=_hash(acting_user, code)) for code in codes
    )
    trace.record(
        acting_user=acting_user,
        action="accounts.recovery_codes_made",
        target=acting_user,
        county=chain(acting_user.place),
    )
    return codes


def verify_second_factor(*, acting_user: User, code: str) -> Any:
    """Return the device that accepts a time-based or recovery code; raise ``InvalidInput`` for a wrong one.

    Wrong codes slow the next attempt down (1, 2, 4, … seconds) and stand in the trace.
    """
    device = _verify(acting_user, code)
    if device is None:
        raise InvalidInput({"code": WRONG})
    return device


@transaction.atomic
def _verify(user: User, code: str) -> Any:
    accepted, how = None, ""
    for device in devices_for_user(user, for_verify=True):
        allowed, _ = device.verify_is_allowed()
        digits = _digits(code)
        if len(digits) == device.digits:
            accepted, how = (device, "code") if device.verify_token(digits) else (None, "")
        elif allowed:
            accepted, how = (device, "recovery") if _use_recovery(user, code) else (None, "")
            if accepted is None:
                device.throttle_increment()
        if accepted is not None:
            break
    action = "accounts.second_factor_passed" if accepted else "accounts.second_factor_failed"
    trace.record(
        acting_user=user, action=action, target=user, county=chain(user.place), changes={"by": how} if how else {}
    )
    return accepted


def _use_recovery(user: User, code: str) -> bool:
    unused = user.recovery_codes.filter(code_hash=_hash(user, code), used_at__isnull=True)
    return unused.update(used_at=clock.now()) == 1


@transaction.atomic
def reset_second_factor(*, acting_user: Actor | None, user: User) -> None:
    """Take a lost second factor off an account, so that its owner enrols a new one at the next sign-in."""
    require(acting_user, "reset_second_factor", user)
    TOTPDevice.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()
    drop_sessions(user)
    revoke_all(user)
    trace.record(acting_user=acting_user, action="accounts.reset_second_factor", target=user, county=chain(user.place))


def _record(user: User, action: str, **changes: str) -> None:
    trace.record(acting_user=user, action=action, target=user, county=chain(user.place), changes=changes)


def _digits(code: str) -> str:
    plain = "".join(code.split())
    return plain if plain.isascii() and plain.isdigit() else ""


def _spelt(raw: bytes) -> str:
    letters = base64.b32encode(raw).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _hash(user: User, code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"{user.pk}:{plain}".encode()).hexdigest()
