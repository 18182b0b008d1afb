"""The forms by which sites come into the register and their entries change."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, web_user
from safegrid.sites import selectors, services
from safegrid.sites.web.common import DATUM, county_of, form_page, place_values, places

WORDS = FieldSpec("words", "情况说明", "textarea", max_length=300)


def fields(user: Actor, county: int, verb: str, site: Any = None) -> list[FieldSpec]:
    """Return the fields of a site's entry; with ``site``, as they are now. The name of a household's head is not shown."""
    hidden = site is not None and site.site_type == "household"
    name = FieldSpec("name", "户主姓名" if hidden else "名称", required=not hidden, max_length=200,
                     help="留空为不修改" if hidden else "")  # fmt: skip
    own = place_of(site) if site else ""
    offered = places(user, county, verb)
    if own and own not in dict(offered):
        offered = [(own, "现所在地"), *offered]
    return [
        name,
        FieldSpec("site_type", "类型", "choice", required=True, choices=selectors.SITE_TYPES),
        FieldSpec("industry", "行业代码", max_length=5, help="GB/T 4754-2017，2 至 4 位数字，如 2631"),
        FieldSpec("scale", "规模", "choice", required=True, choices=selectors.SCALES, initial="none"),
        FieldSpec("employees", "从业人数", "integer", least=0),
        FieldSpec("risk_grade", "风险等级", "choice", required=True, choices=selectors.RISK_GRADES, initial="blue"),
        FieldSpec("credit_code", "统一社会信用代码", max_length=20),
        FieldSpec("place", "乡镇、村", "choice", required=True, choices=offered),
        FieldSpec("address", "地址", max_length=200),
        FieldSpec(
            "opening_hours", "营业时间", max_length=60, help="如 08:00-11:30 13:00-20:00，全天写“全天”；排巡查路线用"
        ),
        FieldSpec("longitude", "经度", max_length=20, help="十进制度数，如 119.977400"),
        FieldSpec("latitude", "纬度", max_length=20),
        DATUM,
    ]


def place_of(site: Any) -> str:
    return str(site.village or site.town)


def initial(site: Any) -> dict[str, Any]:
    """Return a site's entry as its form shows it: the position in WGS 84, a household's name left out."""
    names = (
        "site_type",
        "industry",
        "scale",
        "employees",
        "risk_grade",
        "credit_code",
        "address",
        "opening_hours",
        "longitude",
        "latitude",
    )
    shown = {name: getattr(site, name) for name in names}
    shown["name"] = "" if site.site_type == "household" else site.name
    return {**shown, "place": place_of(site), "datum": "wgs84" if site.longitude is not None else ""}


def entered(values: dict[str, Any], site: Any = None) -> dict[str, Any]:
    """Return what was typed as the services take it."""
    given = place_values(values)
    if site is not None and site.site_type == "household" and not given.get("name"):
        given.pop("name", None)
    return given


@login_required
def register(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    county = county_of(user, "register_site")
    specs = [
        *fields(user, county, "register_site"),
        FieldSpec("contact_name", "联系人", max_length=60),
        FieldSpec("contact_phone", "联系电话", max_length=30),
    ]

    def act(contact_name: str, contact_phone: str, **values: Any) -> Any:
        contacts = [{"name": contact_name, "phone": contact_phone}] if contact_name or contact_phone else []
        return services.register_site(acting_user=user, county=county, values=entered(values), contacts=contacts)

    return form_page(request, specs, act, title="登记监管对象", back=reverse("sites:list"), done="已登记", submit="登记",
                     to=lambda made: reverse("sites:detail", args=[made.county, made.pk]))  # fmt: skip


@login_required
def propose_new(request: HttpRequest) -> HttpResponse:
    user = web_user(request)
    county = county_of(user, "propose_change")

    def act(words: str, **values: Any) -> Any:
        return services.propose_change(acting_user=user, county=county, values=entered(values), words=words)

    specs = [*fields(user, county, "propose_change"), WORDS]
    return form_page(request, specs, act, title="申请新增监管对象", back=reverse("sites:list"), done="已提交，等待乡镇审核",
                     submit="提交", to=lambda made: reverse("sites:change", args=[made.county, made.pk]))  # fmt: skip
