"""Assembles the console from the contexts' pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from safegrid.console import assembly, web

urlpatterns: list[URLPattern | URLResolver] = [
    path("", web.desk, name="desk"),
    *[path("", include(module)) for module in assembly.pages()],
]
