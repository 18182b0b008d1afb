"""Encryption at rest of ID numbers, phones and sealed identities, with a key that is not in the database."""

from __future__ import annotations

import os
import re
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

_NONCE = 12


def encrypt(words: str) -> bytes:
    """Return nonce and AES-256-GCM ciphertext of ``words``; empty for empty."""
    if not words:
        return b""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(bytes.fromhex(settings.DATA_KEY)).encrypt(nonce, words.encode(), None)


def decrypt(sealed: bytes) -> str:
    """Return the words sealed by ``encrypt``; raise ``ValueError`` when they were altered or the key is another.

    While the data key is being changed, what is still sealed with the key before opens too.
    """
    if not sealed:
        return ""
    words = _opened(sealed, settings.DATA_KEY)
    if words is None and settings.OLD_DATA_KEY:
        words = _opened(sealed, settings.OLD_DATA_KEY)
    if words is None:
        raise ValueError("the data key does not open this value")
    return words


def is_sealed_with_present_key(sealed: bytes) -> bool:
    """Say whether the data key of today opens a value; empty ones need none."""
    return not sealed or _opened(sealed, settings.DATA_KEY) is not None


def _opened(sealed: bytes, key: str) -> str | None:
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(sealed[:_NONCE], sealed[_NONCE:], None).decode()
    except (InvalidTag, ValueError):  # too short to be sealed at all
        return None


class SealedTextField(models.BinaryField):  # type: ignore[type-arg]
    """Text that only the application can read; stored as nonce and ciphertext. Empty unless set."""

    def get_default(self) -> str:
        return ""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str:
        return decrypt(bytes(value)) if value else ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(encrypt(value or ""), connection, prepared)


def mask_phone(phone: str) -> str:
    """138****5678"""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


_MOBILE = re.compile(r"(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})")


def mask_mobile(phone: str) -> str:
    """138****5678; the number of an office, which is no person's, stays as it is."""
    return _MOBILE.sub(r"\1****\3", phone)


def mask_name(name: str) -> str:
    """王**"""
    return name[:1] + "*" * (len(name) - 1)


def mask_id_number(number: str) -> str:
    """330521********1234"""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}" if len(number) > 10 else "*" * len(number)
