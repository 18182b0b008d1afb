"""The people to talk to at a site: adding, changing, and seeing in full for a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    FieldSpec,
    Filter,
    FilterField,
    RegionFilter,
    TextFilter,
    list_page,
    web_user,
)
from safegrid.foundation.web.filters import UnreadableError
from safegrid.regions import selectors as regions
from safegrid.sites import access, people, selectors, services
from safegrid.sites.web.common import REASON, form_page, read, scope
from safegrid.sites.web.lists import children, root_of

KEPT = "留空为不修改"
NAME = FieldSpec("name", "姓名", required=True, max_length=60)
ADDED = [
    NAME,
    FieldSpec("position", "职务", max_length=60, help="如：主要负责人、安全管理员、户主"),
    FieldSpec("phone", "电话", max_length=30),
    FieldSpec("id_number", "身份证号", max_length=18),
]


def _site(request: HttpRequest, county: int, site_id: UUID, verb: str) -> tuple[Actor, Any, str]:
    user = web_user(request)
    site = read(selectors.site_for, user, county, site_id)
    with scope(user):
        if not access.can(user, verb, site):
            raise Http404
    return user, site, reverse("sites:detail", args=[county, site.pk])


@login_required
@require_GET
def contact_list(request: HttpRequest) -> HttpResponse:
    """Every contact of the sites that the user sees; numbers masked, shown in full one by one for a reason."""
    user = web_user(request)
    kinds = {holding.kind for holding in user.holdings()}

    def prepare(rows: list[Any]) -> None:
        names = regions.names_of({row.site.town for row in rows})
        for row in rows:
            row.town_name = names.get(row.site.town, row.site.town)

    columns = [
        Column("监管对象", lambda row: row.site.shown_name,
               link=lambda row: reverse("sites:detail", args=[row.county, row.site_id])),
        Column("类型", lambda row: row.site.get_site_type_display()),
        Column("乡镇（街道）", lambda row: row.town_name),
        Column("姓名", lambda row: people.shown_name(row, row.site)),
        Column("职务", "position"),
        Column("电话", lambda row: mask_phone(row.phone)),
        Column("在用", "is_active", "flag"),
    ]  # fmt: skip
    for label, verb, name in (
        ("修改", "change_contact", "change_contact"),
        ("查看", "unmask_contact", "unmask_contact"),
    ):
        if kinds & access.VERBS[verb]:
            columns.append(_to(label, f"sites:{name}"))
    filters = [
        TextFilter("site", "监管对象名称", columns=("site__name__icontains",)),
        PersonFilter("person", "姓名或手机尾号"),
        RegionFilter(
            "place", "乡镇、村", children=children, root=root_of(user), town="site__town", village="site__village"
        ),
        ChoiceFilter("type", "类型", choices=selectors.SITE_TYPES, column="site__site_type"),
        BooleanFilter("is_active", "在用"),
    ]
    with scope(user):
        return list_page(
            request, people.contacts(user), title="监管对象联系人", columns=columns, order=("county", "id"), filters=filters,
            export_name="sites.contacts", prepare=prepare, empty="没有符合条件的联系人",
        )  # fmt: skip


def _to(label: str, name: str) -> Column:
    return Column("", lambda _: label, in_export=False,
                  link=lambda row: reverse(name, args=[row.county, row.site_id, row.pk]))  # fmt: skip


@dataclass(frozen=True)
class PersonFilter(Filter):
    """A contact by name, or by the last four digits of the phone."""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        words = given.get(self.name, "").strip()
        if not words:
            return queryset
        if len(words) > 60 or "\0" in words:
            raise UnreadableError(f"“{self.label}”太长，已忽略")
        return queryset.filter((people.SEARCHABLE_NAME & Q(name__icontains=words)) | Q(phone_tail=words))

    def fields(self, given: QueryDict) -> list[FilterField]:
        return [FilterField(self.name, self.label, "text", given.get(self.name, ""))]


@login_required
def add(request: HttpRequest, county: int, site_id: UUID) -> HttpResponse:
    user, site, back = _site(request, county, site_id, "add_contact")

    def act(**values: Any) -> Any:
        return services.add_contact(acting_user=user, site=site, values=values)

    return form_page(request, ADDED, act, title=f"新增联系人：{site.shown_name}", to=back, back=back)


@login_required
def change(request: HttpRequest, county: int, site_id: UUID, contact_id: UUID) -> HttpResponse:
    """Change a contact; what is left empty stays, since what it is now is masked."""
    user, site, back = _site(request, county, site_id, "change_contact")
    shown = next((one for one in selectors.contacts_of(user, site) if one.id == contact_id), None)
    if shown is None:
        raise Http404
    specs = [
        FieldSpec("name", f"姓名（现为 {shown.name}）", max_length=60, help=KEPT),
        FieldSpec("position", "职务", max_length=60, initial=shown.position),
        FieldSpec("phone", f"电话（现为 {shown.phone or '空'}）", max_length=30, help=KEPT),
        FieldSpec("id_number", f"身份证号（现为 {shown.id_number or '空'}）", max_length=18, help=KEPT),
        FieldSpec("is_active", "在用", "flag", initial=shown.is_active),
    ]

    def act(position: str, is_active: bool, **values: Any) -> Any:
        given = {name: value for name, value in values.items() if value}
        given |= {"position": position, "is_active": is_active}
        return services.change_contact(acting_user=user, site=site, contact_id=contact_id, values=given)

    return form_page(request, specs, act, title=f"修改联系人：{site.shown_name}", to=back, back=back)


@never_cache
@login_required
def unmask(request: HttpRequest, county: int, site_id: UUID, contact_id: UUID) -> HttpResponse:
    """Show a contact in full, for a reason that goes into the trace."""
    user, site, back = _site(request, county, site_id, "unmask_contact")

    def look(reason: str) -> Any:
        return services.unmask_contact(acting_user=user, site=site, contact_id=contact_id, reason=reason)

    return _unmasking(request, site, look, back, (("姓名", "name"), ("电话", "phone"), ("身份证号", "id_number")))


@never_cache
@login_required
def unmask_household(request: HttpRequest, county: int, site_id: UUID) -> HttpResponse:
    """Show the name of a household's head in full, for a reason that goes into the trace."""
    user, site, back = _site(request, county, site_id, "unmask_household")

    def look(reason: str) -> Any:
        return services.unmask_household(acting_user=user, site=site, reason=reason)

    return _unmasking(request, site, look, back, (("户主", "name"),))


def _unmasking(
    request: HttpRequest, site: Any, look: Callable[..., Any], back: str, shown: Sequence[tuple[str, str]]
) -> HttpResponse:
    found: list[Any] = []

    def act(reason: str) -> None:
        found.append(look(reason))

    response = form_page(request, [REASON], act, title=f"查看完整信息：{site.shown_name}", to=back, back=back, submit="查看",
                         done="本次查看已写入留痕")  # fmt: skip
    if not found:
        return response
    facts = [(label, getattr(found[0], name)) for label, name in shown]
    return render(request, "sites/unmasked.html", {"site": site, "facts": facts, "back": back})
