"""The password rule that Django does not bring: several kinds of characters."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

KINDS = 3
PASSPHRASE = 20


class SeveralKinds:
    """Ask for three of: lower case, upper case, digits, others; a passphrase of 20 characters needs none of it.

    GB/T 22239-2019 (8.1.4.1 a) asks for "complexity" of what identifies a user; three of four is the usual reading.
    """

    def validate(self, password: str, user: Any = None) -> None:
        found = {
            "lower" if letter.islower() else "upper" if letter.isupper() else "digit" if letter.isdigit() else "other"
            for letter in password
        }
        if len(found) < KINDS and len(password) < PASSPHRASE:
            raise ValidationError(self.get_help_text(), code="password_too_simple")

    def get_help_text(self) -> str:
        return f"密码须包含大写字母、小写字母、数字、符号中的至少三类，或不少于 {PASSPHRASE} 个字符"
