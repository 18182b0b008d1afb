"""The pages: sheets with their charts, one of them as a workbook, and the big screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from safegrid.foundation.web import web_user
from safegrid.statistics import selectors
from safegrid.statistics.sheets import Column, Line, Sheet
from safegrid.statistics.sheets.shape import Value
from safegrid.statistics.web.export import workbook
from safegrid.statistics.web.question import Question, question

FEW = 12  # lines of a table that stands open beside its chart
MOST = 100  # lines on a page; the workbook and the API have them all
SITES = ("sites", "sites_direct", "sites_without_grid", "sites_without_member", "sites_without_department",
         "sites_not_visited", "red", "orange", "yellow", "blue")  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One page: its tab, its address, its sheets. ``wide``: sheets that take the whole width."""

    label: str
    path: str
    sheets: tuple[str, ...]
    wide: frozenset[str] = frozenset()
    is_tab: bool = True


PAGES = {
    "overview": Page("总览", "statistics/", ("headline", "trend", "indices", "pressing", "closing"),
                     frozenset({"trend", "indices"})),
    "coverage": Page("覆盖", "statistics/coverage/", ("uncovered", "risk", "coverage", "risk_by_place"),
                     frozenset({"coverage", "risk_by_place"})),
    "hazards": Page("隐患", "statistics/hazards/", ("kinds", "severities", "channels", "heat"), frozenset({"kinds", "heat"})),
    "compare": Page("比较", "statistics/compare/", ("comparison", "departments"), frozenset({"comparison", "departments"})),
    "members": Page("网格员", "statistics/members/", ("members",), frozenset({"members"})),
    "villages": Page("无网格的村", "statistics/coverage/villages/", ("villages",), frozenset({"villages"}), is_tab=False),
}  # fmt: skip
SCREEN = ("headline", "trend", "kinds", "pressing", "uncovered", "risk", "comparison")


@login_required
@require_GET
def page(request: HttpRequest, name: str) -> HttpResponse:
    """One page of figures; with ``?export=<sheet>`` that sheet as a workbook."""
    chosen, asked = PAGES[name], question(request, web_user(request))
    wanted = request.GET.get("export", "")
    if wanted in chosen.sheets:
        return workbook(web_user(request), asked.asked, selectors.sheets(asked.asked, wanted)[wanted])
    sheets = selectors.sheets(asked.asked, *chosen.sheets)
    context = {
        **_frame(asked, name),
        "tiles": _tiles(sheets.pop("headline"), asked) if "headline" in sheets else [],
        "sheets": [_shown(sheet, asked, is_wide=one in chosen.wide) for one, sheet in sheets.items()],
    }
    return render(request, "statistics/page.html", context)


@login_required
@require_GET
def screen(request: HttpRequest) -> HttpResponse:
    """The big screen: everything at a glance, made anew every minute."""
    asked = question(request, web_user(request))
    sheets = selectors.sheets(asked.asked, *SCREEN)
    tiles = _tiles(sheets.pop("headline"), asked)
    shown = {name: _shown(sheet, asked) for name, sheet in sheets.items()}
    context = {**_frame(asked, "screen"), "tiles": tiles, "sheets": shown, "back": asked.url(reverse("statistics:overview")),
               "refresh": asked.url(request.path)}  # fmt: skip
    return render(request, "statistics/screen.html", context)


def _frame(asked: Question, name: str) -> dict[str, Any]:
    tabs = [
        (one.label, asked.url(reverse(f"statistics:{key}")), key == name) for key, one in PAGES.items() if one.is_tab
    ]
    return {
        "question": asked,
        "place_name": asked.asked.place_name,
        "period": asked.asked.period,
        "as_of": selectors.as_of(asked.asked),
        "tabs": tabs,
        "page": PAGES.get(name),
        "screen_url": asked.url(reverse("statistics:screen")),
    }


def _tiles(sheet: Sheet, asked: Question) -> list[dict[str, Any]]:
    """Return the headline figures: number, how it compares, and the list behind it."""
    changes = [column for column in sheet.columns if column.key.endswith("_change")]
    return [
        {
            "label": line.label,
            "words": line.words,
            "number": said(line.values["now"], "number"),
            "changes": [  # beside an arrow that says up or down
                        (column.label, line.values[column.key], said(_size(line.values[column.key]), "percent"))
                        for column in changes],
            "url": _drill(asked, line.key, line) if line.key != "close_days" and line.values["now"] else "",
        }
        for line in sheet.lines
    ]  # fmt: skip


def _shown(sheet: Sheet, asked: Question, *, is_wide: bool = False) -> dict[str, Any]:
    """Return a sheet as the template prints it."""
    lines = [
        {"label": line.label, "words": line.words, "url": _line_url(sheet, asked, line),
         "cells": [_cell(column, asked, line) for column in sheet.columns]}
        for line in sheet.lines[:MOST]
    ]  # fmt: skip
    return {
        "sheet": sheet,
        "lines": lines,
        "left_out": len(sheet.lines) - len(lines),
        "drawing": sheet.drawing(),
        "is_wide": is_wide,
        "is_open": sheet.chart is None or sheet.parts_are_places or len(lines) <= FEW,
        "export_url": asked.url(export=sheet.name),
    }


def _cell(column: Column, asked: Question, line: Line) -> dict[str, Any]:
    value, drill = line.values.get(column.key), line.drills.get(column.key) or column.drill
    return {
        "column": column,
        "text": said(value, column.kind),
        "url": _drill(asked, drill, line) if drill and value else "",
    }


def _size(change: Value) -> Value:
    return abs(change) if isinstance(change, int | float) else change


def said(value: Value, kind: str) -> str:
    """Return a figure in words: 93.1%, 1,234, 4.9; "—" for none."""
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    if kind == "percent":
        return f"{value * 100:.1f}%"
    return f"{value:,}"


def _line_url(sheet: Sheet, asked: Question, line: Line) -> str:
    """Return where a line leads: a part of the place to the same page about it."""
    if sheet.parts_are_places and line.place and line.place != asked.asked.place:
        return asked.url(place=line.place)
    if line.by == "timing" and line.values.get("count"):
        return _pressing(asked, line.group)
    return ""


def _pressing(asked: Question, timing: str) -> str:
    county = asked.asked.county
    if county is None:
        return f"{reverse('cases:list')}?timing={timing}&place={asked.asked.place}"
    return f"{reverse('cases:county', args=[county])}?timing={timing}&place={asked.asked.place}"


def _drill(asked: Question, drill: str, line: Line) -> str:
    """Return the list of what a number counts; above counties, where the list would span them, the page of the part."""
    drill = line.group if drill == "gap" else drill
    place = line.place or asked.asked.place
    if drill in ("grids_without_member", "grids_lacking_officers"):
        name = {"grids_without_member": "without_member", "grids_lacking_officers": "lacking_officers"}[drill]
        return f"{reverse('grids:list')}?{name}=yes&place={place}"
    if len(place) < 6:
        return asked.url(place=place) if place != asked.asked.place else ""
    if drill == "villages_uncovered":
        return asked.url(reverse("statistics:villages"), place=place)
    if drill in SITES:
        return asked.url(reverse("statistics:sites", args=[drill]), place=place)
    group = {"by": line.by, "key": line.group} if line.by and line.by not in ("gap", "timing") else {}
    return asked.url(reverse("statistics:cases", args=[drill]), place=place, **group)
