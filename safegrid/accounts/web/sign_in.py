"""Signing in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from safegrid.accounts.web.forms import SignInForm

UNPROCESSABLE = 422


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name and password; the gate then asks for a second factor or a new password where one is due."""
    target = safe_next(request)
    if request.user.is_authenticated:
        return redirect(target)
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            user = auth.authenticate(request, **form.cleaned_data)
            if user is not None:
                auth.login(request, user)
                return redirect(target)
            form.add_error(None, "用户名或密码不正确，或账号已停用")
    context = {
        "form": form,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "single_sign_on": settings.OIDC_ENABLED,
        "single_sign_on_failed": request.GET.get("sso") == "failed",
    }
    return render(request, "accounts/sign_in.html", context, status=status)


@require_POST
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    auth.logout(request)
    return redirect("sign_in")


def safe_next(request: HttpRequest) -> str:
    """Return where to go after signing in: the page first asked for if it is ours, else the start page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and ours else resolve_url(settings.LOGIN_REDIRECT_URL)
