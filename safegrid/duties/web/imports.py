"""Uploading duty rules: checked first, then imported; refused rows as a workbook."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse

from safegrid.duties import access
from safegrid.duties.imports import RULE_TABLE, import_rules
from safegrid.foundation.web import FieldSpec, web_user
from safegrid.foundation.web.pages import county_with, read
from safegrid.regions.import_job import template_file
from safegrid.regions.import_page import DRY_RUN, MODE, import_page
from safegrid.regions.uploads import on_disk, open_refused

FILE = FieldSpec("file", "文件", "file", required=True, help="Excel 或 CSV，表头见模板")


@login_required
def upload(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    county = county_with(user, access.VERBS["add_rule"])

    def load(file: Any, **values: Any) -> Any:
        with on_disk(file) as path:
            return import_rules(acting_user=user, county=county, path=path, **values), []

    return import_page(
        request, [FILE, MODE, DRY_RUN], load, title="导入责任规则", back=reverse("duties:rules"),
        template=reverse("duties:import_template"),
        refused_url=lambda key: reverse("duties:import_refused", args=[key]),
    )  # fmt: skip


@login_required
def refused(request: HttpRequest, key: UUID) -> FileResponse:
    """Hand the workbook of refused rows to whoever uploaded them, and to nobody else."""
    user = web_user(request)
    return FileResponse(read(user, lambda one, kept: open_refused(one.id, kept), key), as_attachment=True,
                        filename="问题清单.xlsx")  # fmt: skip


@login_required
def template(request: HttpRequest) -> FileResponse:
    county_with(web_user(request), access.VERBS["add_rule"])
    return template_file(RULE_TABLE, "责任规则导入模板.xlsx")
