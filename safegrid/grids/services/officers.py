"""The two officials named for each grid."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from safegrid.accounts import selectors as accounts
from safegrid.foundation import clock, trace
from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor
from safegrid.grids import access
from safegrid.grids.models import Grid, GridOfficer, OfficerKind


@transaction.atomic
def name_officer(
    *, acting_user: Actor | None, grid: Grid, kind: str, name: str = "", user_id: UUID | None = None, title: str = "",
    phone: str = "", valid_from: date | None = None, valid_to: date | None = None,
) -> GridOfficer:  # fmt: skip
    """Name the responsible officer or the contact of a grid from a day on; whoever held it before ends the day before.

    ``user_id``: the official's account, whose name is taken where none is given. Raises ``InvalidInput``, ``Refused``.
    """
    access.require(acting_user, "name_officer", grid)
    day = valid_from or clock.today()
    if user_id is not None and not name.strip():
        name = accounts.user(user_id).name
    problems = {}
    if kind not in OfficerKind.values:
        problems["kind"] = "请选择安全监管责任人或联系负责人"
    if not name.strip() or len(name) > 60:
        problems["name"] = "请填写姓名，不超过 60 字"
    if len(title) > 100:
        problems["title"] = "职务不超过 100 字"
    if len(phone) > 40:
        problems["phone"] = "电话不超过 40 字"
    if valid_to is not None and valid_to < day:
        problems["valid_to"] = "结束日期不能早于开始日期"
    if problems:
        raise InvalidInput(problems)
    if grid.closed_on is not None and grid.closed_on <= day:
        raise Refused("该网格已撤销")
    others = GridOfficer.objects.filter(county=grid.county, grid=grid, kind=kind)
    others = others.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
    if others.filter(valid_from__gt=day).exists():
        raise Refused("这个职责已有之后生效的任命，请先结束它")
    others.update(valid_to=day - timedelta(days=1))
    made = GridOfficer(county=grid.county, grid=grid, kind=kind, user_id=user_id, name=name.strip(), title=title.strip(),
                       phone=phone.strip(), valid_from=day, valid_to=valid_to)  # fmt: skip
    made.save(force_insert=True)
    trace.record(acting_user=acting_user, action="grids.name_officer", target=grid, changes={
        "kind": kind, "name": made.name, "title": made.title, "phone": mask_phone(made.phone), "user_id": user_id,
        "valid_from": day, "valid_to": valid_to})  # fmt: skip
    return made


@transaction.atomic
def end_officer(*, acting_user: Actor | None, officer: GridOfficer, on: date | None = None, reason: str = "") -> None:
    """End a naming: ``on`` (today by default) is the first day without it."""
    access.require(acting_user, "end_officer", officer.grid)
    last = (on or clock.today()) - timedelta(days=1)
    open_rows = GridOfficer.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=last), county=officer.county)
    if not open_rows.filter(id=officer.id).update(valid_to=last):
        raise Refused("这项任命已经结束")
    trace.record(acting_user=acting_user, action="grids.end_officer", target=officer.grid, changes={
        "kind": officer.kind, "name": officer.name, "valid_to": [officer.valid_to, last], "reason": reason})  # fmt: skip


@transaction.atomic
def unmask_officer(*, acting_user: Actor, officer: GridOfficer, reason: str) -> str:
    """Return an official's phone in full; the reason is kept in the trace."""
    access.require(acting_user, "unmask_officer", officer.grid)
    if not reason.strip():
        raise InvalidInput({"reason": "请填写查看原因"})
    trace.record(acting_user=acting_user, action="grids.unmask_officer", target=officer.grid,
                 changes={"officer": officer.id, "field": "phone", "reason": reason})  # fmt: skip
    return str(officer.phone)
