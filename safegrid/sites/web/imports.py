"""Uploading tables: checked in the queue first, then confirmed; the refused rows come back as a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.foundation import clock
from safegrid.foundation.web import Column, FieldSpec, list_page, render_part, web_user
from safegrid.regions.datum import DATUM_CHOICES
from safegrid.regions.import_page import template_file
from safegrid.sites import access, selectors, services
from safegrid.sites.imports import SITE_TABLE
from safegrid.sites.web.common import county_of, form_page, read

RUNNING = frozenset({"waiting", "checking", "ordered", "applying"})
TONES = {"checked": "blue", "applied": "green", "failed": "red", "cancelled": "gray"}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@require_GET
def run_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    columns = [
        Column("文件", "name", link=lambda row: reverse("sites:import_run", args=[row.county, row.pk])),
        Column("用途", "get_kind_display"),
        Column("状态", "state_label", "badge", tone=lambda row: TONES.get(row.state, "yellow")),
        Column("已读行数", "rows_read", "number"),
        Column("结果", "message"),
        Column("上传时间", "started_at", "time"),
    ]
    kinds = {holding.kind for holding in user.holdings()}
    return list_page(
        request, selectors.runs(user), title="台账导入", columns=columns, order=("-started_at", "-id"),
        export_name="sites.imports", template="sites/imports.html", empty="还没有导入过文件",
        extra={
            "may_import": bool(kinds & access.VERBS["import_sites"]),
            "may_compare": bool(kinds & access.VERBS["compare_register"]),
        },
    )  # fmt: skip


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Upload a table of sites."""
    user = web_user(request)
    county = county_of(user, "import_sites")
    specs = [
        FieldSpec("file", "文件", "file", required=True, help="Excel 或 CSV，表头见模板；编码 UTF-8、GB18030 均可"),
        FieldSpec("datum", "坐标系", "choice", required=True, choices=DATUM_CHOICES, help="文件中经纬度的坐标系；系统不猜测坐标系"),
        FieldSpec("mode", "遇到有误的行", "choice", required=True, choices=list(services.MODES.items()), initial="all_or_nothing"),
    ]  # fmt: skip

    def act(**values: Any) -> Any:
        return services.start_import(acting_user=user, county=county, **values)

    return form_page(request, specs, act, title="导入监管对象", to=_address, back=reverse("sites:import_list"), submit="上传并检查",
                     done="已上传，正在检查", template="sites/upload.html")  # fmt: skip


@login_required
def compare(request: HttpRequest) -> HttpResponse:
    """Upload an extract of the market register."""
    user = web_user(request)
    county = county_of(user, "compare_register")
    specs = [
        FieldSpec(
            "file", "文件", "file", required=True, help="列：统一社会信用代码、名称、住所、登记状态，可有乡镇、村"
        ),
        FieldSpec("taken_on", "数据日期", "date", required=True, initial=clock.today),
        FieldSpec("is_complete", "这是全量数据（台账中有而其中没有的视为注销）", "flag"),
    ]

    def act(**values: Any) -> Any:
        return services.start_comparison(acting_user=user, county=county, **values)

    return form_page(request, specs, act, title="与市场主体登记比对", to=_address, back=reverse("sites:difference_list"),
                     submit="上传并比对", done="已上传，正在比对")  # fmt: skip


def _address(run: Any) -> str:
    return reverse("sites:import_run", args=[run.county, run.pk])


@login_required
@require_GET
def run(request: HttpRequest, county: int, run_id: UUID) -> HttpResponse:
    """One import: its progress while it runs (htmx asks again), then its report."""
    user = web_user(request)
    row = read(selectors.run_for, user, county, run_id)
    context = {
        "run": row,
        "report": row.report,
        "is_running": row.state in RUNNING,
        "tone": TONES.get(row.state, "yellow"),
        "is_own": row.started_by_id == user.id,
        "refused_url": reverse("sites:import_refused", args=[county, row.pk]) if row.refused_file else "",
    }
    if request.headers.get("HX-Request") == "true":
        return render_part(request, "sites/_run.html", context, title=row.name)
    return render(request, "sites/run.html", context)


@login_required
@require_GET
def refused(request: HttpRequest, county: int, run_id: UUID) -> FileResponse:
    """The refused rows with their problems, to be mended and uploaded again."""
    row = read(selectors.run_for, web_user(request), county, run_id)
    if not row.refused_file:
        raise Http404
    return FileResponse(default_storage.open(row.refused_file), as_attachment=True, content_type=WORKBOOK,
                        filename=f"{Path(row.name).stem}-待改.xlsx")  # fmt: skip


@login_required
def confirm(request: HttpRequest, county: int, run_id: UUID) -> HttpResponse:
    user = web_user(request)
    row = read(selectors.run_for, user, county, run_id)

    def act(version: int) -> Any:
        return services.confirm_import(acting_user=user, run=row, version=version)

    return form_page(request, [], act, title=f"确认导入：{row.name}", to=_address(row), back=_address(row), submit="导入",
                     done="已开始导入", version=row.version, extra={"words": row.message})  # fmt: skip


@login_required
def cancel(request: HttpRequest, county: int, run_id: UUID) -> HttpResponse:
    user = web_user(request)
    row = read(selectors.run_for, user, county, run_id)

    def act() -> Any:
        return services.cancel_import(acting_user=user, run=row)

    return form_page(request, [], act, title=f"放弃导入：{row.name}", to=_address(row), back=_address(row), submit="放弃",
                     done="已放弃", is_danger=True)  # fmt: skip


@login_required
@require_GET
def template(request: HttpRequest) -> FileResponse:
    """An empty workbook with the columns of a table of sites."""
    return template_file(SITE_TABLE, "监管对象导入模板.xlsx")
