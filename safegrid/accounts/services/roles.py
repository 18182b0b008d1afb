"""Giving, suspending and ending roles, and lending an approver's role to a substitute (AB角)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safegrid.accounts import access
from safegrid.accounts.models import Role, RoleKind, User
from safegrid.accounts.services.rules import chain, check_place, required
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.scope import Actor


@transaction.atomic
def grant_role(
    *,
    acting_user: Actor | None,
    user: User,
    kind: str,
    place: str,
    department_id: UUID | None = None,
    agency_id: UUID | None = None,
    site_id: UUID | None = None,
    valid_from: date,
    valid_to: date | None = None,
    reason: str = "",
) -> Role:
    """Give ``user`` a role at a place for a period (first and last day, both included).

    Nobody gives himself a role; who gives which is ``access.GRANTERS``. The same role again over the
    same days is refused. Raises ``InvalidInput``, ``NotPermitted``, ``Refused``.
    """
    _check_shape(kind, place, department_id, site_id, valid_from, valid_to)
    if acting_user is not None:
        if acting_user.id == user.pk:
            raise NotPermitted("不能给自己授予角色，请由另一位管理员办理")
        if not access.may_grant(acting_user, kind, place):
            raise NotPermitted(f"您不能在这个地区授予“{RoleKind(kind).label}”角色")
    made = Role(
        user=user, kind=kind, place=place, department_id=department_id, agency_id=agency_id, site_id=site_id,
        valid_from=valid_from, valid_to=valid_to, reason=reason[:200],
    )  # fmt: skip
    _refuse_doubled(made)
    _refuse_incompatible(user, kind, place, valid_from, valid_to)
    made.save()
    user.forget_holdings()
    _record(acting_user, "accounts.grant_role", made, _told(made))
    return made


def _check_shape(
    kind: str, place: str, department_id: UUID | None, site_id: UUID | None, first: date, last: date | None
) -> None:
    if kind not in RoleKind.values:
        raise InvalidInput({"kind": "没有这种角色"})
    check_place(place, access.PLACES[kind])
    if kind == RoleKind.DEPARTMENT_OFFICER and department_id is None:
        raise InvalidInput({"department_id": "部门经办必须指明所在部门"})
    if kind == RoleKind.SITE_CONTACT and site_id is None:
        raise InvalidInput({"site_id": "监管对象联系人必须指明监管对象"})
    if last is not None and last < first:
        raise InvalidInput({"valid_to": "结束日期不能早于开始日期"})


def _overlapping(first: date, last: date | None) -> Q:
    ends_after = Q(valid_to__isnull=True) | Q(valid_to__gte=first)
    return ends_after & Q(valid_from__lte=last) if last is not None else ends_after


def _refuse_doubled(made: Role) -> None:
    same = Role.objects.filter(
        _overlapping(made.valid_from, made.valid_to),
        Q(ends_at__isnull=True),
        user=made.user, kind=made.kind, place=made.place, department_id=made.department_id,
        agency_id=made.agency_id, site_id=made.site_id, delegated_from=made.delegated_from,
    )  # fmt: skip
    if same.exists():
        raise Refused("该用户在这段时间已有同样的角色")


def _refuse_incompatible(user: User, kind: str, place: str, first: date, last: date | None) -> None:
    """Keep sealed identities apart from cases: no ``reward_officer`` handles cases, in any overlapping place."""
    if kind == RoleKind.REWARD_OFFICER:
        barred: frozenset[str] = access.CASE_HANDLERS
    elif kind in access.CASE_HANDLERS:
        barred = frozenset({RoleKind.REWARD_OFFICER})
    else:
        return
    for other in Role.objects.filter(_overlapping(first, last), user=user, kind__in=barred):
        if access.contains(other.place, place) or access.contains(place, other.place):
            raise Refused(
                f"“{RoleKind(kind).label}”与已有的“{other.get_kind_display()}”不能由同一人担任：举报人身份与案件办理必须分开"
            )


@transaction.atomic
def suspend_role(*, acting_user: Actor | None, role: Role, reason: str) -> Role:
    """Put a role out of force until ``resume_role`` (the posting gate, a leave)."""
    return _switch(acting_user, role, True, reason)


@transaction.atomic
def resume_role(*, acting_user: Actor | None, role: Role, reason: str = "") -> Role:
    """Put a suspended role back in force."""
    return _switch(acting_user, role, False, reason)


def _switch(acting_user: Actor | None, role: Role, suspended: bool, reason: str) -> Role:
    _may_take(acting_user, role)
    if role.suspended == suspended:
        return role
    role.suspended = suspended
    role.save(update_fields=["suspended"])
    role.user.forget_holdings()
    Role.objects.filter(delegated_from=role).update(suspended=suspended)
    verb = "accounts.suspend_role" if suspended else "accounts.resume_role"
    _record(acting_user, verb, role, {**_told(role), "suspended": [not suspended, suspended], "reason": reason})
    return role


@transaction.atomic
def end_role(*, acting_user: Actor | None, role: Role, on: date | None = None, reason: str = "") -> Role:
    """End a role: ``on`` is the first day without it, today by default. Substitutes lose their copies with it."""
    _may_take(acting_user, role, or_holder=True)
    last = (on or clock.today()) - timedelta(days=1)
    if role.valid_to is not None and role.valid_to <= last:
        return role
    before, role.valid_to = role.valid_to, last
    role.save(update_fields=["valid_to"])
    role.user.forget_holdings()
    _record(acting_user, "accounts.end_role", role, {**_told(role), "valid_to": [before, last], "reason": reason})
    for copy in Role.objects.select_related("user").filter(
        _overlapping(last + timedelta(days=1), None), delegated_from=role
    ):
        end_role(acting_user=None, role=copy, on=on, reason=f"原角色终止：{reason}"[:200])
    return role


def _may_take(acting_user: Actor | None, role: Role, *, or_holder: bool = False) -> None:
    """Raise ``NotPermitted`` unless the actor could have given the role, or lent it, or (``or_holder``) gives it up."""
    if acting_user is None or access.may_grant(acting_user, role.kind, role.place):
        return
    lender = role.delegated_from.user_id if role.delegated_from else None
    if acting_user.id == lender or (or_holder and acting_user.id == role.user_id):
        return
    raise NotPermitted("您不能变更这个角色")


@transaction.atomic
def delegate(
    *, acting_user: Actor | None, role: Role, substitute: User, valid_from: date, valid_to: date, reason: str
) -> Role:
    """Lend an approver's role to a substitute from ``valid_from`` to ``valid_to``, both days included (AB角).

    The holder lends, or a system administrator for a holder who cannot. A lent role is not lent on.
    Raises ``InvalidInput``, ``NotPermitted``, ``Refused``.
    """
    required(reason=("代行原因", reason))
    if acting_user is not None and acting_user.id != role.user_id:
        if not access.may_grant(acting_user, role.kind, role.place):
            raise NotPermitted("只有角色本人或系统管理员可以办理代行")
        if acting_user.id == substitute.pk:
            raise NotPermitted("不能指定自己代行他人的角色")
    if role.kind not in access.DELEGABLE:
        raise Refused(f"“{role.get_kind_display()}”不能由他人代行")
    if role.delegated_from_id is not None:
        raise Refused("代行的角色不能再转给他人")
    if substitute.pk == role.user_id:
        raise InvalidInput({"substitute": "代行人不能是本人"})
    if not substitute.is_active:
        raise InvalidInput({"substitute": "代行人的账号已停用"})
    if valid_to < valid_from or valid_to < clock.today():
        raise InvalidInput({"valid_to": "结束日期不能早于开始日期或今天"})
    if valid_from < role.valid_from or (role.valid_to is not None and valid_to > role.valid_to):
        raise InvalidInput({"valid_to": "代行期间必须在原角色的有效期之内"})
    made = Role(
        user=substitute, kind=role.kind, place=role.place, department_id=role.department_id, agency_id=role.agency_id,
        site_id=role.site_id, valid_from=valid_from, valid_to=valid_to, delegated_from=role, reason=reason[:200],
        suspended=role.suspended,
    )  # fmt: skip
    _refuse_doubled(made)
    _refuse_incompatible(substitute, role.kind, role.place, valid_from, valid_to)
    made.save()
    substitute.forget_holdings()
    _record(acting_user, "accounts.delegate", made, {**_told(made), "from_user": role.user_id})
    return made


def _told(role: Role) -> dict[str, Any]:
    return {
        "user": role.user_id,
        "kind": role.kind,
        "place": role.place,
        "department_id": role.department_id,
        "agency_id": role.agency_id,
        "site_id": role.site_id,
        "valid_from": role.valid_from,
        "valid_to": role.valid_to,
        "reason": role.reason,
    }


def _record(acting_user: Actor | None, action: str, role: Role, changes: dict[str, Any]) -> None:
    trace.record(acting_user=acting_user, action=action, target=role, county=chain(role.place), changes=changes)
