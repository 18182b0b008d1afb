"""The account pages of a system administrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from safegrid.accounts import access, phones, selectors, services
from safegrid.accounts.web.people import user_of, visible_or_404
from safegrid.accounts.web.verbs import GRANT, OPEN, VERBS, Verb
from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.web import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    TextFilter,
    VerbForm,
    form_status,
    handle,
    list_page,
)
from safegrid.foundation.web.forms import FieldSpec
from safegrid.regions import selectors as regions


@dataclass(frozen=True)
class RoleFilter(ChoiceFilter):
    """Accounts with a role of the chosen kind in force."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        value = given.get(self.name, "")
        return selectors.holding_kind(queryset, value) if value in dict(selectors.kind_choices()) else queryset


FILTERS = [
    TextFilter("words", "姓名、用户名、手机尾号", columns=("name", "username", "phone_tail")),
    RoleFilter("kind", "角色", choices=selectors.kind_choices),
    BooleanFilter("active", "启用", column="is_active"),
]


def _columns() -> list[Column]:
    return [
        Column("用户名", "username", link=lambda user: reverse("account", args=[user.pk]), sort="username"),
        Column("姓名", "name", sort="name"),
        Column("手机", lambda user: mask_phone(user.phone)),
        Column("角色", lambda user: user.role_words),
        Column("所属", lambda user: user.place_name),
        Column("状态", lambda user: "启用" if user.is_active else "停用", "badge",
               tone=lambda user: "green" if user.is_active else "gray"),
        Column("最近登录", "last_login", "time", sort="last_login"),
        Column("开户", "created_at", "date", sort="created_at"),
    ]  # fmt: skip


def _prepare(users: list[Any]) -> None:
    roles = selectors.kinds_in_force(users)
    names = regions.names_of({user.place for user in users} | {r.place for held in roles.values() for r in held})
    for user in users:
        user.place_name = names.get(user.place, user.place or "全国")
        user.role_words = "、".join(
            f"{role.get_kind_display()}（{names.get(role.place, role.place or '全国')}）"
            for role in roles.get(user.pk, [])
        )


def administrator(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page to system administrators; to everybody else it does not exist."""

    @never_cache
    @login_required
    def guarded(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        if not access.administers(user_of(request)):
            raise Http404
        return view(request, *args, **values)

    return guarded


@administrator
def account_list(request: HttpRequest) -> HttpResponse:
    return list_page(
        request,
        access.visible(user_of(request)),
        title="账号",
        columns=_columns(),
        order=("username",),
        filters=FILTERS,
        export_name="accounts.users",
        prepare=_prepare,
        template="accounts/list.html",
    )


@administrator
def account(request: HttpRequest, user_id: UUID) -> HttpResponse:
    actor = user_of(request)
    user = visible_or_404(selectors.account_for, actor, user_id)
    roles = selectors.roles_of(user, past=True)
    names = regions.names_of({role.place for role in roles} | {user.place})
    offered = [(name, verb) for name, verb in VERBS.items() if verb.offered(user) and verb.allowed(actor, user)]
    context = {
        "account": user,
        "profile": selectors.profile(user),
        "place": names.get(user.place, user.place or "全国"),
        "roles": [
            (role, names.get(role.place, role.place or "全国"), access.may_grant(actor, role.kind, role.place))
            for role in roles
        ],
        "in_force": {role.pk for role in selectors.kinds_in_force([user]).get(user.pk, [])},
        "verbs": offered,
        "phones": phones.told(selectors.devices_of(user)),
        "may_end_phones": access.can(actor, "end_device", user),
    }
    return render(request, "accounts/account.html", context)


@administrator
def open_account(request: HttpRequest) -> HttpResponse:
    """Open an account and print its one-time password."""
    actor = user_of(request)
    own_place = next(holding.place for holding in actor.holdings() if holding.kind in access.ADMIN)
    form = VerbForm(OPEN, request.POST or None, initial={"place": own_place})
    made: dict[str, Any] = {}

    def open_it(**values: Any) -> None:
        _known_place(values["place"])
        made["account"] = services.open_account(acting_user=actor, **values)
        made["password"] = services.reset_password(acting_user=actor, user=made["account"])

    if handle(request, form, open_it, to="") is not None:
        return render(request, "accounts/one_time_password.html", made)
    context = {"title": "开户", "form": form, "back": reverse("account_list")}
    return render(request, "console/form.html", context, status=form_status(form))


def _known_place(place: str) -> None:
    if place:
        try:
            regions.region(place)
        except NotVisible as error:
            raise InvalidInput({"place": error.message}) from error


@administrator
def account_verb(request: HttpRequest, user_id: UUID, verb: str) -> HttpResponse:
    """Show and carry out one verb on an account: ``verbs.VERBS``."""
    actor = user_of(request)
    user = visible_or_404(selectors.account_for, actor, user_id)
    chosen = VERBS.get(verb)
    if chosen is None:
        raise Http404
    specs = GRANT(actor) if verb == "grant-role" else chosen.specs
    return _verb_page(request, user, chosen, specs, reverse("account", args=[user.pk]))


def _verb_page(request: HttpRequest, user: Any, verb: Verb, specs: list[FieldSpec], back: str) -> HttpResponse:
    actor = user_of(request)
    data = request.POST if request.method == "POST" else None
    initial = {spec.name: getattr(user, spec.name, None) for spec in specs} if verb.prefill else None
    form = VerbForm(specs, data, submit=verb.label, initial=initial, is_danger=verb.is_danger)
    told: dict[str, Any] = {}

    def carry_out(**values: Any) -> None:
        if values.get("place"):
            _known_place(values["place"])
        told["result"] = verb.action(acting_user=actor, user=user, **values)

    response = handle(request, form, carry_out, done=f"{verb.label}：已完成", to=back)
    if response is None:
        context = {"title": f"{verb.label}：{user.name}", "form": form, "back": back, "words": verb.words}
        return render(request, "console/form.html", context, status=form_status(form))
    if verb.shows is not None:
        return render(request, verb.shows, {"account": user, verb.result: told["result"]})
    return response


@administrator
def end_role(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """End another's role."""
    actor = user_of(request)
    role = visible_or_404(selectors.role_for, actor, role_id)
    back = reverse("account", args=[role.user_id])
    specs = [FieldSpec("reason", "原因", required=True, max_length=200)]
    form = VerbForm(specs, request.POST or None, submit="终止角色", is_danger=True)

    def end(reason: str) -> None:
        services.end_role(acting_user=actor, role=role, reason=reason)

    response = handle(request, form, end, done="角色已终止", to=back)
    if response is not None:
        return response
    title = f"终止角色：{role.user.name} · {role.get_kind_display()}"
    return render(request, "console/form.html", {"title": title, "form": form, "back": back}, status=form_status(form))


@administrator
def end_device(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Sign another's phone out from elsewhere."""
    actor = user_of(request)
    session = visible_or_404(selectors.device_session_for, actor, session_id)
    back = reverse("account", args=[session.user_id])
    specs = [FieldSpec("reason", "原因", required=True, max_length=200)]
    form = VerbForm(specs, request.POST or None, submit="注销手机", is_danger=True)

    def end(reason: str) -> None:
        services.end_device(acting_user=actor, session=session, reason=reason)

    response = handle(request, form, end, done="手机已注销", to=back)
    if response is not None:
        return response
    context = {
        "title": f"注销手机：{session.user.name} · {session.device}",
        "form": form,
        "back": back,
        "words": "手机下次联网时清除所存的数据；还没有上报的内容留在手机上加密保存，只有本人重新登录才能打开。",
    }
    return render(request, "console/form.html", context, status=form_status(form))
