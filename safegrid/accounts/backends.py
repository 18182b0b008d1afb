"""Sign-in with a user name and a password."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from safegrid.accounts.models import User


class AccountBackend(BaseBackend):
    """Accepts the password of an active account; a refusal takes as long whatever its cause."""

    def authenticate(self, request: HttpRequest | None, username: str, password: str) -> User | None:  # type: ignore[override]
        user = User.objects.filter(username=username.strip()).first()
        if user is None:
            # Spend the time that a wrong password would take, so that the answer does not tell which names exist.
            User().set_password(password)
            return None
        # Django's check_password spends that time, too, for an account without a usable password.
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: UUID) -> User | None:
        """Return the account of a session; a stopped account's sessions speak for nobody."""
        return User.objects.filter(pk=user_id, is_active=True).first()
