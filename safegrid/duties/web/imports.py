"""Uploading duty rules: checked first, then imported."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse

from safegrid.duties import access
from safegrid.duties.imports import RULE_TABLE, import_rules
from safegrid.foundation.web import web_user
from safegrid.foundation.web.pages import county_with
from safegrid.regions.import_page import table_page, template_file


@login_required
def upload(request: HttpRequest) -> HttpResponse:
    county = county_with(web_user(request), access.VERBS["add_rule"])
    return table_page(request, county, import_rules, title="导入责任规则", back=reverse("duties:rules"),
                      template=reverse("duties:import_template"))  # fmt: skip


@login_required
def template(request: HttpRequest) -> FileResponse:
    county_with(web_user(request), access.VERBS["add_rule"])
    return template_file(RULE_TABLE, "责任规则导入模板.xlsx")
