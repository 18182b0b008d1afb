"""Single sign-on of a government (OpenID Connect): matches an existing account, never makes one."""

from __future__ import annotations

import logging
from typing import Any

import jwt
import requests
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from safegrid.accounts.models import User

logger = logging.getLogger("safegrid.accounts")


class GovernmentSignIn(OIDCAuthenticationBackend):  # type: ignore[misc]
    """Matches the claim ``OIDC_ACCOUNT_CLAIM`` with the account field ``OIDC_ACCOUNT_FIELD`` (username or email)."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Return the account of a callback from the issuer; None for anything the issuer did not sign for us."""
        if request is None or not credentials.get("nonce"):
            return None  # a password sign-in, or a callback that this site did not start
        try:
            found: User | None = super().authenticate(request, **credentials)
        except (jwt.PyJWTError, requests.RequestException, SuspiciousOperation, KeyError, ValueError) as error:
            # The words of these errors may hold claims; their kind is enough for the operator.
            logger.warning("government sign-in failed: %s", type(error).__name__)
            return None
        return found if found is not None and found.is_active else None

    def verify_token(self, token: str, **options: Any) -> Any:
        """Check, beyond the signature and the nonce, that the token was made for this installation."""
        payload = super().verify_token(token, **options)
        audience = payload.get("aud", [])
        if settings.OIDC_RP_CLIENT_ID not in ([audience] if isinstance(audience, str) else audience):
            raise SuspiciousOperation("the token was made for another client")
        return payload

    def get_userinfo(self, access_token: str, id_token: str, payload: Any) -> Any:
        """Return the claims of whom the token names, and of nobody else."""
        claims = super().get_userinfo(access_token, id_token, payload)
        if claims.get("sub") != payload.get("sub"):
            raise SuspiciousOperation("the claims are about someone else")
        return claims

    def verify_claims(self, claims: Any) -> bool:
        return bool(claims.get(settings.OIDC_ACCOUNT_CLAIM))

    def filter_users_by_claims(self, claims: Any) -> QuerySet[User]:
        wanted = str(claims.get(settings.OIDC_ACCOUNT_CLAIM) or "").strip()
        return User.objects.filter(**{settings.OIDC_ACCOUNT_FIELD: wanted}) if wanted else User.objects.none()

    def create_user(self, claims: Any) -> User:
        raise SuspiciousOperation("accounts are opened by an administrator")

    def describe_user_by_claims(self, claims: Any) -> str:
        return "(withheld)"
