"""The working calendar: a year at a glance, single days, working hours, a published year from Excel."""

from __future__ import annotations

import calendar as months
import re
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.foundation import calendar, clock
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import (
    CREATED,
    Column,
    ImportReport,
    ImportStopped,
    Outcome,
    ParsedRow,
    Table,
    parsers,
    read_rows,
    run_import,
)
from safegrid.foundation.web import FieldSpec, web_user
from safegrid.foundation.web.pages import county_read, form_page
from safegrid.regions.import_page import DRY_RUN, import_page, template_file
from safegrid.regions.uploads import on_disk

READERS = frozenset({
    "system_admin", "leader", "lead_officer", "lead_chief", "town_officer", "department_officer", "auditor", "upper_level",
})  # fmt: skip
HOURS = re.compile(r"(\d{1,2}:\d{2})\s*[-–—~]\s*(\d{1,2}:\d{2})")
YEAR_TABLE = Table(
    [
        Column("day", ("日期",), parsers.day(), required=True),
        Column("is_workday", ("上班", "是否上班"), parsers.boolean(), required=True, help="调休上班填“是”，放假填“否”"),
        Column("words", ("说明",), parsers.text(max_length=60), help="如：春节、国庆节调休"),
    ],
    unique=("day",),
)


def _reader(request: HttpRequest) -> tuple[Actor, int]:
    user = web_user(request)
    if not any(holding.kind in READERS for holding in user.holdings()):
        raise Http404
    return user, county_read(request, list)


def _keeper(request: HttpRequest, county: int) -> tuple[Actor, str]:
    user = web_user(request)
    if not calendar.may_edit(user, county):
        raise Http404
    return user, f"{reverse('county:calendar')}?county={county}"


@login_required
@require_GET
def year(request: HttpRequest) -> HttpResponse:
    """One year (``?year=``): every day as it is worked, the days unlike their weekday, the working hours."""
    user, county = _reader(request)
    written = request.GET.get("year", "")
    chosen = int(written) if re.fullmatch(r"20\d\d|2100", written) else clock.today().year
    known, sources = calendar.work_calendar(county), dict(calendar.years(county))
    special = calendar.special_days(county, chosen)
    unlike = {day: is_workday for day, is_workday, _ in special}
    context = {
        "county": county,
        "year": chosen,
        "years": sorted({*sources, chosen, clock.today().year}),
        "source": sources.get(chosen, ""),
        "hours": "，".join(f"{begins:%H:%M}–{ends:%H:%M}" for begins, ends in known.schedule.sessions),
        "months": [(number, _weeks(chosen, number, unlike)) for number in range(1, 13)],
        "special": special,
        "today": clock.today(),
        "may_edit": calendar.may_edit(user, county),
        "tab": "calendar",
    }
    return render(request, "console/county/calendar.html", context)


def _weeks(chosen: int, month: int, unlike: dict[date, bool]) -> list[list[tuple[date, str] | None]]:
    """Return the weeks of a month, Monday first: (day, tone) or None outside the month."""
    weeks = months.Calendar().monthdatescalendar(chosen, month)
    return [[(day, _tone(day, unlike)) if day.month == month else None for day in week] for week in weeks]


def _tone(day: date, unlike: dict[date, bool]) -> str:
    if day in unlike:
        return "work" if unlike[day] else "holiday"
    return "" if day.weekday() < 5 else "rest"


@login_required
def set_day(request: HttpRequest, county: int) -> HttpResponse:
    """Say of one day whether it is worked."""
    user, back = _keeper(request, county)
    specs = [
        FieldSpec("day", "日期", "date", required=True, initial=clock.today),
        FieldSpec(
            "is_workday", "是否上班", "choice", required=True, choices=[("no", "放假"), ("yes", "上班")], initial="no"
        ),
        FieldSpec("words", "说明", max_length=60, help="如：台风停工"),
    ]

    def act(day: date, is_workday: str, words: str) -> None:
        calendar.set_day(acting_user=user, county=county, day=day, is_workday=is_workday == "yes", words=words)

    words = "改动后，以工作日和工作小时计的未结案件时限会随之重新计算。"
    return form_page(request, specs, act, title="调整工作日", to=back, back=back, words=words)


@login_required
def set_hours(request: HttpRequest, county: int) -> HttpResponse:
    """Set the daily working hours."""
    user, back = _keeper(request, county)
    sessions = calendar.work_calendar(county).schedule.sessions
    present = "，".join(f"{begins:%H:%M}-{ends:%H:%M}" for begins, ends in sessions)
    specs = [FieldSpec("sessions", "每天的上班时段", required=True, max_length=100, initial=present,
                       help="如 08:30-12:00，14:00-17:30")]  # fmt: skip

    def act(sessions: str) -> None:
        found = HOURS.findall(sessions)
        if not found or HOURS.sub("", sessions).strip(" ,，、;；"):
            raise InvalidInput({"sessions": "应写作“08:30-12:00，14:00-17:30”"})
        calendar.set_working_hours(acting_user=user, county=county,
                                   sessions=[[_padded(begins), _padded(ends)] for begins, ends in found])  # fmt: skip

    return form_page(request, specs, act, title="修改上班时间", to=back, back=back)


def _padded(moment: str) -> str:
    return moment.rjust(5, "0")


@login_required
def load(request: HttpRequest, county: int) -> HttpResponse:
    """Load the arrangement of a year that has been published since."""
    user, back = _keeper(request, county)
    specs = [
        FieldSpec("file", "文件", "file", required=True, help="Excel 或 CSV：与平日不同的每一天一行，表头见模板"),
        FieldSpec("year", "年份", "integer", required=True, initial=clock.today().year + 1, least=2000, most=2100),
        FieldSpec("source", "依据", required=True, max_length=200, help="如：国务院办公厅关于某年部分节假日安排的通知"),
        DRY_RUN,
    ]

    def act(file: Any, year: int, source: str, dry_run: bool) -> tuple[ImportReport, list[str]]:
        with on_disk(file) as path:
            return _load(user, county, path, year, source, dry_run=dry_run), []

    return import_page(
        request, specs, act, title="导入年度工作日安排", back=back, template=reverse("county:year_template")
    )


def _load(user: Actor, county: int, path: Path, chosen: int, source: str, *, dry_run: bool) -> ImportReport:
    days: dict[date, bool] = {}
    words: dict[date, str] = {}

    def apply(rows: list[ParsedRow]) -> list[Outcome]:
        for row in rows:
            days[row.values["day"]] = row.values["is_workday"]
            words[row.values["day"]] = row.values["words"] or ""
        return [CREATED for _ in rows]

    try:
        with transaction.atomic():
            report = run_import(YEAR_TABLE, read_rows(path), apply=apply, dry_run=dry_run)
            calendar.load_year(acting_user=user, county=county, year=chosen, days=days, source=source, words=words)
            return report
    except ImportStopped as stop:
        return stop.report


@login_required
@require_GET
def template(request: HttpRequest) -> FileResponse:
    return template_file(YEAR_TABLE, "工作日安排导入模板.xlsx")
