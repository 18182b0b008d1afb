"""The search of the top bar: a page of results, and for htmx a short list while one types."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from safegrid.console.registers.search import LONGEST, SHORTEST, find
from safegrid.foundation.web import render_part, web_user

SUGGESTED = 4


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Answer ``?q=``: everything the user sees by these words, grouped by kind."""
    words = request.GET.get("q", "").strip()[:LONGEST]
    is_suggestion = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
    groups = find(web_user(request), words, SUGGESTED) if is_suggestion else find(web_user(request), words)
    context = {"words": words, "groups": groups, "is_short": len(words) < SHORTEST, "is_suggestion": is_suggestion}
    return render_part(request, "console/_found.html", context, title="搜索")
