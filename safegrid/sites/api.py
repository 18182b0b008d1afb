"""The register of sites over the API.

Seeing a contact in full carries no Idempotency-Key: the answer to a write is kept under it, and personal data must not be kept.
It is offered to the field app alone, beside what else comes without one; others see contacts on the console's page.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.views.decorators.cache import never_cache
from ninja import Router, Schema, Status
from ninja.decorators import decorate_view

from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.scope import Holding, place_q
from safegrid.sites import access, industries, selectors, services
from safegrid.sites.schemas import (
    DirectSupervisionEndIn,
    DirectSupervisionIn,
    DirectSupervisionOut,
    RegisterDifferenceOut,
    RegisterSettleIn,
    SeeingIn,
    SeenContactOut,
    SiteChangeIn,
    SiteChangeRequestOut,
    SiteCloseIn,
    SiteContactChange,
    SiteContactIn,
    SiteContactOut,
    SiteDetailOut,
    SiteHistoryOut,
    SiteOut,
    SiteProposalIn,
    SiteReasonIn,
    SiteRegisterIn,
)

router = Router()
SITE = "/sites/{county}/{site_id}"
ORDER = ("town", "village", "id")


def _given(payload: Schema) -> dict[str, Any]:
    return payload.dict(exclude_unset=True)


def _detail(user: Any, site: Any) -> dict[str, Any]:
    out = SiteOut.from_orm(site).dict()
    return {
        **out,
        "shown_name": out["name"],
        "industry_name": industries.name_of(site.industry) if site.industry else "",
        "contacts": [vars(one) for one in selectors.contacts_of(user, site)],
        "warnings": selectors.position_warnings(site),
        "verbs": sorted(access.verbs_for(user, site)),
    }


@router.get("/sites/{county}", response=Page[SiteOut], summary="监管对象")
def list_sites(
    request: HttpRequest, county: int, words: str = "", place: str = "", site_type: str = "", industry: str = "",
    risk_grade: str = "", status: str = "", direct: bool | None = None, grid_id: UUID | None = None,
    department_id: UUID | None = None, has_grid: bool | None = None, has_department: bool | None = None,
    cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """``place``: a town's 9 or a village's 12 digits; ``industry``: its first digits."""
    rows = access.visible(current_user(request)).filter(county=county)
    exact = {"site_type": site_type, "risk_grade": risk_grade, "status": status, "industry__startswith": industry,
             "grid_id": grid_id, "department_id": department_id}  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    wanted = {"is_directly_supervised": direct, "grid_id__isnull": None if has_grid is None else not has_grid,
              "department_id__isnull": None if has_department is None else not has_department}  # fmt: skip
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if place:
        rows = rows.filter(place_q(Holding("", place))) if len(place) in (9, 12) and place.isdigit() else rows.none()
    return paginate(selectors.matching(rows, words), cursor=cursor, limit=limit, order=ORDER)


@router.get("/site-changes/{county}", response=Page[SiteChangeRequestOut], summary="台账变更申请")
def list_changes(request: HttpRequest, county: int, state: str = "", cursor: str = "", limit: int = 50) -> Any:
    rows = selectors.changes(current_user(request)).filter(county=county)
    return paginate(
        rows.filter(state=state) if state else rows, cursor=cursor, limit=limit, order=("-proposed_at", "-id")
    )


@router.get("/site-changes/{county}/{change_id}", response=SiteChangeRequestOut, summary="一条变更申请")
def get_change(request: HttpRequest, county: int, change_id: UUID) -> Any:
    return selectors.change_for(current_user(request), county, change_id)


@router.post("/site-changes/{county}", response={201: SiteChangeRequestOut}, summary="申请新增监管对象")
@idempotent
def propose_site(request: HttpRequest, county: int, payload: SiteProposalIn) -> Any:
    made = services.propose_change(
        acting_user=current_user(request), county=county, values=_given(payload.values), words=payload.words
    )
    return Status(201, made)


@router.post("/site-changes/{county}/{change_id}/accept", response=SiteOut, summary="采纳变更申请")
@idempotent
def accept_change(request: HttpRequest, county: int, change_id: UUID) -> Any:
    actor = current_user(request)
    return services.accept_change(acting_user=actor, request=selectors.change_for(actor, county, change_id))


@router.post("/site-changes/{county}/{change_id}/refuse", response=SiteChangeRequestOut, summary="不予采纳变更申请")
@idempotent
def refuse_change(request: HttpRequest, county: int, change_id: UUID, payload: SiteReasonIn) -> Any:
    actor = current_user(request)
    row = selectors.change_for(actor, county, change_id)
    return services.refuse_change(acting_user=actor, request=row, reason=payload.reason)


@router.get("/site-differences/{county}", response=Page[RegisterDifferenceOut], summary="登记比对差异")
def list_differences(
    request: HttpRequest, county: int, settled: bool | None = None, kind: str = "", cursor: str = "", limit: int = 50
) -> Any:
    rows = selectors.differences(current_user(request)).filter(county=county)
    rows = rows if settled is None else rows.filter(settled_at__isnull=not settled)
    return paginate(rows.filter(kind=kind) if kind else rows, cursor=cursor, limit=limit, order=("town", "id"))


@router.post(
    "/site-differences/{county}/{difference_id}/settle", response=RegisterDifferenceOut, summary="处理登记比对差异"
)
@idempotent
def settle_difference(request: HttpRequest, county: int, difference_id: UUID, payload: RegisterSettleIn) -> Any:
    actor = current_user(request)
    return services.settle_difference(
        acting_user=actor,
        difference=selectors.difference_for(actor, county, difference_id),
        settle_as=payload.settle_as,
        reason=payload.reason,
        values=_given(payload.values),
    )


@router.get(SITE, response=SiteDetailOut, summary="一个监管对象")
def get_site(request: HttpRequest, county: int, site_id: UUID) -> Any:
    user = current_user(request)
    return _detail(user, selectors.site_for(user, county, site_id))


@router.get(f"{SITE}/history", response=list[SiteHistoryOut], summary="变更历史")
def site_history(request: HttpRequest, county: int, site_id: UUID) -> Any:
    user = current_user(request)
    return selectors.history_of(user, selectors.site_for(user, county, site_id))


@router.post("/sites/{county}", response={201: SiteOut}, summary="登记监管对象")
@idempotent
def register_site(request: HttpRequest, county: int, payload: SiteRegisterIn) -> Any:
    values = payload.dict()
    contacts = values.pop("contacts")
    made = services.register_site(acting_user=current_user(request), county=county, values=values, contacts=contacts)
    return Status(201, made)


@router.post(f"{SITE}/change", response=SiteOut, summary="修改监管对象")
@idempotent
def change_site(request: HttpRequest, county: int, site_id: UUID, payload: SiteChangeIn) -> Any:
    actor = current_user(request)
    site = selectors.site_for(actor, county, site_id)
    return services.change_site(acting_user=actor, site=site, values=_given(payload.values), version=payload.version)


@router.post(f"{SITE}/propose_change", response={201: SiteChangeRequestOut}, summary="申请变更监管对象")
@idempotent
def propose_change(request: HttpRequest, county: int, site_id: UUID, payload: SiteProposalIn) -> Any:
    actor = current_user(request)
    site = selectors.site_for(actor, county, site_id)
    made = services.propose_change(
        acting_user=actor, county=county, site=site, values=_given(payload.values), words=payload.words
    )
    return Status(201, made)


@router.post(f"{SITE}/close", response=SiteOut, summary="停业、注销或迁出")
@idempotent
def close_site(request: HttpRequest, county: int, site_id: UUID, payload: SiteCloseIn) -> Any:
    actor = current_user(request)
    site = selectors.site_for(actor, county, site_id)
    return services.close_site(acting_user=actor, site=site, **payload.dict())


@router.post(f"{SITE}/reopen", response=SiteOut, summary="恢复在册")
@idempotent
def reopen_site(request: HttpRequest, county: int, site_id: UUID, payload: SiteReasonIn) -> Any:
    actor = current_user(request)
    site = selectors.site_for(actor, county, site_id)
    return services.reopen_site(acting_user=actor, site=site, **payload.dict())


@router.post(f"{SITE}/mark_directly_supervised", response={201: DirectSupervisionOut}, summary="列为直接监管")
@idempotent
def mark_directly_supervised(request: HttpRequest, county: int, site_id: UUID, payload: DirectSupervisionIn) -> Any:
    actor = current_user(request)
    site = selectors.site_for(actor, county, site_id)
    return Status(201, services.mark_directly_supervised(acting_user=actor, site=site, **payload.dict()))


@router.post(f"{SITE}/end_direct_supervision", response=DirectSupervisionOut, summary="结束直接监管")
@idempotent
def end_direct_supervision(request: HttpRequest, county: int, site_id: UUID, payload: DirectSupervisionEndIn) -> Any:
    actor = current_user(request)
    site = selectors.site_for(actor, county, site_id)
    return services.end_direct_supervision(acting_user=actor, site=site, **payload.dict())


def _contact(user: Any, site: Any, contact_id: UUID) -> Any:
    return next(one for one in selectors.contacts_of(user, site) if one.id == contact_id)


@router.post(
    "/field/{county}/sites/{site_id}/contacts/{contact_id}/unmask",
    response=SeenContactOut,
    summary="在手机上查看联系人的完整号码",
)
@decorate_view(never_cache)
def see_contact(request: HttpRequest, county: int, site_id: UUID, contact_id: UUID, payload: SeeingIn) -> Any:
    """Show a contact's name and phone in full, for a reason that goes into the trace; asked twice, it is traced twice."""
    actor = current_user(request)
    site = selectors.site_for(actor, county, site_id)
    seen = services.unmask_contact(acting_user=actor, site=site, contact_id=contact_id, reason=payload.reason)
    return {"name": seen.name, "phone": seen.phone}


@router.post(f"{SITE}/contacts", response={201: SiteContactOut}, summary="新增联系人")
@idempotent
def add_contact(request: HttpRequest, county: int, site_id: UUID, payload: SiteContactIn) -> Any:
    actor = current_user(request)
    site = selectors.site_for(actor, county, site_id)
    made = services.add_contact(acting_user=actor, site=site, values=payload.dict())
    return Status(201, _contact(actor, site, made.id))


@router.post(f"{SITE}/contacts/{{contact_id}}/change", response=SiteContactOut, summary="修改联系人")
@idempotent
def change_contact(
    request: HttpRequest, county: int, site_id: UUID, contact_id: UUID, payload: SiteContactChange
) -> Any:
    actor = current_user(request)
    site = selectors.site_for(actor, county, site_id)
    services.change_contact(acting_user=actor, site=site, contact_id=contact_id, values=_given(payload))
    return _contact(actor, site, contact_id)
