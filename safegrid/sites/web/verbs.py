"""What may be done with one site, each as a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.foundation.scope import Actor
from safegrid.foundation.web import FieldSpec, web_user
from safegrid.orgs import selectors as orgs
from safegrid.sites import access, selectors, services
from safegrid.sites.web.common import REASON, form_page, read, scope
from safegrid.sites.web.register import WORDS, entered, fields, initial


@dataclass(frozen=True)
class Verb:
    """One verb as a page: its address's last word, the verb of ``access.VERBS``, when it is offered, its fields and act."""

    slug: str
    verb: str
    label: str
    fits: Callable[[Any], bool]
    specs: Callable[[Actor, Any], list[FieldSpec]]
    act: Callable[..., Any]
    is_danger: bool = False


def _always(_site: Any) -> bool:
    return True


def _open(site: Any) -> bool:
    return site.status in ("active", "paused")


def _fixed(*specs: FieldSpec) -> Callable[[Actor, Any], list[FieldSpec]]:
    """Fields that depend neither on the user nor on the site."""
    return lambda *_: list(specs)


def _change(user: Actor, site: Any, version: int, **values: Any) -> Any:
    return services.change_site(acting_user=user, site=site, values=entered(values, site), version=version)


def _propose(user: Actor, site: Any, version: int, words: str, status: str, **values: Any) -> Any:
    given = {**entered(values, site), **({"status": status} if status else {})}
    return services.propose_change(acting_user=user, county=site.county, site=site, values=given, words=words)


def _close(user: Actor, site: Any, version: int, how: str, reason: str) -> Any:
    return services.close_site(acting_user=user, site=site, how=how, reason=reason, version=version)


def _reopen(user: Actor, site: Any, version: int, reason: str) -> Any:
    return services.reopen_site(acting_user=user, site=site, reason=reason, version=version)


def _mark(user: Actor, site: Any, version: int, **values: Any) -> Any:
    return services.mark_directly_supervised(acting_user=user, site=site, **values)


def _end(user: Actor, site: Any, version: int, **values: Any) -> Any:
    return services.end_direct_supervision(acting_user=user, site=site, **values)


def _direct_specs(user: Actor, site: Any) -> list[FieldSpec]:
    departments = [(str(one.id), one.name) for one in orgs.departments(site.county) if not one.town]
    return [
        FieldSpec("reason", "理由", "textarea", required=True, max_length=200),
        FieldSpec("department_id", "本县直接监管部门", "department", choices=departments),
        FieldSpec(
            "authority", "直接监管部门名称", max_length=100, help="市级以上部门直接监管的填写名称；选了本县部门的可不填"
        ),
        FieldSpec("valid_from", "开始日期", "date", required=True, initial=clock.today),
    ]


VERBS = (
    Verb("change", "change_site", "修改", _always,
         lambda user, site: fields(user, site.county, "change_site", site), _change),
    Verb("propose", "propose_change", "申请变更", _always,
         lambda user, site: [*fields(user, site.county, "propose_change", site),
                             FieldSpec("status", "状态", "choice", choices=selectors.STATUSES, initial=site.status), WORDS],
         _propose),
    Verb("close", "close_site", "停业、注销或迁出", _open,
         _fixed(FieldSpec("how", "去向", "choice", required=True, choices=selectors.ENDINGS), REASON), _close,
         is_danger=True),
    Verb("reopen", "reopen_site", "恢复在册", lambda site: site.status != "active", _fixed(REASON), _reopen),
    Verb("direct", "mark_directly_supervised", "列为直接监管", lambda site: not site.is_directly_supervised, _direct_specs,
         _mark),
    Verb("end-direct", "end_direct_supervision", "结束直接监管", lambda site: site.is_directly_supervised,
         _fixed(REASON, FieldSpec("valid_to", "最后一天", "date", help="留空为立即结束")), _end),
)  # fmt: skip
BY_SLUG = {verb.slug: verb for verb in VERBS}


def offered(verbs: frozenset[str], site: Any) -> list[tuple[str, str, bool]]:
    """Return (label, address, dangerous) of the verbs to be shown on a site's page."""
    return [
        (one.label, reverse("sites:verb", args=[site.county, site.pk, one.slug]), one.is_danger)
        for one in VERBS
        if one.verb in verbs and one.fits(site)
    ]


@login_required
def site_verb(request: HttpRequest, county: int, site_id: UUID, verb: str) -> HttpResponse:
    """One verb's form; whoever may not use it finds no such page."""
    user, one = web_user(request), BY_SLUG.get(verb)
    site = read(selectors.site_for, user, county, site_id)
    with scope(user):
        if one is None or not access.can(user, one.verb, site):
            raise Http404

    def act(version: int, **values: Any) -> Any:
        return one.act(user, site, version, **values)

    back = reverse("sites:detail", args=[county, site.pk])
    done = "已提交，等待乡镇审核" if one.slug == "propose" else "已保存"
    return form_page(request, one.specs(user, site), act, title=f"{one.label}：{site.shown_name}", to=back, back=back, done=done,
                     version=site.version, is_danger=one.is_danger, submit=one.label, initial=initial(site)
                     if one.slug in ("change", "propose") else None)  # fmt: skip
