"""System checks of the sign-in settings: what an operator should not find out later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register()
def sign_in_settings(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    """Warn of a missing second factor outside development; refuse session limits that cannot work."""
    found: list[CheckMessage] = []
    if not settings.SECOND_FACTOR and not settings.DEBUG:
        found.append(
            Warning(
                "SAFEGRID_SECOND_FACTOR is off: roles that see more than one grid sign in with a password alone.",
                hint="Leave it on, except for demonstrations without real data.",
                id="safegrid.W010",
            )
        )
    if not 0 < settings.SESSION_IDLE_SECONDS <= settings.SESSION_COOKIE_AGE:
        found.append(
            Error("SAFEGRID_SESSION_IDLE_SECONDS must lie between 1 and SAFEGRID_SESSION_SECONDS.", id="safegrid.E010")
        )
    if settings.SESSION_LIMIT < 1:
        found.append(Error("SAFEGRID_SESSION_LIMIT must be at least 1.", id="safegrid.E011"))
    if settings.OIDC_ENABLED and settings.OIDC_ACCOUNT_FIELD not in {"username", "email"}:
        found.append(Error("SAFEGRID_OIDC_ACCOUNT_FIELD must be username or email.", id="safegrid.E012"))
    return found
