"""Which verbs the registers offer for many rows: only those for which one form makes sense for all of them.

The two for sites are those of the map (``onemap.web.select``): its forms, rights and verbs; only the choice of rows differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from safegrid.cases import access as case_access
from safegrid.cases import services as case_services
from safegrid.cases.workflow import CASE, ROWS
from safegrid.console.onemap.web import select
from safegrid.duties import access as duty_access
from safegrid.duties import services as duty_services
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.web import FieldSpec
from safegrid.foundation.web.bulk import BulkAction, offer
from safegrid.grids import access as grid_access
from safegrid.grids import selectors as grids
from safegrid.notices import access as notice_access
from safegrid.notices import services as notice_services
from safegrid.orgs import selectors as orgs
from safegrid.sites import access as site_access
from safegrid.sites import selectors as sites
from safegrid.sites import services as site_services

REASON = FieldSpec("reason", "原因", "textarea", required=True, max_length=200)
Why = Callable[[Actor, Any], str]


def _each(why: Why) -> Callable[[Actor, Sequence[Any]], Mapping[UUID, str]]:
    """Make of "why not this row" what a preview asks of all rows; ``why`` must not ask the database."""
    return lambda user, rows: {row.id: reason for row in rows if (reason := why(user, row))}


def _fields(specs: list[FieldSpec]) -> Callable[[Actor, int], list[FieldSpec]]:
    return lambda _user, _county: specs


def _site_action(name: str, why: Why) -> BulkAction:
    there = select.ACTIONS[name]
    return BulkAction(
        f"sites.{name}", select.LABELS[name], "sites.sites", site_access.visible, there.is_allowed,
        lambda user, county: there.specs(user, county, None), _each(why),
        lambda user, row, **values: there.act(user, row.county, row, **values), lambda row: str(row.shown_name),
    )  # fmt: skip


def _not_assigned(user: Actor, site: Any) -> str:
    if not grid_access.can_at(user, "assign_site_by_hand", site.county, site.town):
        return grid_access.WORDS[grid_access.STAFFING]
    return "" if grids.needs_grid(site) else "直接监管、已注销或已迁出的监管对象不归任何网格"


def _not_marked(user: Actor, site: Any) -> str:
    return "该对象已在直接监管中，请先结束原来的直接监管" if site.is_directly_supervised else ""


def _not_reviewed(verb: str) -> Why:
    def why(user: Actor, row: Any) -> str:
        if row.state != "waiting":
            return "这条变更申请已经审核过"
        if not site_access.can_at(user, verb, row.county, row.town, row.village):
            return "只有所在乡镇的安监站可以审核变更申请"
        if row.proposed_by_id == user.id:
            return "不能审核自己提出的变更申请"
        if verb == "accept_change" and row.site is not None and row.site.version != row.based_on_version:
            return "提出申请之后该对象已被修改，请按最新内容核对"
        return ""

    return why


def _reviews(user: Actor, county: int) -> bool:
    return any(holding.county == county for holding in held(user, *site_access.VERBS["accept_change"]))


def _change_action(verb: str, label: str, specs: list[FieldSpec], *, is_danger: bool = False) -> BulkAction:
    return BulkAction(
        f"sites.{verb}", label, "sites.changes", sites.changes, _reviews, _fields(specs),
        _each(_not_reviewed(verb)),
        lambda user, row, **values: getattr(site_services, verb)(acting_user=user, request=row, **values),
        lambda row: str(row.site.shown_name) if row.site is not None else "新增对象", is_danger,
    )  # fmt: skip


def _not_open(verb: str) -> Why:
    def why(user: Actor, case: Any) -> str:
        here = [row for row in ROWS if row.verb == verb and case.state in row.sources]
        if not here:
            return f"现在是“{CASE.state[case.state].label}”，不能“{CASE.verb_labels[verb]}”"
        told = [case_access.role_for(user, row, case) for row in here]
        return "" if any(role for role, _ in told) else told[0][1]

    return why


def _case_action(verb: str, specs: list[FieldSpec]) -> BulkAction:
    kinds = case_access.VERBS[verb] - {"system"}
    return BulkAction(
        f"cases.{verb}", str(CASE.verb_labels[verb]), "cases.cases", case_access.visible,
        lambda user, county: any(holding.county == county for holding in held(user, *kinds)),
        _fields(specs), _each(_not_open(verb)),
        lambda user, row, **values: getattr(case_services, verb)(acting_user=user, case=row, **values),
        lambda row: str(row.number),
    )  # fmt: skip


def _departments(_user: Actor, county: int) -> list[FieldSpec]:
    return [
        FieldSpec("department", "部门", "department", required=True, choices=orgs.choices(county)),
        FieldSpec("words", "说明", max_length=200, help="写进“为什么是这个部门”"),
    ]


def _answered(user: Actor, match: Any) -> str:
    if not duty_access.can(user, "add_rule", match.county):
        return "只有牵头部门可以修改责任规则"
    return "已经有责任部门" if match.state == "clear" else ""


def _assign_department(user: Actor, match: Any, department: UUID, words: str) -> None:
    duty_services.add_rule(acting_user=user, county=match.county, department=orgs.department(match.county, department),
                           site_id=match.site_id, words=words)  # fmt: skip


def _duty_action(tab: str) -> BulkAction:
    return BulkAction(
        f"duties.assign_{tab}", "指定部门", f"duties.{tab}", duty_access.visible_matches,
        lambda user, county: duty_access.can(user, "add_rule", county), _departments, _each(_answered), _assign_department,
        lambda match: sites.names_of(match.county, [match.site_id]).get(match.site_id, ""),
    )  # fmt: skip


ACTIONS = (
    _duty_action("gaps"),
    _duty_action("conflicts"),
    _site_action(select.ASSIGN, _not_assigned),
    _site_action(select.DIRECT, _not_marked),
    _change_action("accept_change", "采纳", []),
    _change_action("refuse_change", "不予采纳", [REASON], is_danger=True),
    _case_action("receive", [FieldSpec("words", "说明", "textarea", max_length=1000)]),
    _case_action("supervise", [
        FieldSpec("instruction", "督办要求", "textarea", required=True, max_length=1000),
        FieldSpec("deadline", "期限", "datetime", required=True),
    ]),
    BulkAction(
        "notices.read", "标为已读", "notices.inbox", notice_access.visible,
        lambda _user, _county: True, _fields([]),
        _each(lambda _, row: "已经读过" if row.read_at else ""),
        lambda user, row: notice_services.mark_read(acting_user=user, notice=row), lambda row: str(row.title),
    ),
)  # fmt: skip


def register() -> None:
    """Offer all of them."""
    offer(*ACTIONS)
