"""Uploading files of grids and members: a dry run first, then the import; refused rows as a workbook."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.foundation.web import FieldSpec, web_user
from safegrid.grids.imports import grid_table, import_grids
from safegrid.grids.member_imports import MEMBER_TABLE, import_members
from safegrid.grids.web.common import DATUM, county_of
from safegrid.regions.import_page import DRY_RUN, MODE, import_page, table_page, template_file
from safegrid.regions.uploads import on_disk

GRID_FILE = FieldSpec("file", "文件", "file", required=True,
                      help="Excel、CSV（边界列为 WKT），或 GeoJSON、GeoPackage、压缩为 .zip 的 Shapefile")  # fmt: skip


@login_required
def grid_import(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    county = county_of(user, "import_grids")
    specs = [
        GRID_FILE, DATUM,
        FieldSpec("valid_from", "生效日期", "date", required=True, initial=clock.today),
        FieldSpec("source", "来源", max_length=200), MODE, DRY_RUN,
    ]  # fmt: skip

    def load(file: Any, **values: Any) -> Any:
        with on_disk(file) as path:
            done = import_grids(acting_user=user, county=county, path=path, name=file.name, **values)
        return done.report, done.warnings

    return import_page(
        request, specs, load, title="导入网格", back=reverse("grids:list"), template=reverse("grids:import_template")
    )  # fmt: skip


@login_required
def member_import(request: HttpRequest) -> HttpResponse:
    county = county_of(web_user(request), "import_members")
    return table_page(request, county, import_members, title="导入网格员", back=reverse("grids:members"),
                      template=reverse("grids:member_import_template"))  # fmt: skip


@login_required
def grid_template(request: HttpRequest) -> FileResponse:
    county_of(web_user(request), "import_grids")
    return template_file(grid_table(), "网格导入模板.xlsx")


@login_required
def member_template(request: HttpRequest) -> FileResponse:
    county_of(web_user(request), "import_members")
    return template_file(MEMBER_TABLE, "网格员导入模板.xlsx")
