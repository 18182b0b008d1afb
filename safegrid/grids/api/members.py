"""Members over the API: postings through the gates, papers, leaves."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.grids import access, selectors, services
from safegrid.grids.api.schemas import (
    EndIn,
    EvidenceIn,
    GateOut,
    ImportOut,
    LeaveIn,
    LeaveOut,
    MemberChange,
    MemberDetail,
    MemberIn,
    MemberOut,
    PostIn,
    PostingOut,
    ReasonIn,
)
from safegrid.grids.member_imports import import_members
from safegrid.regions.uploads import on_disk

router = Router()


def _member(row: Any) -> dict[str, Any]:
    return {
        **MemberOut.from_orm(row).dict(),
        "postings": selectors.postings_of(row),
        "evidence": selectors.evidence_of(row),
        "leaves": selectors.leaves_of(row),
    }


@router.get("/grid-members/{county}", response=Page[MemberOut], summary="网格员")
def list_members(
    request: HttpRequest, county: int, town: str = "", left: bool = False, cursor: str = "", limit: int = 50
) -> Any:
    rows = selectors.members(current_user(request), left=left).filter(county=county)
    return paginate(rows.filter(town=town) if town else rows, cursor=cursor, limit=limit, order=("code",))


@router.post("/grid-members/{county}/import", response=ImportOut, summary="导入网格员（Excel、CSV）")
@idempotent
def load_members(
    request: HttpRequest, county: int, file: File[UploadedFile], mode: Form[str] = "all_or_nothing",
    dry_run: Form[bool] = False,
) -> Any:  # fmt: skip
    with on_disk(file) as path:
        done = import_members(acting_user=current_user(request), county=county, path=path, dry_run=dry_run,
                              mode="skip_bad" if mode == "skip_bad" else "all_or_nothing")  # fmt: skip
    with done as report:
        return {"report": report.as_dict()}


@router.get("/grid-members/{county}/{member_id}", response=MemberDetail, summary="一名网格员")
def get_member(request: HttpRequest, county: int, member_id: UUID) -> Any:
    return _member(selectors.member_for(current_user(request), county, member_id))


@router.get("/grid-members/{county}/{member_id}/gates", response=list[GateOut], summary="上岗门禁")
def get_gates(request: HttpRequest, county: int, member_id: UUID, on: date | None = None) -> Any:
    row = selectors.member_for(current_user(request), county, member_id)
    return selectors.gate_results(row, on)


@router.post("/grid-members/{county}", response={201: MemberDetail}, summary="登记网格员")
@idempotent
def enrol_member(request: HttpRequest, county: int, payload: MemberIn) -> Any:
    access.require_at(current_user(request), "enrol_member", county, payload.town)
    made = services.enrol_new_member(acting_user=current_user(request), county=county, **payload.dict())
    return Status(201, _member(made))


@router.post("/grid-members/{county}/{member_id}/change", response=MemberDetail, summary="修改网格员")
@idempotent
def change_member(request: HttpRequest, county: int, member_id: UUID, payload: MemberChange) -> Any:
    row = selectors.member_for(current_user(request), county, member_id)
    values = {name: value for name, value in payload.dict().items() if value is not None}
    return _member(services.change_member(acting_user=current_user(request), member=row, values=values))


@router.post("/grid-members/{county}/{member_id}/leave-work", response=MemberDetail, summary="离岗")
@idempotent
def member_leaves(request: HttpRequest, county: int, member_id: UUID, payload: EndIn) -> Any:
    row = selectors.member_for(current_user(request), county, member_id)
    return _member(services.member_leaves(acting_user=current_user(request), member=row, **payload.dict()))


@router.post("/grid-members/{county}/{member_id}/evidence", response=MemberDetail, summary="登记上岗凭证")
@idempotent
def enter_evidence(request: HttpRequest, county: int, member_id: UUID, payload: EvidenceIn) -> Any:
    row = selectors.member_for(current_user(request), county, member_id)
    services.enter_evidence(acting_user=current_user(request), member=row, **payload.dict())
    return _member(row)


@router.post("/grid-members/{county}/evidence/{evidence_id}/revoke", response=MemberDetail, summary="撤销上岗凭证")
@idempotent
def revoke_evidence(request: HttpRequest, county: int, evidence_id: UUID, payload: ReasonIn) -> Any:
    row = selectors.evidence_for(current_user(request), county, evidence_id)
    services.revoke_evidence(acting_user=current_user(request), evidence=row, reason=payload.reason)
    return _member(row.member)


@router.post("/grid-members/{county}/{member_id}/post", response={201: PostingOut}, summary="派驻")
@idempotent
def post_member(request: HttpRequest, county: int, member_id: UUID, payload: PostIn) -> Any:
    user, values = current_user(request), payload.dict()
    row, place = selectors.member_for(user, county, member_id), selectors.grid_for(user, county, values.pop("grid_id"))
    return Status(201, services.post_member(acting_user=user, member=row, grid=place, **values))


@router.post("/grid-members/{county}/postings/{posting_id}/end", response=PostingOut, summary="结束派驻")
@idempotent
def end_posting(request: HttpRequest, county: int, posting_id: UUID, payload: EndIn) -> Any:
    row = selectors.posting_for(current_user(request), county, posting_id)
    return services.end_posting(acting_user=current_user(request), posting=row, **payload.dict())


@router.post("/grid-members/{county}/{member_id}/leaves", response={201: LeaveOut}, summary="请假与代班")
@idempotent
def grant_leave(request: HttpRequest, county: int, member_id: UUID, payload: LeaveIn) -> Any:
    user, values = current_user(request), payload.dict()
    row, other = selectors.member_for(user, county, member_id), values.pop("substitute_id")
    substitute = selectors.member_for(user, county, other) if other else None
    return Status(201, services.grant_leave(acting_user=user, member=row, substitute=substitute, **values))


@router.post("/grid-members/{county}/leaves/{leave_id}/end", response=MemberDetail, summary="销假")
@idempotent
def end_leave(request: HttpRequest, county: int, leave_id: UUID, payload: EndIn) -> Any:
    row = selectors.leave_for(current_user(request), county, leave_id)
    services.end_leave(acting_user=current_user(request), leave=row, on=payload.on)
    return _member(row.member)
