"""Uploading files of grids and members: a dry run first, then the import; refused rows as a workbook."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.foundation.tabular import Table, template_workbook
from safegrid.foundation.web import FieldSpec, web_user
from safegrid.grids.imports import grid_table, import_grids
from safegrid.grids.member_imports import MEMBER_TABLE, import_members
from safegrid.grids.web.common import DATUM, county_of, read
from safegrid.regions.import_page import DRY_RUN, MODE, import_page
from safegrid.regions.uploads import on_disk, open_refused

GRID_FILE = FieldSpec("file", "文件", "file", required=True,
                      help="Excel、CSV（边界列为 WKT），或 GeoJSON、GeoPackage、压缩为 .zip 的 Shapefile")  # fmt: skip
MEMBER_FILE = FieldSpec("file", "文件", "file", required=True, help="Excel 或 CSV，表头见模板")


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
        request, specs, load, title="导入网格", back=reverse("grids:list"), refused_url=_refused_url,
        template=reverse("grids:import_template"),
    )  # fmt: skip


@login_required
def member_import(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    county = county_of(user, "import_members")

    def load(file: Any, **values: Any) -> Any:
        with on_disk(file) as path:
            return import_members(acting_user=user, county=county, path=path, **values), []

    return import_page(request, [MEMBER_FILE, MODE, DRY_RUN], load, title="导入网格员", back=reverse("grids:members"),
                       template=reverse("grids:member_import_template"), refused_url=_refused_url)  # fmt: skip


def _refused_url(key: UUID) -> str:
    return reverse("grids:import_refused", args=[key])


@login_required
def refused(request: HttpRequest, key: UUID) -> FileResponse:
    """Hand the workbook of refused rows to whoever uploaded them, and to nobody else."""
    return FileResponse(read(open_refused, web_user(request).id, key), as_attachment=True, filename="问题清单.xlsx")


@login_required
def grid_template(request: HttpRequest) -> FileResponse:
    county_of(web_user(request), "import_grids")
    return _template(grid_table(), "网格导入模板.xlsx")


@login_required
def member_template(request: HttpRequest) -> FileResponse:
    county_of(web_user(request), "import_members")
    return _template(MEMBER_TABLE, "网格员导入模板.xlsx")


def _template(table: Table, name: str) -> FileResponse:
    with tempfile.TemporaryDirectory(prefix="safegrid-template-") as folder:
        path = Path(folder) / "template.xlsx"
        template_workbook(table, path)
        file = path.open("rb")  # the open file outlives its name
    return FileResponse(file, as_attachment=True, filename=name)
