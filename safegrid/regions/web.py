"""The pages of a county's divisions: the tree with its shapes, the map, drawing and importing them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse

from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, NavItem, VerbForm, export_rows, form_status, handle, web_user
from safegrid.regions import access, selectors, services
from safegrid.regions.datum import DATUM_CHOICES
from safegrid.regions.import_page import DRY_RUN, MODE, import_page
from safegrid.regions.imports import import_shapes
from safegrid.regions.map import collection
from safegrid.regions.uploads import on_disk, open_refused

NAV = [
    NavItem("行政区划", "regions:home", icon="map",
            roles=frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "system_admin", "upper_level", "auditor"})),
]  # fmt: skip
IMPORT = [
    FieldSpec(
        "file", "边界文件", "file", required=True, help="GeoJSON、GeoPackage 或压缩为 .zip 的 Shapefile，经纬度坐标"
    ),
    FieldSpec("datum", "坐标系", "choice", required=True, choices=DATUM_CHOICES, initial="cgcs2000"),
    FieldSpec("code_field", "区划代码所在字段", max_length=60, help="字段名不是“区划代码”“XZQDM”等常见名称时填写"),
    FieldSpec("name_field", "名称所在字段", max_length=60),
    FieldSpec("source", "来源", max_length=200),
    MODE,
    DRY_RUN,
]


def _own_county(user: Actor) -> int:
    for holding in user.holdings():
        if holding.county:
            return holding.county
    raise Http404("您的角色不在某个县内，请从下级区划进入")


def _seen(request: HttpRequest, county: int) -> Actor:
    user = web_user(request)
    if not access.may_see(user, county):
        raise Http404
    return user


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show one's own county; above counties, the provinces, cities and counties below one's place."""
    user = web_user(request)
    if not user.holdings():
        raise Http404
    if any(holding.county for holding in user.holdings()):
        return _place(request, str(_own_county(user)))
    return _place(request, user.holdings()[0].place)


@login_required
def place(request: HttpRequest, code: str) -> HttpResponse:
    return _place(request, code)


def _place(request: HttpRequest, code: str) -> HttpResponse:
    user, county = web_user(request), int(code[:6]) if len(code) >= 6 else 0
    if county:
        _seen(request, county)
    try:
        row = selectors.region(code) if code else None
    except NotVisible as error:
        raise Http404(error.message) from error
    below = selectors.children(code)
    known = selectors.shape_standing(county, [one.code for one in below]) if county else {}
    if below and request.GET.get("export") == "xlsx":
        return _workbook(user, county, code, below, known)
    context: dict[str, Any] = {
        "region": row,
        "title": selectors.full_name(code) if code else "全国",
        "above": [(one, selectors.name_of(one)) for one in selectors.parents(code)] if code else [],
        "below": [(one, known.get(one.code, "")) for one in below],
        "changes": selectors.changes_of(code) if code else [],
        "county": county,
        "export_url": "?export=xlsx" if below else "",
        "map_url": reverse("regions:map", args=[code]) if county else "",
        "may_keep": bool(county) and access.can(user, "set_shape", county),
    }
    return render(request, "regions/region.html", context)


def _workbook(user: Actor, county: int, code: str, below: list[Any], known: dict[str, str]) -> HttpResponse:
    """Return the places right below one as a marked and traced workbook."""
    labels = ["代码", "名称", "统计单元", *(["边界"] if county else [])]
    rows = [
        [one.code, one.name, one.is_statistical_unit, *([known.get(one.code, "")] if county else [])] for one in below
    ]
    title = f"行政区划-{selectors.full_name(code) if code else '全国'}"
    return export_rows(user, name="regions.regions", title=title, labels=labels, rows=rows, filters={"parent": code},
                       county=county or None)  # fmt: skip


@login_required
def region_map(request: HttpRequest, code: str) -> JsonResponse:
    """Answer the shapes right below a county or a town, or a village's own."""
    if len(code) not in (6, 9, 12):
        raise Http404
    county = int(code[:6])
    _seen(request, county)
    level = selectors.Level.TOWN if len(code) == 6 else selectors.Level.VILLAGE
    return JsonResponse(collection(county, level, code))


@login_required
def load(request: HttpRequest, county: int) -> HttpResponse:
    user = _seen(request, county)
    if not access.can(user, "set_shape", county):
        raise Http404

    def act(file: Any, source: str, **values: Any) -> Any:
        with on_disk(file) as where:
            report = import_shapes(acting_user=user, county=county, path=where, source=source or file.name, **values)
        return report, []

    return import_page(
        request, IMPORT, act, title="导入村（社区）和乡镇边界", back=reverse("regions:place", args=[county])
    )


@login_required
def refused(request: HttpRequest, key: UUID) -> FileResponse:
    """Hand the workbook of what was refused of any upload to whoever uploaded it, and to nobody else."""
    try:
        file = open_refused(web_user(request).id, key)
    except NotVisible as error:
        raise Http404(error.message) from error
    return FileResponse(file, as_attachment=True, filename="问题清单.xlsx")


@login_required
def draw_cells(request: HttpRequest, county: int) -> HttpResponse:
    user, back = _seen(request, county), reverse("regions:place", args=[county])
    if not access.can(user, "draw_cells", county):
        raise Http404
    form = VerbForm([], request.POST if request.method == "POST" else None, submit="生成近似边界")
    response = handle(request, form, lambda: services.draw_cells(acting_user=user, county=county), to=back,
                      done="已按村点生成近似边界")  # fmt: skip
    if response is not None:
        return response
    words = "按村（社区）坐标点划出泰森多边形，标注为近似边界；已有真实边界时不能使用。"
    context = {"title": "生成近似边界", "form": form, "back": back, "words": words}
    return render(request, "console/form.html", context, status=form_status(form))


app_name = "regions"
urlpatterns = [
    path("regions/", home, name="home"),
    path("regions/import/<uuid:key>/refused.xlsx", refused, name="refused"),
    path("regions/<int:county>/import/", load, name="import"),
    path("regions/<int:county>/draw-cells/", draw_cells, name="draw_cells"),
    path("regions/<str:code>/map.json", region_map, name="map"),
    path("regions/<str:code>/", place, name="place"),
]
