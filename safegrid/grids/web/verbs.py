"""One form for each verb on a grid, a member, and the rows below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, web_user
from safegrid.grids import access, selectors, services
from safegrid.grids.skills import words_in
from safegrid.grids.web.common import (
    BOUNDARY,
    DATUM,
    REASON,
    county_of,
    given_area,
    read,
    shape_field,
    towns,
    verb_page,
    villages,
)
from safegrid.orgs import selectors as orgs
from safegrid.sites import selectors as sites

KIND = FieldSpec("kind", "类型", "choice", required=True, choices=selectors.KINDS, initial="village")
NAME = FieldSpec("name", "名称", required=True, max_length=100)
SOURCE = FieldSpec("source", "边界来源", max_length=200, help="如：县自然资源局 2026 年村界")
FROM = FieldSpec("valid_from", "生效日期", "date", required=True, initial=clock.today, help="今天或以后；到日自动生效")
WORDS = ("skills", "wishes")  # shown as one line, not as the list that the row has
ON = FieldSpec("on", "自哪一天起", "date", required=True, initial=clock.today)


@dataclass(frozen=True)
class Verb:
    """A verb as the pages offer it: ``specs`` may depend on who asks and on the row."""

    verb: str
    label: str
    specs: Callable[[Actor, Any], Sequence[FieldSpec]]
    action: Callable[..., Any]
    words: str = ""
    is_danger: bool = False


def _change_boundary(*, acting_user: Actor, grid: Any, file: Any, shape: Any, **values: Any) -> Any:
    return services.change_boundary(acting_user=acting_user, grid=grid, boundary=given_area(file, shape), **values)


def _post_to(*, acting_user: Actor, grid: Any, member: str, **values: Any) -> Any:
    row = selectors.member_for(acting_user, grid.county, UUID(member))
    return services.post_member(acting_user=acting_user, member=row, grid=grid, **values)


def _words(name: str, label: str, row: Any = None) -> FieldSpec:
    given = "、".join(getattr(row, name)) if row is not None else ""
    return FieldSpec(name, label, max_length=220, initial=given, help="用顿号分隔，如：畲语、电工；可留空")


def _change_grid(*, wishes: str, **values: Any) -> Any:
    return services.change_grid(wishes=words_in(wishes), **values)


def _people(user: Actor, county: int) -> list[tuple[str, str]]:
    rows = selectors.members(user).filter(county=county).order_by("code")[:2000]
    return [(str(row.id), f"{row.name}（{row.code}）") for row in rows]


def _grids(user: Actor, county: int) -> list[tuple[str, str]]:
    rows = selectors.grids(user).filter(county=county).order_by("code")[:5000]
    return [(str(row.id), f"{row.name}（{row.code}）") for row in rows]


PERIOD = [
    FieldSpec("valid_from", "开始日期", "date", required=True, initial=clock.today),
    FieldSpec("valid_to", "最后一天", "date", help="留空为长期"),
]
OFFICER = [
    FieldSpec("kind", "职责", "choice", required=True, choices=selectors.OFFICER_KINDS),
    FieldSpec("name", "姓名", required=True, max_length=60),
    FieldSpec("title", "职务", max_length=100),
    FieldSpec("phone", "电话", max_length=40),
    *PERIOD,
]
ROLE = FieldSpec("role", "角色", "choice", required=True, choices=selectors.POSTING_ROLES, initial="primary")

GRID_VERBS: dict[str, Verb] = {
    "post": Verb("post_member", "派驻网格员", lambda user, row: [
        FieldSpec("member", "网格员", "choice", required=True, choices=_people(user, row.county)), ROLE, *PERIOD],
        _post_to, "上岗须通过考试、保密承诺和防护用品三道门禁。"),
    "name-officer": Verb("name_officer", "指定责任人", lambda *_: OFFICER, services.name_officer,
                         "新任命生效时，同一职责的前一任自动结束。"),
    "change-boundary": Verb("change_boundary", "调整边界", lambda _user, row: [
        shape_field(row.county, row), BOUNDARY, DATUM, FROM, SOURCE], _change_boundary,
                            "生效时，按位置归属的监管对象和未结案件随之调整；手工指定的不变。"),
    "change": Verb("change_grid", "修改", lambda _, row: [NAME, KIND, _words("wishes", "希望网格员具备的语言与专长", row)],
                   _change_grid),
    "close": Verb("close_grid", "撤销网格", lambda *_: [ON, REASON], services.close_grid,
                  "撤销后派驻和责任人同时结束，编码不再使用。", is_danger=True),
}  # fmt: skip


def _enter(*, acting_user: Actor, member: Any, **values: Any) -> Any:
    return services.enter_evidence(acting_user=acting_user, member=member, **values)


def _post_member(*, acting_user: Actor, member: Any, grid: str, **values: Any) -> Any:
    row = selectors.grid_for(acting_user, member.county, UUID(grid))
    return services.post_member(acting_user=acting_user, member=member, grid=row, **values)


def _leave(*, acting_user: Actor, member: Any, substitute: str, **values: Any) -> Any:
    other = selectors.member_for(acting_user, member.county, UUID(substitute)) if substitute else None
    return services.grant_leave(acting_user=acting_user, member=member, substitute=other, **values)


def _change(*, acting_user: Actor, member: Any, skills: str, **values: Any) -> Any:
    return services.change_member(acting_user=acting_user, member=member, values={**values, "skills": words_in(skills)})


def _member_specs(user: Actor, county: int, verb: str, row: Any = None) -> list[FieldSpec]:
    departments = [(one.code, one.name) for one in orgs.departments(county)]
    return [
        FieldSpec("employer", "用人单位", required=True, max_length=100),
        FieldSpec("town", "管理安监站", "choice", required=True, choices=towns(user, verb, county)),
        FieldSpec("home_village", "居住村（社区）代码", max_length=12, help="12 位，可留空"),
        FieldSpec("is_full_time", "专职", "flag", initial=True),
        FieldSpec("task_givers", "可派任务的部门", "choices", choices=departments),
        _words("skills", "语言与专长", row),
    ]


MEMBER_VERBS: dict[str, Verb] = {
    "post": Verb("post_member", "派驻", lambda user, row: [
        FieldSpec("grid", "网格", "choice", required=True, choices=_grids(user, row.county)), ROLE, *PERIOD], _post_member),
    "evidence": Verb("enter_evidence", "登记上岗凭证", lambda *_: [
        FieldSpec("kind", "种类", "choice", required=True, choices=selectors.EVIDENCE_KINDS),
        FieldSpec("number", "编号", required=True, max_length=60),
        FieldSpec("issued_on", "签发日期", "date", required=True, initial=clock.today),
        FieldSpec("expires_on", "有效期至", "date", help="留空为长期")], _enter),
    "leave": Verb("grant_leave", "请假与代班", lambda user, row: [
        FieldSpec("first_day", "第一天", "date", required=True, initial=clock.today),
        FieldSpec("last_day", "最后一天", "date", required=True),
        FieldSpec("substitute", "代班人", "choice", choices=[p for p in _people(user, row.county) if p[0] != str(row.id)]),
        FieldSpec("reason", "事由", required=True, max_length=200)], _leave,
        "代班人须通过上岗门禁，请假期间看到并负责其网格。"),
    "change": Verb("change_member", "修改", lambda user, row: [
        FieldSpec("name", "姓名", required=True, max_length=60), *_member_specs(user, row.county, "change_member", row)],
        _change),
    "leave-work": Verb("member_leaves", "离岗", lambda *_: [ON, REASON], services.member_leaves,
                       "离岗后全部派驻和角色同时结束。", is_danger=True),
}  # fmt: skip


@login_required
def grid_verb(request: HttpRequest, county: int, grid_id: UUID, verb: str) -> HttpResponse:
    """Show and carry out one verb on a grid: ``GRID_VERBS``."""
    user = web_user(request)
    row = read(selectors.grid_for, user, county, grid_id)
    return _on(request, user, row, "grid", GRID_VERBS.get(verb), reverse("grids:grid", args=[county, grid_id]))


@login_required
def member_verb(request: HttpRequest, county: int, member_id: UUID, verb: str) -> HttpResponse:
    """Show and carry out one verb on a member: ``MEMBER_VERBS``."""
    user = web_user(request)
    row = read(selectors.member_for, user, county, member_id)
    return _on(request, user, row, "member", MEMBER_VERBS.get(verb), reverse("grids:member", args=[county, member_id]))


def _on(request: HttpRequest, user: Actor, row: Any, name: str, verb: Verb | None, back: str) -> HttpResponse:
    if verb is None or not access.can(user, verb.verb, row):
        raise Http404
    specs = verb.specs(user, row)
    named = [spec.name for spec in specs if spec.name not in WORDS]
    initial = {name: getattr(row, name, None) for name in named} if verb.label == "修改" else None

    def act(**values: Any) -> Any:
        return verb.action(acting_user=user, **{name: row}, **values)

    return verb_page(request, specs, act, title=f"{verb.label}：{row.name}", to=back, back=back, initial=initial,
                     submit=verb.label, is_danger=verb.is_danger, words=verb.words, done=f"{verb.label}：已完成")  # fmt: skip


@login_required
def open_grid(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    county = county_of(user, "open_grid")
    specs = [
        FieldSpec("code", "网格编码", required=True, max_length=20, help="沿用原有编码或按县里规则，全县不重复"),
        NAME, KIND,
        FieldSpec("town", "乡镇（街道）", "choice", required=True, choices=towns(user, "open_grid", county)),
        FieldSpec("village", "村（社区）", "choice", choices=villages(user, "open_grid", county), help="跨村网格留空"),
        shape_field(county), BOUNDARY, DATUM, FROM, SOURCE,
    ]  # fmt: skip

    def act(file: Any, shape: Any, **values: Any) -> Any:
        return services.open_grid(acting_user=user, county=county, boundary=given_area(file, shape), **values)

    return verb_page(request, specs, act, title="新设网格", back=reverse("grids:list"), submit="新设",
                     to=lambda made: reverse("grids:grid", args=[made.county, made.id]))  # fmt: skip


@login_required
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol a member, opening an account where the user name is new."""
    user = web_user(request)
    county = county_of(user, "enrol_member")
    specs = [
        FieldSpec("code", "网格员编号", required=True, max_length=20),
        FieldSpec("name", "姓名", required=True, max_length=60),
        FieldSpec("username", "用户名", required=True, max_length=60, help="已有账号则直接登记；新账号由系统管理员发放初始密码"),
        FieldSpec("phone", "手机号", max_length=20),
        *_member_specs(user, county, "enrol_member"),
        FieldSpec("hired_on", "入职日期", "date", required=True, initial=clock.today),
    ]  # fmt: skip

    def act(username: str, phone: str, skills: str, **values: Any) -> Any:
        access.require_at(user, "enrol_member", county, values["town"])
        return services.enrol_new_member(acting_user=user, county=county, username=username, phone=phone,
                                         skills=words_in(skills), **values)  # fmt: skip

    return verb_page(request, specs, act, title="登记网格员", back=reverse("grids:members"), submit="登记",
                     to=lambda made: reverse("grids:member", args=[made.county, made.id]))  # fmt: skip


@login_required
def withdraw(request: HttpRequest, county: int, row_id: UUID) -> HttpResponse:
    user = web_user(request)
    version = read(selectors.version_for, user, county, row_id)
    back = reverse("grids:grid", args=[county, version.grid_id])

    def act(reason: str) -> None:
        services.withdraw_boundary(acting_user=user, version=version, reason=reason)

    return verb_page(request, [REASON], act, title=f"撤回边界调整：{version.grid.name}", to=back, back=back, submit="撤回",
                     is_danger=True)  # fmt: skip


@login_required
def officer_verb(request: HttpRequest, county: int, row_id: UUID, verb: str) -> HttpResponse:
    """End an officer's naming, or show the phone in full for a reason."""
    user = web_user(request)
    officer = read(selectors.officer_for, user, county, row_id)
    back = reverse("grids:grid", args=[county, officer.grid_id])
    if verb == "end":

        def end(on: Any, reason: str) -> None:
            services.end_officer(acting_user=user, officer=officer, on=on, reason=reason)

        return verb_page(
            request,
            [ON, REASON],
            end,
            title=f"终止责任人：{officer.name}",
            to=back,
            back=back,
            submit="终止",
            is_danger=True,
        )
    if verb != "phone" or not access.can(user, "unmask_officer", officer.grid):
        raise Http404
    shown: dict[str, str] = {}

    def show(reason: str) -> None:
        shown["phone"] = services.unmask_officer(acting_user=user, officer=officer, reason=reason)

    response = verb_page(request, [REASON], show, title=f"查看电话：{officer.name}", to=back, back=back, submit="查看")
    if "phone" in shown:
        return render(request, "grids/unmasked.html", {"officer": officer, "phone": shown["phone"], "back": back})
    return response


@login_required
def site_verb(request: HttpRequest, county: int, site_id: UUID, verb: str) -> HttpResponse:
    """Give a site to a grid by hand, or let it go by its location again."""
    user = web_user(request)
    site = read(sites.site_for, user, county, site_id)
    if verb not in {"assign", "return"} or not access.can_at(user, "assign_site_by_hand", county, site.town):
        raise Http404
    back = reverse("grids:sites_without_grid")
    if verb == "assign":

        def assign(grid: str, reason: str) -> None:
            row = selectors.grid_for(user, county, UUID(grid))
            services.assign_site_by_hand(acting_user=user, site=site, grid=row, reason=reason)

        specs = [FieldSpec("grid", "网格", "choice", required=True, choices=_grids(user, county)), REASON]
        return verb_page(request, specs, assign, title=f"手工指定网格：{site.name}", to=back, back=back)

    def give_back(reason: str) -> None:
        services.return_to_location(acting_user=user, site=site, reason=reason)

    return verb_page(request, [REASON], give_back, title=f"恢复按位置归属：{site.name}", to=back, back=back)


ROWS: dict[str, tuple[Callable[..., Any], str, list[FieldSpec], Callable[..., Any], str]] = {
    "posting": (selectors.posting_for, "结束派驻", [ON, REASON], services.end_posting, "posting"),
    "evidence": (selectors.evidence_for, "撤销上岗凭证", [REASON], services.revoke_evidence, "evidence"),
    "leave": (selectors.leave_for, "销假", [FieldSpec("on", "返岗日期", "date", required=True, initial=clock.today)],
              services.end_leave, "leave"),
}  # fmt: skip


@login_required
def row_verb(request: HttpRequest, kind: str, county: int, row_id: UUID) -> HttpResponse:
    """End a posting, a paper or a leave of a member."""
    user = web_user(request)
    if kind not in ROWS:
        raise Http404
    reader, label, specs, action, name = ROWS[kind]
    row = read(reader, user, county, row_id)
    back = reverse("grids:member", args=[county, row.member_id])

    def act(**values: Any) -> None:
        action(acting_user=user, **{name: row}, **values)

    return verb_page(request, specs, act, title=f"{label}：{row.member.name}", to=back, back=back, submit=label,
                     is_danger=kind != "leave", done=f"{label}：已完成")  # fmt: skip
