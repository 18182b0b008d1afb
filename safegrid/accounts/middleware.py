"""Between signing in and working: session limits, a password of one's own, the second factor."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_otp import user_has_device

from safegrid.accounts import selectors
from safegrid.accounts.services.sessions import Standing, check_session
from safegrid.foundation.api.problems import problem_of
from safegrid.foundation.errors import NotPermitted

Handler = Callable[[HttpRequest], HttpResponse]
API = "/api/"
# The field app signs in by itself, and its pages hold nothing: they work on what the phone keeps.
OPEN_PREFIXES = ("/oidc/", "/m/", "/api/v1/field/sign-in", "/api/v1/field/sign-out", "/api/v1/field/devices/")
# All that the field app asks for: its shell, its API, photos of cases. Elsewhere its session is held to a browser's limits.
OF_APP = ("/m/", "/api/v1/field/", "/files/")
OPEN = ("sign_in", "sign_out", "second_factor", "second_factor_enrol", "password", "set_language")


def session_limits(get_response: Handler) -> Handler:
    """End a session that has been idle or open for too long, or was ended from elsewhere; a phone's shuts the console alone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _by_session(request):
            key = request.session.session_key or ""
            standing = check_session(key, by_app=request.path.startswith(OF_APP))
            if standing is Standing.OVER:
                request.session_expired = True  # type: ignore[attr-defined]
                logout(request)
                if not request.path.startswith(API):
                    messages.info(request, "登录已过期或已在别处结束，请重新登录")
            elif standing is Standing.APP_ONLY:
                request.user = AnonymousUser()  # here, but the session lasts: the app goes on with it
        return get_response(request)

    return middleware


def second_factor_gate(get_response: Handler) -> Handler:
    """Let nobody work who still has to choose a password or to pass the second factor.

    Requests with a personal token pass: a token can only be issued from a session that has passed.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if _by_session(request) and not _is_open(request.path):
            step = _missing_step(request)
            if step is not None:
                return step
        return get_response(request)

    return middleware


def _by_session(request: HttpRequest) -> bool:
    if request.path.startswith(API) and "Authorization" in request.headers:
        return False  # the API lets the token speak, never the cookie beside it
    return request.user.is_authenticated


def _is_open(path: str) -> bool:
    return path in {reverse(name) for name in OPEN} or path.startswith((*OPEN_PREFIXES, settings.STATIC_URL))


def _missing_step(request: HttpRequest) -> HttpResponse | None:
    user = request.user
    if user.must_change_password:  # type: ignore[union-attr]
        return _send(request, "password", NotPermitted("请先修改初始密码", code="password_change_required"))
    verified = user.is_verified()  # type: ignore[union-attr]
    if verified or not selectors.needs_second_factor(user):  # type: ignore[arg-type]
        return None
    page = "second_factor" if user_has_device(user) else "second_factor_enrol"
    return _send(request, page, NotPermitted("请先通过第二重验证", code="second_factor_required"))


def _send(request: HttpRequest, page: str, refusal: NotPermitted) -> HttpResponse:
    if request.path.startswith(API):
        return problem_of(request, refusal)
    target = reverse(page)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = target
        return response
    if request.method == "GET":
        request.session["next"] = request.get_full_path()
    return redirect(target)
