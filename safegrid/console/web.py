"""The console's own page: the desk."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@login_required
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """What is this user's turn, and what else waits."""
    return render(request, "console/desk.html", {})
