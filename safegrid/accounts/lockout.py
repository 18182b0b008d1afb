"""What guessing passwords leads to: django-axes counts by user name and address, this says so."""

from __future__ import annotations

import math
from typing import Any

from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from safegrid.accounts.services.sessions import address_of
from safegrid.foundation.api.problems import answer

TOO_MANY = 429


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Return the page told to a user name and address with too many failures (AXES_LOCKOUT_CALLABLE)."""
    cool_off = get_cool_off(request)
    seconds = int(cool_off.total_seconds())
    minutes = math.ceil(seconds / 60)
    if request.path.startswith("/api/"):
        response = answer(TOO_MANY, "locked_out", f"密码错误次数过多，登录已锁定，请 {minutes} 分钟后再试")
    else:
        response = render(request, "accounts/locked_out.html", {"minutes": minutes}, status=TOO_MANY)
    response.headers["Retry-After"] = str(seconds)
    return response


def client_address(request: HttpRequest) -> str:
    """Return the address that axes counts by (AXES_CLIENT_IP_CALLABLE)."""
    return address_of(request)
