"""Uploading hazard kinds with their limits: checked first, then imported."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse

from safegrid.foundation.web import web_user
from safegrid.foundation.web.pages import county_with
from safegrid.handbook import access
from safegrid.handbook.imports import KIND_TABLE, import_kinds
from safegrid.regions.import_page import table_page, template_file


@login_required
def upload(request: HttpRequest) -> HttpResponse:
    county = county_with(web_user(request), access.VERBS["add_kind"])
    return table_page(request, county, import_kinds, title="导入隐患类别", back=reverse("handbook:kinds"),
                      template=reverse("handbook:import_kinds_template"))  # fmt: skip


@login_required
def template(request: HttpRequest) -> FileResponse:
    county_with(web_user(request), access.VERBS["add_kind"])
    return template_file(KIND_TABLE, "隐患类别导入模板.xlsx")
