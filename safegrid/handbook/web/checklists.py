"""Checklists: the list, one version with its items, the table in which the next version is written, publishing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from safegrid.foundation.errors import InvalidInput, SafeGridError
from safegrid.foundation.web import ChoiceFilter, Column, TextFilter, go, list_page, web_user
from safegrid.foundation.web.pages import county_with, form_page, read, spanning
from safegrid.handbook import access, selectors, services
from safegrid.sites.selectors import SITE_TYPES

STATE_TONES = {"draft": "yellow", "published": "green", "retired": "gray"}
SPARE_LINES = 3
MOST_LINES = 200


def _url(row: Any) -> str:
    return reverse("handbook:checklist", args=[row.county, row.pk])


def _type_of(row: Any) -> str:
    return str(dict(SITE_TYPES).get(row.site_type, row.site_type))


@login_required
def checklist_list(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    columns = [
        Column("名称", "name", link=_url, sort="name"),
        Column("编码", "code", sort="code"),
        Column("版本", "number", "number"),
        Column("适用对象", _type_of),
        Column("行业前缀", "industry_prefix"),
        Column("状态", "get_state_display", "badge", tone=lambda row: STATE_TONES[row.state]),
        Column("发布时间", "published_at", "time", sort="published_at"),
    ]
    filters = [
        TextFilter("words", "名称或编码", columns=("name", "code__istartswith")),
        ChoiceFilter("site_type", "适用对象", choices=SITE_TYPES),
        ChoiceFilter("state", "状态", choices=selectors.CHECKLIST_STATES),
    ]
    may_draft = any(holding.kind in access.VERBS["draft_checklist"] for holding in user.holdings())
    with spanning(user):
        return list_page(
            request, selectors.checklists(user), title="检查表", columns=columns, order=("county", "code", "-number"),
            filters=filters, export_name="handbook.checklists", template="handbook/checklists.html",
            extra={"may_draft": may_draft},
        )  # fmt: skip


@login_required
def checklist(request: HttpRequest, county: int, checklist_id: UUID) -> HttpResponse:
    user = web_user(request)
    row = read(user, selectors.checklist_for_user, county, checklist_id)
    names = selectors.kind_names(county)
    facts = [
        ("编码", row.code),
        ("版本", f"第 {row.number} 版"),
        ("适用对象", _type_of(row)),
        ("行业前缀", row.industry_prefix or "全部"),
        ("状态", row.get_state_display()),
    ]
    context = {
        "checklist": row,
        "facts": facts,
        "items": [(item, names.get(item.hazard_kind, "")) for item in selectors.items_of(row)],
        "versions": read(user, selectors.versions_of, row),
        "may_draft": access.can(user, "draft_checklist", county),
        "may_publish": row.state == "draft" and access.can(user, "publish_checklist", county),
    }
    return render(request, "handbook/checklist.html", context)


@login_required
def publish(request: HttpRequest, county: int, checklist_id: UUID) -> HttpResponse:
    user = web_user(request)
    row = read(user, selectors.checklist_for_user, county, checklist_id)

    def act() -> Any:
        return services.publish_checklist(acting_user=user, checklist=row)

    words = f"发布《{row.name}》第 {row.number} 版后，原来的版本停用；已完成的巡查仍保留当时的版本。"
    return form_page(
        request, [], act, title="发布检查表", to=_url(row), back=_url(row), submit="发布", done="已发布", words=words
    )


@dataclass(frozen=True)
class Line:
    """One row of the table as typed."""

    code: str = ""
    text: str = ""
    hazard_kind: str = ""
    answer: str = "yes_no"
    mandatory: str = "yes"
    how_to_judge: str = ""
    what_to_do: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.code.strip() or self.text.strip())

    def as_item(self) -> dict[str, Any]:
        return {**{name: value.strip() for name, value in vars(self).items()}, "mandatory": self.mandatory == "yes"}


HEAD = ("code", "name", "site_type", "industry_prefix")


@login_required
def draft_new(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    county = county_with(user, access.VERBS["draft_checklist"])
    return _draft(request, county, dict.fromkeys(HEAD, ""), [], {}, back=reverse("handbook:checklists"), is_new=True)


@login_required
def draft_next(request: HttpRequest, county: int, checklist_id: UUID) -> HttpResponse:
    """Write the next version, beginning with the words of this one."""
    row = read(web_user(request), selectors.checklist_for_user, county, checklist_id)
    items = selectors.items_of(row)
    lines = [
        Line(
            i.code,
            i.text,
            i.hazard_kind,
            i.answer_kind,
            "yes" if i.is_mandatory else "no",
            i.how_to_judge,
            i.what_to_do,
        )
        for i in items
    ]
    bases = {item.code: item.legal_basis for item in items}
    return _draft(request, county, {name: getattr(row, name) for name in HEAD}, lines, bases, back=_url(row))


def _typed(request: HttpRequest) -> list[Line]:
    columns = [request.POST.getlist(f"item_{name}")[:MOST_LINES] for name in Line.__dataclass_fields__]
    return [Line(*(value or "" for value in row)) for row in zip_longest(*columns, fillvalue="")]


def _draft(request: HttpRequest, county: int, head: dict[str, str], lines: list[Line], bases: dict[str, Any], *,
           back: str, is_new: bool = False) -> HttpResponse:  # fmt: skip
    """Show the table, write the draft, or show the table again with more lines or with what was wrong."""
    user, problems, status = web_user(request), {}, 200
    if request.method == "POST":
        fixed = {} if is_new else {"code": head["code"]}
        head = {**{name: request.POST.get(name, "").strip() for name in HEAD}, **fixed}
        lines = _typed(request)
        if "more" not in request.POST:
            items = [line.as_item() for line in lines if not line.is_empty]
            for item in items:  # the legal basis is not in the table: it stays with the item's code
                item["legal_basis"] = bases.get(item["code"])
            try:
                made = services.draft_checklist(acting_user=user, county=county, items=items, **head)
            except InvalidInput as error:
                problems, status = error.fields, error.status
            except SafeGridError as error:
                problems, status = {"": error.message}, error.status
            else:
                messages.success(request, f"已起草第 {made.number} 版，发布后生效")
                return go(request, _url(made))
    context = {
        "title": "新增检查表" if is_new else f"起草新版：{head['name']}",
        "head": head,
        "is_new": is_new,
        "lines": [*lines, *[Line()] * SPARE_LINES],
        "problems": list(problems.values()),
        "site_types": SITE_TYPES,
        "answer_kinds": selectors.ANSWER_KINDS,
        "kinds": selectors.kind_choices(county),
        "back": back,
    }
    return render(request, "handbook/draft.html", context, status=status)
