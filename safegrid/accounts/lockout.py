"""What guessing passwords leads to: django-axes counts by user name and address, this says so."""

from __future__ import annotations

import math
from typing import Any

from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from safegrid.accounts.services.sessions import address_of

TOO_MANY = 429


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: Any = None
) -> HttpResponse:
    """Return the page told to a user name and address with too many failures (AXES_LOCKOUT_CALLABLE)."""
    cool_off = get_cool_off(request)
    seconds = int(cool_off.total_seconds())
    response = render(request, "accounts/locked_out.html", {"minutes": math.ceil(seconds / 60)}, status=TOO_MANY)
    response.headers["Retry-After"] = str(seconds)
    return response


def client_address(request: HttpRequest) -> str:
    """Return the address that axes counts by (AXES_CLIENT_IP_CALLABLE)."""
    return address_of(request)
