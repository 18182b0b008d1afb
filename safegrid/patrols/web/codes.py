"""Sheets of QR codes to print: one label for each site, to hang where members check in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import segno
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from safegrid.foundation.scope import Actor
from safegrid.foundation.web import web_user
from safegrid.foundation.web.pages import read
from safegrid.grids.selectors import grid_for
from safegrid.patrols import access
from safegrid.patrols.codes import address_of, code_of, in_groups
from safegrid.patrols.web.visits import link_to
from safegrid.sites import selectors as sites
from safegrid.sites.access import visible

ON_A_PAGE = 60  # labels; a grid with more has further pages
MASK = 3  # any is valid; trying all eight for the prettiest takes eight times as long


@dataclass(frozen=True)
class Label:
    """One label: name, code and address of the site; the QR code as an image for ``src``, and what it says, to be typed."""

    name: str
    code: str
    address: str
    image: str
    typed: str


def _labels(request: HttpRequest, rows: list[Any]) -> list[Label]:
    origin = request.build_absolute_uri("/").rstrip("/")
    return [
        Label(site.shown_name, site.code, site.address, _image(address_of(origin, site.county, site.id)),
              in_groups(code_of(site.county, site.id)))
        for site in rows
    ]  # fmt: skip


def _image(words: str) -> str:
    return str(segno.make(words, error="m", mask=MASK, micro=False).svg_data_uri(scale=4, border=2))


def _may(user: Actor, county: int, town: str) -> None:
    if not access.can(user, "print_codes", county, town):
        raise Http404


def _sheet(request: HttpRequest, title: str, rows: list[Any], back: str, **more: Any) -> HttpResponse:
    labels = _labels(request, rows)
    return render(request, "patrols/codes.html", {"title": title, "labels": labels, "back": back, **more})


@login_required
def of_grid(request: HttpRequest, county: int, grid_id: UUID) -> HttpResponse:
    """The labels of a grid's sites, by the register's code."""
    user = web_user(request)
    grid = read(user, grid_for, county, grid_id)
    _may(user, county, grid.town)
    try:
        page = max(1, int(request.GET.get("page", "1")))
    except ValueError:
        raise Http404 from None
    rows = visible(user).filter(
        county=county, grid_id=grid_id, is_directly_supervised=False, status__in=("active", "paused")
    )
    pages = range(1, -(-rows.count() // ON_A_PAGE) + 1)
    page = min(page, max(1, len(pages)))
    start = (page - 1) * ON_A_PAGE
    shown = list(rows.order_by("code")[start : start + ON_A_PAGE])
    return _sheet(request, f"{grid.name}：签到二维码", shown, reverse("patrols:members"), page=page, pages=pages)


@login_required
def of_site(request: HttpRequest, county: int, site_id: UUID) -> HttpResponse:
    """One site's label."""
    user = web_user(request)
    site = read(user, sites.site_for, county, site_id)
    _may(user, county, site.town)
    return _sheet(request, f"{site.shown_name}：签到二维码", [site], link_to("dossier:site", county, site_id))
