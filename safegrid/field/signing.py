"""Signing in on a phone: password, second factor, and a session that belongs to the device."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_otp
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja.errors import AuthenticationError
from ninja.utils import check_csrf

from safegrid.accounts import selectors as accounts
from safegrid.accounts import services as account_services
from safegrid.accounts.services.sessions import note_sign_out
from safegrid.field import access, selectors, services
from safegrid.foundation.api import current_user
from safegrid.foundation.api.problems import answer
from safegrid.foundation.errors import NotPermitted, NotVisible

DEVICE, VERSION, UNSENT = "X-Field-Device", "X-Field-Version", "X-Field-Unsent"
KEPT_IN_SESSION = "field_device"
DAY = 24 * 3600


def sign_in(request: HttpRequest, *, username: str, password: str, code: str, device_id: UUID, name: str) -> Any:
    """Sign in and return (user, county); or the problem to answer with.

    The password goes the way of the sign-in page: the same lock-out, the same trace, the same time for unknown names.
    """
    if check_csrf(request) is not None:
        raise NotPermitted("页面已过期，请刷新后再试", code="csrf_failed")
    user: Any = auth.authenticate(request, username=username, password=password)
    if user is None:
        return answer(401, "wrong_password")
    if user.must_change_password:
        return answer(403, "password_change_required", url=reverse("password"))
    factor = _second_factor(user, code)
    if isinstance(factor, HttpResponse):
        return factor
    county = access.county_of(user)
    if county is None:
        raise NotPermitted("手机应用供网格员和村（居）委会使用，您的账号没有这样的角色，请在电脑上登录")
    _begin(request, user, factor, county, device_id, name)
    return user, county


def _second_factor(user: Any, code: str) -> Any:
    """Return the factor that accepts ``code``, None where none is asked for, or the problem to answer with."""
    if not accounts.needs_second_factor(user):
        return None
    if not django_otp.user_has_device(user):
        return answer(403, "second_factor_enrol_required", url=reverse("second_factor_enrol"))
    if not code.strip():
        return answer(403, "second_factor_required")
    return account_services.verify_second_factor(acting_user=user, code=code)


def _begin(request: HttpRequest, user: Any, factor: Any, county: int, device_id: UUID, name: str) -> None:
    earlier = request.session.session_key
    if earlier:  # whatever this browser had open before, perhaps another's
        note_sign_out(earlier)
        request.session.flush()
    request.field_device = (device_id, name)  # type: ignore[attr-defined]  # read where accounts begins the session
    auth.login(request, user)
    if factor is not None:
        django_otp.login(request, factor)
    # Accounts ends it after its days; the cookie lives a little longer, so that the end is noted when the phone asks.
    request.session.set_expiry((settings.FIELD_SESSION_DAYS + 7) * DAY)
    request.session[KEPT_IN_SESSION] = {"id": str(device_id), "county": county}
    services.begin_device(
        acting_user=user,
        county=county,
        device_id=device_id,
        name=name,
        session_key=request.session.session_key or "",
    )


def device_of(request: HttpRequest, county: int | None = None) -> selectors.Device:
    """Return the phone that a request comes from; ``county``: the one the address names.

    Raises ``NotVisible`` for a county that the user never worked in, else ``AuthenticationError`` where the session is not
    the one that this phone signed in with: another phone's, or a page's.
    """
    user = current_user(request)
    kept = request.session.get(KEPT_IN_SESSION) or {}
    if county is not None and county != kept.get("county") and not access.works_in(user, county):
        raise NotVisible
    named = request.headers.get(DEVICE, "").strip().lower()
    known = "Authorization" not in request.headers and bool(kept) and named == kept["id"]
    if not known or (county is not None and county != kept["county"]):
        raise AuthenticationError
    device = selectors.device_of(user, kept["county"], UUID(kept["id"]))
    if device is None:
        raise AuthenticationError
    services.touch(device, app_version=request.headers.get(VERSION, ""), unsent=request.headers.get(UNSENT, ""))
    return device
