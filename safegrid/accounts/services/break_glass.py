"""Break-glass: a system administrator reads content for a few hours, for a reason, in the county's own trace."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from safegrid.accounts.models import BreakGlass, Role, RoleKind, User
from safegrid.accounts.services.rules import chain, check_place, required
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.scope import held

LONGEST_HOURS = 8
SHORTEST_REASON = 5


@transaction.atomic
def break_glass(*, acting_user: User, place: str, reason: str, hours: int) -> BreakGlass:
    """Give the acting system administrator a reading role (auditor) at a county for 1 to 8 hours; it ends by itself.

    It opens no verb and unmasks nothing. Raises ``InvalidInput``, ``NotPermitted``, ``Refused``.
    """
    check_place(place, (6,))
    required(reason=("应急访问原因", reason))
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput({"reason": f"请把原因写清楚，至少 {SHORTEST_REASON} 个字"})
    if not 1 <= hours <= LONGEST_HOURS:
        raise InvalidInput({"hours": f"应急访问时长为 1 到 {LONGEST_HOURS} 小时"})
    if not any(place.startswith(h.place) for h in held(acting_user, RoleKind.SYSTEM_ADMIN)):
        raise NotPermitted("只有本地区的系统管理员可以启用应急访问")
    now = clock.now()
    if BreakGlass.objects.filter(user=acting_user, place=place, ends_at__gt=now).exists():
        raise Refused("您在该县的应急访问尚未结束")
    ends_at = now + timedelta(hours=hours)
    role = Role.objects.create(
        user=acting_user, kind=RoleKind.AUDITOR, place=place, valid_from=clock.today(),
        valid_to=ends_at.astimezone(clock.SHANGHAI).date(), ends_at=ends_at, reason=f"应急访问：{reason}"[:200],
    )  # fmt: skip
    made = BreakGlass.objects.create(
        user=acting_user, place=place, reason=reason[:300], begins_at=now, ends_at=ends_at, role=role
    )
    acting_user.forget_holdings()
    changes = {"place": place, "reason": reason, "ends_at": ends_at}
    trace.record(
        acting_user=acting_user, action="accounts.break_glass", target=made, county=chain(place), changes=changes
    )
    return made


@transaction.atomic
def end_break_glass(*, acting_user: User, access: BreakGlass) -> BreakGlass:
    """End one's own break-glass access before its time."""
    if access.user_id != acting_user.pk:
        raise NotPermitted("只能由本人结束应急访问")
    now = clock.now()
    if access.ends_at <= now:
        return access
    before, access.ends_at = access.ends_at, now
    access.save(update_fields=["ends_at"])
    if access.role_id is not None:
        Role.objects.filter(pk=access.role_id).update(ends_at=now)
    acting_user.forget_holdings()
    trace.record(
        acting_user=acting_user,
        action="accounts.end_break_glass",
        target=access,
        county=chain(access.place),
        changes={"ends_at": [before, now]},
    )
    return access
