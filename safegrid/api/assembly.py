"""Finds the contexts' routers and puts them together."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import re_path
from ninja import NinjaAPI, Router

from safegrid.foundation.api.problems import answer

# In the order of the documentation. A context without an ``api`` module has nothing to offer here.
CONTEXTS = (
    "accounts",
    "regions",
    "files",
    "notices",
    "orgs",
    "sites",
    "grids",
    "handbook",
    "duties",
    "cases",
    "patrols",
)


class SafeGridAPI(NinjaAPI):
    """Answers unknown addresses under its prefix with a problem instead of a page."""

    def _get_urls(self) -> list[Any]:
        return [*super()._get_urls(), re_path(r"^.*$", _unknown)]


def _unknown(request: HttpRequest) -> HttpResponse:
    return answer(404, "not_found")


def routers() -> list[tuple[str, Router]]:
    """Return the ``router`` of every context that has one; a module that exists but does not load stops the start."""
    found = []
    for context in CONTEXTS:
        name = f"safegrid.{context}.api"
        if find_spec(name) is not None:
            found.append((context, import_module(name).router))
    return found
