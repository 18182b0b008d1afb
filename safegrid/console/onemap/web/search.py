"""Finding by name, code, case number; and what stands at one spot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.cases import access as case_access
from safegrid.console.onemap import stock
from safegrid.console.onemap.layers import SUPERVISING, visible_sites
from safegrid.console.onemap.web.common import asked, reader
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.web import render_part
from safegrid.foundation.web.pages import spanning
from safegrid.grids import access as grid_access
from safegrid.grids import selectors as grids
from safegrid.sites import access as site_access
from safegrid.sites import selectors as sites

MOST = 8
MOST_HERE = 50
LONGEST = 100


@dataclass(frozen=True)
class Hit:
    """One thing found: its card's address and where it is, a box (west,south,east,north) or a point (longitude,latitude)."""

    kind: str
    name: str
    more: str
    url: str
    at: str = ""


@login_required
@require_GET
def search(request: HttpRequest, county: int) -> HttpResponse:
    """List what of the map the words name; a fragment for htmx, else a page."""
    user = reader(request, county)
    words = request.GET.get("q", "").strip()[:LONGEST].replace("\x00", "")
    hits = found(user, county, words) if words else []
    return render_part(request, "console/map/_hits.html", {"hits": hits, "words": words}, title="查找")


def found(user: Actor, county: int, words: str) -> list[Hit]:
    """Return what the user sees in the county by these words: at most ``MOST`` of each kind."""
    with spanning(user):
        return [*_places(county, words), *_grids(user, county, words), *_sites(user, county, words),
                *_cases(user, county, words), *_members(user, county, words)]  # fmt: skip


def _places(county: int, words: str) -> list[Hit]:
    ground, hits = stock.PLACES.get(county), []
    for kind, named in (("乡镇", ground.towns), ("村社区", ground.villages)):
        for code, name in zip(named.codes, named.names, strict=True):
            if words in name or code == words:
                url = reverse("map:place", args=[county, code])
                hits.append(Hit(kind, name, "", url, _text(ground.boxes[code])))
    return hits[:MOST]


def _grids(user: Actor, county: int, words: str) -> list[Hit]:
    rows = grids.grids(user).filter(Q(name__icontains=words) | Q(code__startswith=words), county=county)
    boxes = {piece.grid_id: piece.area.bounds for piece in grids.pieces(county)}
    return [
        Hit("网格", row.name, row.code, reverse("map:grid", args=[county, row.id]), _text(boxes.get(row.id, ())))
        for row in rows.order_by("code")[:MOST]
    ]


def _sites(user: Actor, county: int, words: str) -> list[Hit]:
    rows = sites.matching(site_access.visible(user).filter(county=county), words)
    return [_site(row) for row in rows.order_by("id")[:MOST]]


def _site(row: Any) -> Hit:
    url = reverse("map:site", args=[row.county, row.id])
    return Hit(row.get_site_type_display(), row.shown_name, row.address or row.code, url, _spot_of(row))


def _cases(user: Actor, county: int, words: str) -> list[Hit]:
    if len(words) < 4 or not any(letter.isdigit() for letter in words):
        return []
    rows = case_access.visible(user).filter(Q(number__startswith=words) | Q(number__endswith=words), county=county)
    return [
        Hit("案件", row.number, row.place_words, reverse("map:case", args=[county, row.id]),
            _spot_of(row))
        for row in rows.order_by("-reported_at")[:MOST]
    ]  # fmt: skip


def _members(user: Actor, county: int, words: str) -> list[Hit]:
    if not held(user, *SUPERVISING):
        return []
    rows = grid_access.visible_members(user).filter(Q(name__icontains=words) | Q(code=words), county=county)
    rows = rows.filter(grids.still_here(clock.today()))
    return [
        Hit("网格员", row.name, row.code, reverse("map:member", args=[county, row.id]))
        for row in rows.order_by("code")[:MOST]
    ]


@login_required
@require_GET
def here(request: HttpRequest, county: int) -> HttpResponse:
    """List the sites around a spot (``?at=longitude,latitude&within=degrees``): those a gathered dot stands for."""
    what = asked(request, county)
    hits: list[Hit] = []
    spot = _spot(request)
    if spot is not None:
        longitude, latitude, within = spot
        whole, mask, _ = visible_sites(what)
        box = (longitude - within, latitude - within, longitude + within, latitude + within)
        ids = whole.within(box, mask)[:MOST_HERE]
        with spanning(what.user):
            rows = site_access.visible(what.user).filter(county=county, id__in=ids)
            hits = [_site(row) for row in rows.order_by("-risk_grade", "name")]
    return render_part(request, "console/map/_hits.html", {"hits": hits, "words": "此处"}, title="此处的监管对象")


def _spot(request: HttpRequest) -> tuple[float, float, float] | None:
    try:
        longitude, latitude = (float(part) for part in request.GET.get("at", "").split(","))
        within = float(request.GET.get("within", "0.0002"))
    except ValueError:
        return None
    is_place = -180 <= longitude <= 180 and -90 <= latitude <= 90 and 0 < within <= 0.05
    return (longitude, latitude, within) if is_place else None


def _spot_of(row: Any) -> str:
    return "" if row.longitude is None else _text((row.longitude, row.latitude))


def _text(numbers: tuple[float, ...]) -> str:
    return ",".join(f"{one:.6f}" for one in numbers)
