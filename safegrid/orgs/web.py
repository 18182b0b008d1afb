"""The pages of a county's bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from safegrid.foundation import clock
from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    FieldSpec,
    NavItem,
    TextFilter,
    VerbForm,
    form_status,
    handle,
    list_page,
    web_user,
)
from safegrid.orgs import access, officer_pages, selectors, services
from safegrid.regions import selectors as regions

COUNTY = FieldSpec("county", "县级行政区划代码（6 位）", "integer", required=True, least=100000, most=999999)
PHONE = FieldSpec("duty_phone", "值班电话", max_length=40)
NAME = FieldSpec("name", "名称", required=True, max_length=100)
REASON = FieldSpec("reason", "原因", required=True, max_length=200)
DEPARTMENT = [
    NAME,
    FieldSpec("level", "层级", "choice", required=True, choices=selectors.levels, initial="county"),
    FieldSpec("role", "角色", "choice", required=True, choices=selectors.roles, initial="cooperating"),
    FieldSpec("town", "乡镇代码（9 位）", max_length=9, help="仅乡镇部门填写"),
    PHONE,
]
OFFICER = [
    FieldSpec("name", "姓名", required=True, max_length=60),
    FieldSpec("title", "职务", max_length=60),
    FieldSpec("phone", "电话", max_length=40),
    FieldSpec("valid_from", "开始日期", "date", required=True, initial=clock.today),
    FieldSpec("valid_to", "结束日期", "date", help="留空为长期"),
]
NAV = [
    NavItem("部门机构", "orgs:departments", icon="building",
            roles=frozenset({"system_admin", "leader", "lead_officer", "lead_chief", "town_officer", "department_officer",
                             "hotline_officer", "upper_level", "auditor"})),
]  # fmt: skip


@contextmanager
def _scope(user: Actor) -> Iterator[None]:
    """Allow a list to span counties for those who work above them."""
    if any(holding.county is None for holding in user.holdings()):
        with cross_county("whoever works above counties lists the bodies of all of them"):
            yield
    else:
        yield


def _place_names(field: str) -> Callable[[list[Any]], None]:
    def prepare(rows: list[Any]) -> None:
        names = regions.names_of({getattr(row, field) for row in rows if getattr(row, field)})
        for row in rows:
            row.place_name = names.get(getattr(row, field), getattr(row, field))

    return prepare


@login_required
def departments(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    columns = [
        Column("名称", "name", link=lambda row: reverse("orgs:department", args=[row.county, row.pk]), sort="name"),
        Column("代码", "code", sort="code"),
        Column("层级", "get_level_display"),
        Column("角色", "get_role_display", "badge", tone=lambda row: "blue" if row.role == "lead" else "gray"),
        Column("乡镇", lambda row: row.place_name),
        Column("值班电话", "duty_phone"),
        Column("状态", lambda row: "在用" if row.is_active else "已关闭", "badge",
               tone=lambda row: "green" if row.is_active else "gray"),
    ]  # fmt: skip
    filters = [
        TextFilter("words", "名称或代码", columns=("name", "code")),
        ChoiceFilter("role", "角色", choices=selectors.roles),
        ChoiceFilter("level", "层级", choices=selectors.levels),
        BooleanFilter("active", "在用", column="is_active"),
    ]
    with _scope(user):
        return list_page(
            request, access.visible(user), title="部门机构", columns=columns, order=("county", "code"), filters=filters,
            export_name="orgs.departments", prepare=_place_names("town"), template="orgs/departments.html",
            extra={"may_open": _opens(user, "open_department"), "may_import": officer_pages.may_import(user)},
        )  # fmt: skip


def _bodies(request: HttpRequest, queryset: Any, kind: str, title: str, code: str) -> HttpResponse:
    user = web_user(request)
    columns = [
        Column("名称", "name", link=lambda row: reverse(f"orgs:change_{kind}", args=[row.county, row.pk])
               if access.can(user, f"change_{kind}", row) else ""),
        Column("行政区划", lambda row: row.place_name),
        Column("代码", code, sort=code),
        Column("值班电话", "duty_phone"),
    ]  # fmt: skip
    with _scope(user):
        return list_page(
            request, queryset, title=title, columns=columns, order=(code, "id"), prepare=_place_names(code),
            filters=[TextFilter("words", "名称或代码", columns=("name", f"{code}__startswith"))],
            export_name=f"orgs.{kind}s", template=f"orgs/{kind}s.html",
            extra={"may_open": _opens(user, f"open_{kind}")},
        )  # fmt: skip


@login_required
def stations(request: HttpRequest) -> HttpResponse:
    return _bodies(request, access.visible_stations(web_user(request)), "station", "乡镇安监站", "town")


@login_required
def committees(request: HttpRequest) -> HttpResponse:
    return _bodies(request, access.visible_committees(web_user(request)), "committee", "村（居）委会", "village")


def _opens(user: Actor, verb: str) -> bool:
    return any(holding.kind in access.VERBS[verb] for holding in user.holdings())


@login_required
def department(request: HttpRequest, county: int, department_id: UUID) -> HttpResponse:
    user = web_user(request)
    row = _read(selectors.department_for, user, county, department_id)
    officers = [
        (officer, mask_phone(officer.phone), access.can(user, "end_officer", officer))
        for officer in selectors.officers_of(county, row.pk)
    ]
    names = regions.names_of({row.town} if row.town else set())
    facts = [
        ("代码", row.code),
        ("层级", row.get_level_display()),
        ("角色", row.get_role_display()),
        ("乡镇", names.get(row.town, row.town)),
        ("值班电话", row.duty_phone),
        ("状态", "在用" if row.is_active else "已关闭"),
    ]
    context = {
        "department": row,
        "facts": facts,
        "officers": officers,
        "may_unmask": any(access.can(user, "unmask_officer", officer) for officer, _, _ in officers),
        "may": {
            verb: access.can(user, verb, row) for verb in access.VERBS if verb.endswith(("_department", "name_officer"))
        },
    }
    return render(request, "orgs/department.html", context)


def _read(read: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return read(*arguments)
    except NotVisible as error:
        raise Http404(error.message) from error


def _form(
    request: HttpRequest, specs: list[FieldSpec], action: Callable[..., Any], *, title: str, to: Any, back: str,
    initial: Any = None, submit: str = "保存", is_danger: bool = False,
) -> HttpResponse:  # fmt: skip
    data = request.POST if request.method == "POST" else None
    form = VerbForm(specs, data, initial=initial, submit=submit, is_danger=is_danger)
    response = handle(request, form, action, to=to)
    if response is not None:
        return response
    return render(request, "console/form.html", {"title": title, "form": form, "back": back}, status=form_status(form))


def _own_county(user: Actor) -> dict[str, Any]:
    counties = {holding.county for holding in user.holdings() if holding.county}
    return {"county": counties.pop()} if len(counties) == 1 else {}


def _known(code: str, field: str) -> None:
    if code:
        try:
            regions.region(code)
        except NotVisible as error:
            raise InvalidInput({field: error.message}) from error


@login_required
def open_department(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    if not _opens(user, "open_department"):
        raise Http404

    def act(**values: Any) -> Any:
        _known(values["town"], "town")
        return services.open_department(acting_user=user, **values)

    specs = [COUNTY, FieldSpec("code", "部门代码", required=True, max_length=30), *DEPARTMENT]
    return _form(request, specs, act, title="新增部门", initial=_own_county(user), back=reverse("orgs:departments"),
                 to=lambda made: reverse("orgs:department", args=[made.county, made.pk]))  # fmt: skip


@login_required
def open_body(request: HttpRequest, kind: str) -> HttpResponse:
    """Open a station or a committee."""
    user = web_user(request)
    if not _opens(user, f"open_{kind}"):
        raise Http404
    label, code, digits = ("安监站", "town", 9) if kind == "station" else ("村（居）委会", "village", 12)
    verb = services.open_station if kind == "station" else services.open_committee

    def act(**values: Any) -> Any:
        _known(values[code], code)
        return verb(acting_user=user, county=int(values[code][:6]), **values)

    place = FieldSpec(code, f"行政区划代码（{digits} 位）", "region", required=True)
    back = reverse(f"orgs:{kind}s")
    return _form(request, [place, NAME, PHONE], act, title=f"新增{label}", to=back, back=back)


@login_required
def change_department(request: HttpRequest, county: int, department_id: UUID) -> HttpResponse:
    row = _read(selectors.department_for, web_user(request), county, department_id)

    def act(**values: Any) -> Any:
        _known(values["town"], "town")
        return services.change_department(acting_user=web_user(request), department=row, **values)

    back = reverse("orgs:department", args=[county, row.pk])
    initial = {spec.name: getattr(row, spec.name) for spec in DEPARTMENT}
    return _form(request, DEPARTMENT, act, title=f"修改部门：{row.name}", to=back, back=back, initial=initial)


@login_required
def department_verb(request: HttpRequest, county: int, department_id: UUID, verb: str) -> HttpResponse:
    """Close or reopen a department."""
    row = _read(selectors.department_for, web_user(request), county, department_id)
    action, label = {"close": (services.close_department, "关闭"), "reopen": (services.reopen_department, "重新启用")}[
        verb
    ]

    def act(reason: str) -> Any:
        return action(acting_user=web_user(request), department=row, reason=reason)

    back = reverse("orgs:department", args=[county, row.pk])
    return _form(request, [REASON], act, title=f"{label}：{row.name}", to=back, back=back, submit=label, is_danger=True)


@login_required
def change_station(request: HttpRequest, county: int, row_id: UUID) -> HttpResponse:
    row = _read(selectors.station_for, web_user(request), county, row_id)

    def act(**values: Any) -> Any:
        return services.change_station(acting_user=web_user(request), station=row, **values)

    initial, back = {"name": row.name, "duty_phone": row.duty_phone}, reverse("orgs:stations")
    return _form(request, [NAME, PHONE], act, title=f"修改：{row.name}", to=back, back=back, initial=initial)


@login_required
def change_committee(request: HttpRequest, county: int, row_id: UUID) -> HttpResponse:
    row = _read(selectors.committee_for, web_user(request), county, row_id)

    def act(**values: Any) -> Any:
        return services.change_committee(acting_user=web_user(request), committee=row, **values)

    initial, back = {"name": row.name, "duty_phone": row.duty_phone}, reverse("orgs:committees")
    return _form(request, [NAME, PHONE], act, title=f"修改：{row.name}", to=back, back=back, initial=initial)


@login_required
def name_officer(request: HttpRequest, county: int, department_id: UUID) -> HttpResponse:
    row = _read(selectors.department_for, web_user(request), county, department_id)

    def act(**values: Any) -> Any:
        return services.name_officer(acting_user=web_user(request), department=row, **values)

    back = reverse("orgs:department", args=[county, row.pk])
    return _form(request, OFFICER, act, title=f"指定责任人：{row.name}", to=back, back=back)


@login_required
def end_officer(request: HttpRequest, county: int, officer_id: UUID) -> HttpResponse:
    row = _read(selectors.officer_for, web_user(request), county, officer_id)

    def act(reason: str) -> Any:
        return services.end_officer(acting_user=web_user(request), officer=row, reason=reason)

    back = reverse("orgs:department", args=[county, row.department_id])
    return _form(request, [REASON], act, title=f"终止责任人：{row.name}", to=back, back=back, submit="终止",
                 is_danger=True)  # fmt: skip


@login_required
def unmask_officer(request: HttpRequest, county: int, officer_id: UUID) -> HttpResponse:
    """Show a named officer's phone in full, for a reason."""
    row = _read(selectors.officer_for, web_user(request), county, officer_id)
    shown: dict[str, str] = {}

    def act(reason: str) -> Any:
        shown["phone"] = services.unmask_officer(acting_user=web_user(request), officer=row, reason=reason)

    back = reverse("orgs:department", args=[county, row.department_id])
    response = _form(request, [REASON], act, title=f"查看电话：{row.name}", to=back, back=back, submit="查看")
    if "phone" in shown:
        return render(request, "orgs/unmasked.html", {"officer": row, "phone": shown["phone"], "back": back})
    return response


app_name = "orgs"
_ONE = "departments/<int:county>/<uuid:department_id>/"
urlpatterns = [
    path("departments/", departments, name="departments"),
    path("departments/open/", open_department, name="open_department"),
    path("departments/officers/", officer_pages.officers, name="officers"),
    path("departments/import/", officer_pages.department_import, name="import"),
    path("departments/import/template.xlsx", officer_pages.template, name="import_template"),
    path(_ONE, department, name="department"),
    path(f"{_ONE}change/", change_department, name="change_department"),
    path(f"{_ONE}close/", department_verb, {"verb": "close"}, name="close_department"),
    path(f"{_ONE}reopen/", department_verb, {"verb": "reopen"}, name="reopen_department"),
    path(f"{_ONE}officers/", name_officer, name="name_officer"),
    path("departments/officers/<int:county>/<uuid:officer_id>/end/", end_officer, name="end_officer"),
    path("departments/officers/<int:county>/<uuid:officer_id>/phone/", unmask_officer, name="unmask_officer"),
    path("stations/", stations, name="stations"),
    path("stations/open/", open_body, {"kind": "station"}, name="open_station"),
    path("stations/<int:county>/<uuid:row_id>/", change_station, name="change_station"),
    path("committees/", committees, name="committees"),
    path("committees/open/", open_body, {"kind": "committee"}, name="open_committee"),
    path("committees/<int:county>/<uuid:row_id>/", change_committee, name="change_committee"),
]
