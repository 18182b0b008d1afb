"""What a boundary needs while it is drawn: the borders to snap to, and whether it fits."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import shapely
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.geometry import area_m2
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, VerbForm, web_user
from safegrid.grids import access, selectors, services
from safegrid.grids.boundaries import shown_area
from safegrid.grids.web.common import read
from safegrid.regions import selectors as regions
from safegrid.regions.datum import DATUM_CHOICES

MOST_BORDERS = 400
FIELDS = [
    FieldSpec("shape", "边界", "area", required=True),
    FieldSpec("datum", "坐标系", "choice", choices=DATUM_CHOICES),
    FieldSpec("village", "村（社区）", max_length=12),
    FieldSpec("grid", "网格", max_length=36),
    FieldSpec("valid_from", "生效日期", "date"),
]


def _planner(request: HttpRequest, county: int) -> Actor:
    user = web_user(request)
    if not access.can_at(user, "change_boundary", county):
        raise Http404
    return user


@login_required
@require_GET
def borders(request: HttpRequest, county: int) -> JsonResponse:
    """Answer the boundaries of grids and villages in ``?box=west,south,east,north`` in full detail; without ``?but=`` grid.

    More than ``MOST_BORDERS`` of them are no help to a hand that draws: then none, and ``is_too_wide``.
    """
    _planner(request, county)
    box = _box(request.GET.get("box", ""))
    today, but = clock.today(), request.GET.get("but", "")
    found: list[tuple[str, str, Any]] = [
        ("grid", piece.code, piece.area) for piece in selectors.pieces(county, today) if str(piece.grid_id) != but
    ]
    villages = regions.shapes(county, regions.Level.VILLAGE)
    found += [("village", one.code, one.area) for one in villages if one.area is not None]
    if box is not None and found:
        inside = shapely.intersects([area for _, _, area in found], box)
        found = [one for one, is_inside in zip(found, inside, strict=True) if is_inside]
    is_too_wide = len(found) > MOST_BORDERS
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(shapely.to_geojson(area)),
            "properties": {"role": role, "code": code},
        }
        for role, code, area in ([] if is_too_wide else found)
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features, "is_too_wide": is_too_wide})


def _box(text: str) -> Any:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return shapely.box(west, south, east, north)


@login_required
@require_http_methods(["POST"])
def check(request: HttpRequest, county: int) -> HttpResponse:
    """Say how a boundary would fit, without saving it: a fragment for the page on which it is drawn."""
    user = _planner(request, county)
    form = VerbForm(FIELDS, request.POST)
    if not form.is_valid():
        return _told(request, problems=[words for errors in form.errors.values() for words in errors])
    given = form.cleaned_data
    grid = read(selectors.grid_for, user, county, UUID(given["grid"])) if _is_id(given["grid"]) else None
    try:
        fit = services.check_boundary(
            county=county, boundary=given["shape"], valid_from=given["valid_from"] or clock.today(), grid=grid,
            village=given["village"], datum=given["datum"] or "wgs84",
        )  # fmt: skip
    except InvalidInput as error:
        return _told(request, problems=list(error.fields.values()))
    names = regions.names_of(fit.villages)
    covers = "、".join(names.get(code, code) for code in fit.villages)
    return _told(
        request, refusal=fit.refusal, warnings=fit.warnings, covers=covers, area=shown_area(area_m2(given["shape"]))
    )


def _told(request: HttpRequest, **context: Any) -> HttpResponse:
    return render(request, "grids/_check.html", context)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
