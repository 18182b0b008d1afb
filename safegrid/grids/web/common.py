"""What the pages of grids share: reading or 404, one county of one's own, choices of places, one form for one verb."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, VerbForm, form_status, handle
from safegrid.grids import access
from safegrid.grids.map import boundary_json
from safegrid.regions import selectors as regions
from safegrid.regions.datum import DATUM_CHOICES
from safegrid.regions.uploads import one_area

BOUNDARY_HELP = "只含一个面的 GeoJSON、GeoPackage 或压缩为 .zip 的 Shapefile，经纬度坐标"
BOUNDARY = FieldSpec("file", "或上传边界文件", "file", help=f"{BOUNDARY_HELP}；上传了文件则以文件为准")
DATUM = FieldSpec(
    "datum",
    "坐标系",
    "choice",
    required=True,
    choices=DATUM_CHOICES,
    initial="cgcs2000",
    help="文件或坐标所用的坐标系；在图上画的为 WGS 84",
)
REASON = FieldSpec("reason", "原因", required=True, max_length=200)


def read(reader: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a selector finds for the user; 404 otherwise."""
    try:
        return reader(*arguments)
    except NotVisible as error:
        raise Http404(error.message) from error


@contextmanager
def wide(user: Actor) -> Iterator[None]:
    """Allow a list to span counties for those who work above them."""
    if any(holding.county is None for holding in user.holdings()):
        with cross_county("whoever works above counties lists the grids of all of them"):
            yield
    else:
        yield


def root(user: Actor) -> str:
    """Return the place all of the user's places lie in, from which a region filter starts."""
    places = [holding.place for holding in user.holdings()]
    if len(places) == 1:
        return places[0]
    counties = {place[:6] for place in places}
    return counties.pop() if len(counties) == 1 else ""


def children(code: str) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in regions.children(code)]


def county_of(user: Actor, verb: str) -> int:
    """Return the county in which the user may use a verb; 404 where there is none."""
    for holding in user.holdings():
        if holding.kind in access.VERBS[verb] and holding.county:
            return holding.county
    raise Http404


def towns(user: Actor, verb: str, county: int) -> list[tuple[str, str]]:
    """Return the towns of the county in which the user may use a verb."""
    allowed = access.towns_of(user, verb, county)
    return [(code, name) for code, name in children(str(county)) if allowed is None or code in allowed]


def villages(user: Actor, verb: str, county: int) -> list[tuple[str, str]]:
    """Return the villages below those towns, each with its town's name."""
    allowed = dict(towns(user, verb, county))
    below = regions.descendants(str(county), regions.Level.VILLAGE)
    return [(one.code, f"{allowed[one.code[:9]]} {one.name}") for one in below if one.code[:9] in allowed]


def shape_field(county: int, grid: Any = None) -> FieldSpec:
    """Return the field in which a boundary is drawn, checked against its neighbours as it is drawn, or typed."""
    data = {
        "county": str(county),
        "borders": reverse("grids:borders", args=[county]),
        "check": reverse("grids:check", args=[county]),
    }
    if grid is None:
        return FieldSpec("shape", "边界", "area", data=data)
    present = boundary_json(grid)
    return FieldSpec("shape", "边界", "area", data={**data, "grid": str(grid.id)},
                     initial=json.dumps(present) if present else None)  # fmt: skip


def given_area(file: Any, shape: Any) -> Any:
    """Return the boundary of an uploaded file, else the one drawn or typed; raise ``InvalidInput`` where there is neither."""
    if file:
        return one_area(file)
    if shape is None:
        raise InvalidInput({"shape": "请在图上画出边界、填写坐标或上传文件"})
    return shape


def verb_page(
    request: HttpRequest, specs: Sequence[FieldSpec], action: Callable[..., Any], *, title: str, to: Any, back: str,
    initial: Any = None, submit: str = "保存", is_danger: bool = False, words: str = "", done: str = "已保存",
) -> HttpResponse:  # fmt: skip
    """Show one verb's form, carry it out, or show it again with what was wrong."""
    posted = request.method == "POST"
    form = VerbForm(specs, request.POST if posted else None, request.FILES if posted else None, submit=submit,
                    initial=initial, is_danger=is_danger)  # fmt: skip
    response = handle(request, form, action, to=to, done=done)
    if response is not None:
        return response
    context = {"title": title, "form": form, "back": back, "words": words}
    return render(request, "console/form.html", context, status=form_status(form))
