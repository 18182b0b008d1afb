"""Who may be charged with looking at a case."""

from __future__ import annotations

from uuid import UUID

from safegrid.accounts import selectors as accounts
from safegrid.cases import access
from safegrid.cases.models import Case
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.scope import Actor, granted, held


def person(user_id: UUID, field: str) -> Actor:
    """Return an account; raise ``InvalidInput`` on ``field`` when there is none."""
    try:
        return accounts.user(user_id)
    except NotVisible:
        raise InvalidInput({field: "没有这个账号"}) from None


def member_answering_for(case: Case, user_id: UUID, field: str) -> Actor:
    """Return a grid member who may be charged with ``case``: posted to its grid, or to any of the county's when it has none.

    Raises ``InvalidInput`` on ``field``.
    """
    user = person(user_id, field)
    if not is_member(user, case.county):
        raise InvalidInput({field: "该账号现在不是本县在岗的网格员"})
    if case.grid_id is not None and case.grid_id not in granted(user, "grid", clock.today()):
        raise InvalidInput({field: "该网格员没有派驻到案件所在的网格"})
    return user


def is_member(user: Actor, county: int) -> bool:
    return any(holding.county == county for holding in held(user, "grid_member"))


def rechecker(case: Case, user_id: UUID) -> Actor:
    """Return who may be charged with the recheck of ``case``; raise ``InvalidInput``.

    A grid member of its grid, the town station, or an officer of the main department; for a major hazard the member who goes
    along or the department; never whoever took part in the rectification.
    """
    user = person(user_id, "rechecker_id")
    if str(user_id) in case.rectifiers:
        raise InvalidInput({"rechecker_id": "参与整改的人不能复查，请另选"})
    for holding in held(user, "town_officer", "department_officer"):
        if not access.covers(holding, case.county, case.town, case.village):
            continue
        if holding.kind == "department_officer" and holding.department_id == case.department_id:
            return user
        if holding.kind == "town_officer" and case.severity != "major":
            return user
    if not is_member(user, case.county):
        words = (
            "重大事故隐患由主办部门会同网格员复查"
            if case.severity == "major"
            else "请选择网格员、乡镇安监站或主办部门的人"
        )
        raise InvalidInput({"rechecker_id": words})
    return member_answering_for(case, user_id, "rechecker_id")
