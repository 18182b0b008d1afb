"""Direct supervision (直接监管): a site that a department at county level or above watches itself, outside grid work."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused, WrongState
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor, held
from safegrid.orgs.selectors import department
from safegrid.sites.access import require
from safegrid.sites.models import DirectSupervision, Site
from safegrid.sites.services.registry import announce, swap


@transaction.atomic
def mark_directly_supervised(
    *,
    acting_user: Actor | None,
    site: Site,
    reason: str,
    authority: str = "",
    department_id: UUID | None = None,
    valid_from: date | None = None,
) -> DirectSupervision:
    """Put a site under direct supervision from a day on, by an authority named in words or by a department of the county.

    Raises ``InvalidInput``, ``NotPermitted`` (a department's officer marks for its own department only), ``Refused``.
    """
    require(acting_user, "mark_directly_supervised", site)
    begins, body = valid_from or clock.today(), department(site.county, department_id) if department_id else None
    authority = authority.strip() or (body.name if body else "")
    problems = {}
    if not reason.strip() or len(reason) > 200:
        problems["reason"] = "请填写直接监管的理由，不超过 200 字"
    if not authority or len(authority) > 100:
        problems["authority"] = "请填写直接监管的县级以上部门，不超过 100 字"
    if body is not None and body.town:
        problems["department_id"] = "直接监管部门应为县级以上部门"
    if problems:
        raise InvalidInput(problems)
    _refuse_other_department(acting_user, department_id)
    if _running(site.county).filter(site=site).exists():
        raise Refused("该对象已在直接监管中，请先结束原来的直接监管")
    row = DirectSupervision(county=site.county, site=site, reason=reason.strip(), authority=authority,
                            department_id=department_id, decided_by_id=acting_user.id if acting_user else None,
                            valid_from=begins)  # fmt: skip
    row.save(force_insert=True)
    facts = {"reason": row.reason, "authority": authority, "valid_from": begins}
    if begins <= clock.today():
        _flag(site, True, acting_user=acting_user, action="sites.mark_directly_supervised", facts=facts)
    else:
        trace.record(acting_user=acting_user, action="sites.mark_directly_supervised", target=site, changes=facts)
    return row


@transaction.atomic
def end_direct_supervision(
    *, acting_user: Actor | None, site: Site, reason: str, valid_to: date | None = None
) -> DirectSupervision:
    """End a site's direct supervision; its last day is yesterday unless said otherwise. Grid work covers it again after that."""
    require(acting_user, "end_direct_supervision", site)
    if not reason.strip() or len(reason) > 200:
        raise InvalidInput({"reason": "请填写结束直接监管的理由，不超过 200 字"})
    row: DirectSupervision | None = _running(site.county).filter(site=site).first()
    if row is None:
        raise WrongState("该对象没有处于直接监管中")
    _refuse_other_department(acting_user, row.department_id)
    today = clock.today()
    last = valid_to or today - timedelta(days=1)  # before its first day: it was never in force
    if valid_to is not None and valid_to < row.valid_from:
        raise InvalidInput({"valid_to": "结束日期不能早于开始日期"})
    DirectSupervision.objects.filter(county=site.county, id=row.id).update(valid_to=last)
    row.valid_to = last
    facts = {"end_reason": reason.strip(), "valid_to": last}
    if last < today and site.is_directly_supervised:
        _flag(site, False, acting_user=acting_user, action="sites.end_direct_supervision", facts=facts)
    else:
        trace.record(acting_user=acting_user, action="sites.end_direct_supervision", target=site, changes=facts)
    return row


def _refuse_other_department(user: Actor | None, department_id: UUID | None) -> None:
    if user is None or held(user, "lead_officer"):
        return
    if department_id not in {holding.department_id for holding in held(user, "department_officer")}:
        raise NotPermitted("部门经办只能办理本部门的直接监管")


def _running(county: int) -> QuerySet[Any]:
    today = clock.today()
    return DirectSupervision.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today), county=county)


def _flag(site: Site, on: bool, *, acting_user: Actor | None, action: str, facts: dict[str, object]) -> None:
    if site.is_directly_supervised != on:
        swap(site, {"is_directly_supervised": on}, acting_user=acting_user, action=action, more=facts)
        announce(site.county, moved=[site.id])  # grids leave it out, or take it in, as if it had moved


def refresh_direct_supervision() -> int:
    """Let the mark of every site follow the dates of its direct supervision; run by the queue's schedule."""
    today, changed = clock.today(), 0
    with cross_county("dates come due in every county"):
        due = DirectSupervision.objects.filter(
            Q(site__is_directly_supervised=False, valid_from__lte=today)
            & (Q(valid_to__isnull=True) | Q(valid_to__gte=today))
        )
        over = DirectSupervision.objects.filter(site__is_directly_supervised=True, valid_to__lt=today)
        starting = list(due.values_list("county", "site_id"))
        ending = list(over.values_list("county", "site_id"))
    for county, site_id in starting:
        changed += _follow(county, site_id, True)
    for county, site_id in ending:
        changed += _follow(county, site_id, False)
    return changed


@transaction.atomic
def _follow(county: int, site_id: UUID, on: bool) -> int:
    site: Site = Site.objects.get(county=county, id=site_id)
    today = clock.today()
    runs = _running(county).filter(site=site, valid_from__lte=today).exists()
    if site.is_directly_supervised == on or runs != on:
        return 0
    _flag(site, on, acting_user=None, action="sites.follow_direct_supervision", facts={"on": today})
    return 1
