"""Fragments: what htmx swaps in is a whole page for whoever opens its address directly."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def render_part(
    request: HttpRequest, template: str, context: dict[str, Any], *, title: str, status: int = 200
) -> HttpResponse:
    """Render the fragment ``template`` alone for htmx, else inside the console's page with ``title``."""
    if request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true":
        response = render(request, template, context, status=status)
    else:
        page = {**context, "fragment": template, "page_title": title}
        response = render(request, "console/fragment.html", page, status=status)
    response.headers["Vary"] = "HX-Request, Cookie"
    return response
