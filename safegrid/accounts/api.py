"""Accounts over the API. What prints a secret once (passwords, tokens, recovery codes) is done on the pages only:
the answers of the API's writes are kept for repeats, and a secret must not be."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from safegrid.accounts import access, selectors, services
from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.errors import InvalidInput, NotVisible

router = Router()


class RoleOut(Schema):
    id: UUID
    kind: str
    place: str
    department_id: UUID | None
    agency_id: UUID | None
    site_id: UUID | None
    valid_from: date
    valid_to: date | None
    suspended: bool
    delegated_from_id: UUID | None


class AccountOut(Schema):
    """An account; the phone masked."""

    id: UUID
    username: str
    name: str
    phone: str
    email: str
    place: str
    is_active: bool
    must_change_password: bool
    has_second_factor: bool
    last_login: datetime | None


class AccountDetail(AccountOut):
    roles: list[RoleOut]


class OpenIn(Schema):
    username: str = Field(max_length=60)
    name: str = Field(max_length=60)
    place: str = ""
    phone: str = ""
    email: str = ""


class RoleIn(Schema):
    kind: str
    place: str = ""
    department_id: UUID | None = None
    agency_id: UUID | None = None
    site_id: UUID | None = None
    valid_from: date
    valid_to: date | None = None
    reason: str = ""


class ReasonIn(Schema):
    reason: str = ""


class DelegateIn(Schema):
    substitute: UUID
    valid_from: date
    valid_to: date
    reason: str


class TokenOut(Schema):
    id: UUID
    name: str
    tail: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class SessionsEnded(Schema):
    ended: int


def _detail(user: Any) -> dict[str, Any]:
    return {**vars(selectors.profile(user)), "roles": selectors.roles_of(user)}


@router.get("/accounts", response=Page[AccountOut], summary="账号列表（本地区系统管理员）")
def list_accounts(
    request: HttpRequest, words: str = "", kind: str = "", active: bool | None = None, cursor: str = "", limit: int = 50
) -> Any:
    found = selectors.accounts(current_user(request), words=words, kind=kind, active=active)
    return paginate(found, cursor=cursor, limit=limit, order=("username",)).of(selectors.profile)


@router.get("/accounts/me", response=AccountDetail, summary="本人账号与角色")
def me(request: HttpRequest) -> Any:
    return _detail(current_user(request))


@router.get("/accounts/me/tokens", response=list[TokenOut], summary="本人的访问令牌")
def my_tokens(request: HttpRequest) -> Any:
    return selectors.tokens_of(current_user(request))  # type: ignore[arg-type]


@router.post("/accounts/me/tokens/{token_id}/revoke", response=TokenOut, summary="撤销本人的访问令牌")
@idempotent
def revoke_token(request: HttpRequest, token_id: UUID) -> Any:
    actor = current_user(request)
    return services.revoke_token(acting_user=actor, token=selectors.token_for(actor, token_id))


@router.post("/accounts/me/sign-out-everywhere", response=SessionsEnded, summary="结束本人的其他全部登录")
@idempotent
def sign_out_everywhere(request: HttpRequest) -> Any:
    actor: Any = current_user(request)
    keep = None if "Authorization" in request.headers else request.session.session_key
    return {"ended": services.sign_out_everywhere(acting_user=actor, user=actor, keep=keep)}


@router.get("/accounts/{user_id}", response=AccountDetail, summary="一个账号")
def get_account(request: HttpRequest, user_id: UUID) -> Any:
    return _detail(selectors.account_for(current_user(request), user_id))


@router.post("/accounts", response={201: AccountDetail}, summary="开户（密码由管理员在控制台生成）")
@idempotent
def open_account(request: HttpRequest, payload: OpenIn) -> Any:
    return Status(201, _detail(services.open_account(acting_user=current_user(request), **payload.dict())))


@router.post("/accounts/{user_id}/suspend", response=AccountDetail, summary="停用账号")
@idempotent
def suspend_account(request: HttpRequest, user_id: UUID, payload: ReasonIn) -> Any:
    actor = current_user(request)
    user = selectors.account_for(actor, user_id)
    return _detail(services.suspend_account(acting_user=actor, user=user, reason=payload.reason))


@router.post("/accounts/{user_id}/resume", response=AccountDetail, summary="启用账号")
@idempotent
def resume_account(request: HttpRequest, user_id: UUID, payload: ReasonIn) -> Any:
    actor = current_user(request)
    user = selectors.account_for(actor, user_id)
    return _detail(services.resume_account(acting_user=actor, user=user, reason=payload.reason))


@router.post("/accounts/{user_id}/roles", response={201: RoleOut}, summary="授予角色")
@idempotent
def grant_role(request: HttpRequest, user_id: UUID, payload: RoleIn) -> Any:
    if payload.kind not in access.BY_HAND:
        raise InvalidInput({"kind": "没有这种角色，或它由派驻产生，不在此授予"})
    actor = current_user(request)
    user = selectors.account_for(actor, user_id)
    return Status(201, services.grant_role(acting_user=actor, user=user, **payload.dict()))


@router.post("/accounts/roles/{role_id}/end", response=RoleOut, summary="终止角色")
@idempotent
def end_role(request: HttpRequest, role_id: UUID, payload: ReasonIn) -> Any:
    actor = current_user(request)
    return services.end_role(acting_user=actor, role=selectors.role_for(actor, role_id), reason=payload.reason)


@router.post("/accounts/roles/{role_id}/delegate", response={201: RoleOut}, summary="指定代行人（AB角）")
@idempotent
def delegate(request: HttpRequest, role_id: UUID, payload: DelegateIn) -> Any:
    actor = current_user(request)
    try:
        substitute = selectors.user(payload.substitute)
    except NotVisible:
        raise InvalidInput({"substitute": "没有这个用户"}) from None
    made = services.delegate(
        acting_user=actor,
        role=selectors.role_for(actor, role_id),
        substitute=substitute,
        valid_from=payload.valid_from,
        valid_to=payload.valid_to,
        reason=payload.reason,
    )
    return Status(201, made)
