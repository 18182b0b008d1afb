"""Passing and setting up the second factor, and the password that has to be changed first."""

from __future__ import annotations

from base64 import b32encode

import django_otp
import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from safegrid.accounts import selectors, services
from safegrid.accounts.services.sessions import rename_session
from safegrid.accounts.web.forms import CodeForm, PasswordForm
from safegrid.foundation.errors import InvalidInput

UNPROCESSABLE = 422


def onward(request: HttpRequest) -> HttpResponse:
    """Go where the user wanted to go before the gate stepped in; the gate itself put the address there."""
    return redirect(request.session.pop("next", resolve_url(settings.LOGIN_REDIRECT_URL)))


@sensitive_post_parameters("code")
@never_cache
@login_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the authenticator, or a recovery code."""
    user = request.user
    if user.is_verified():  # type: ignore[union-attr]
        return onward(request)
    if not django_otp.user_has_device(user):
        return redirect("second_factor_enrol")
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                device = services.verify_second_factor(acting_user=user, code=form.cleaned_data["code"])  # type: ignore[arg-type]
            except InvalidInput as error:
                form.add_error("code", error.fields["code"])
            else:
                django_otp.login(request, device)
                left = selectors.recovery_codes_left(user)  # type: ignore[arg-type]
                if left <= 2:
                    messages.warning(request, f"恢复码只剩 {left} 个，请到“个人设置”重新生成")
                return onward(request)
    return render(request, "accounts/second_factor.html", {"form": form}, status=status)


@sensitive_post_parameters("code")
@never_cache
@login_required
def enrol(request: HttpRequest) -> HttpResponse:
    """Show the QR code of a new authenticator and confirm it with its first code; then the recovery codes, once."""
    user = request.user
    if django_otp.user_has_device(user) and not user.is_verified():  # type: ignore[union-attr]
        return redirect("second_factor")
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                device, codes = services.confirm_second_factor(acting_user=user, code=form.cleaned_data["code"])  # type: ignore[arg-type]
            except InvalidInput as error:
                form.add_error("code", error.fields["code"])
            else:
                django_otp.login(request, device)
                target = request.session.pop("next", resolve_url(settings.LOGIN_REDIRECT_URL))
                return render(request, "accounts/recovery_codes.html", {"codes": codes, "target": target})
    device = services.enrol_second_factor(acting_user=user)  # type: ignore[arg-type]
    context = {
        "form": form,
        "image": segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=2),
        "secret": b32encode(device.bin_key).decode(),
    }
    return render(request, "accounts/second_factor_enrol.html", context, status=status)


@sensitive_post_parameters("old", "new", "again")
@never_cache
@login_required
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; this session goes on, all others end."""
    user = request.user
    form, status = PasswordForm(request.POST or None), 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            old_key = request.session.session_key or ""
            try:
                services.change_password(
                    acting_user=user,  # type: ignore[arg-type]
                    user=user,  # type: ignore[arg-type]
                    old=form.cleaned_data["old"],
                    new=form.cleaned_data["new"],
                    keep_session=old_key,
                )
            except InvalidInput as error:
                form.show(error)
            else:
                update_session_auth_hash(request, user)  # type: ignore[arg-type]
                rename_session(old_key, request.session.session_key or "")
                messages.success(request, "密码已修改")
                return onward(request)
    return render(request, "accounts/password.html", {"form": form, "forced": user.must_change_password}, status=status)  # type: ignore[union-attr]
