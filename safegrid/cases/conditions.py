"""The conditions that narrow a role on one row of the table, by the name the table gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from safegrid.cases import around
from safegrid.cases.models import (
    Case,
    CaseAssistance,
    CaseTimer,
    Decision,
    Extension,
    OverdueAppeal,
    Suspension,
    TimerState,
)
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, Holding


@dataclass(frozen=True)
class Look:
    """One user, with one of the user's holdings, before one case."""

    user: Actor
    holding: Holding
    case: Case

    @property
    def is_major(self) -> bool:
        return self.case.severity == "major"

    @property
    def is_main(self) -> bool:
        return self.holding.department_id is not None and self.holding.department_id == self.case.department_id

    def assists(self, *, received: bool) -> bool:
        """Say whether the user's department assists and has not fed back: its part ``received``, or waiting for that."""
        mine = self.holding.department_id
        return mine is not None and any(
            row.department_id == mine and row.fed_back_at is None and (row.received_at is not None) == received
            for row in around.rows(self.case, CaseAssistance)
        )

    def waits(self, model: type[Extension] | type[Suspension] | type[OverdueAppeal]) -> bool:
        """Say whether a request of this kind waits for its decision."""
        return any(row.decision == Decision.WAITING for row in around.rows(self.case, model))

    @property
    def was_over(self) -> bool:
        """Say whether the user's department let a stage of this case run over."""
        mine, now = self.holding.department_id, clock.now()
        return self.is_main and any(
            row.department_id == mine
            and (row.state in OVER or (_runs(row) and row.due_at is not None and row.due_at <= now))
            for row in around.rows(self.case, CaseTimer)
        )

    @property
    def is_own_work(self) -> bool:
        """Whoever took part in the rectification does not pass its recheck (cases.md, rule 6)."""
        return str(self.user.id) in self.case.rectifiers

    @property
    def is_referred_here(self) -> bool:
        """A dispute referred up is decided by the level it was referred to, or one above that."""
        return bool(self.case.referred_up_to) and self.case.referred_up_to.startswith(self.holding.place)


OVER = (TimerState.OVERDUE, TimerState.BADLY_OVERDUE)


def _runs(timer: CaseTimer) -> bool:
    return timer.paused_at is None and timer.stopped_at is None


Condition = Callable[[Look], bool]
CONDITIONS: dict[str, Condition] = {
    "anyone": lambda _look: True,
    "main": lambda look: look.is_main,
    "asked_to_assist": lambda look: look.assists(received=False),
    "assisting": lambda look: look.assists(received=True),
    "extension_asked": lambda look: look.waits(Extension),
    "suspension_asked": lambda look: look.waits(Suspension),
    "appealed": lambda look: look.waits(OverdueAppeal),
    "main_was_over": lambda look: look.was_over,
    "supervised": lambda look: look.case.is_supervised,
    "main_supervised": lambda look: look.is_main and look.case.is_supervised,
    "verifier": lambda look: look.case.verifier_id == look.user.id,
    "rechecker": lambda look: look.case.rechecker_id == look.user.id,
    "own_site": lambda look: look.holding.site_id is not None and look.holding.site_id == look.case.site_id,
    "minor": lambda look: look.case.severity == "minor",
    "major": lambda look: look.is_major and look.case.nature == "hazard" and not look.case.is_listed_major,
    "not_major": lambda look: not look.is_major,
    "listed": lambda look: look.case.is_listed_major,
    "accident": lambda look: look.case.is_accident,
    "referred_up": lambda look: look.is_referred_here,
    "not_referred_up": lambda look: not look.case.referred_up_to,
    "settled_by_another": lambda look: look.case.is_settled_on_spot and look.case.reporter_id != look.user.id,
    "rechecker_not_major": lambda look: (
        look.case.rechecker_id == look.user.id and not look.is_major and not look.is_own_work
    ),
    "not_major_nor_own_work": lambda look: not look.is_major and not look.is_own_work,
    "main_not_own_work": lambda look: look.is_main and not look.is_own_work,
}
USUAL = {"department_officer": "main", "site_contact": "own_site"}
WHY = {
    "main": "只有主办部门可以这样做",
    "asked_to_assist": "只有尚未接收的协办部门可以接收",
    "assisting": "只有已接收、尚未反馈的协办部门可以反馈",
    "extension_asked": "没有待审批的延期申请",
    "suspension_asked": "没有待审批的挂起申请",
    "appealed": "没有待审定的申诉",
    "main_was_over": "只有主办部门可以就本部门超期的环节申诉",
    "supervised": "该案件没有督办",
    "main_supervised": "该案件没有督办主办部门",
    "verifier": "只有受交办的网格员可以核实",
    "rechecker": "只有受交办的复查人可以这样做",
    "own_site": "只有该监管对象的联系人可以这样做",
    "minor": "乡镇只能办结轻微隐患，其他由牵头部门结案",
    "major": "只有尚未挂牌的重大事故隐患可以挂牌督办",
    "not_major": "重大事故隐患不能这样做",
    "listed": "该案件没有挂牌督办",
    "accident": "该案件不是生产安全事故",
    "referred_up": "该争议没有提请本级裁定",
    "not_referred_up": "该争议已提请上级裁定",
    "settled_by_another": "只能由他人确认当场整改的案件",
    "rechecker_not_major": "只有受交办且未参与整改的复查人可以通过复查；重大事故隐患由主办部门会同网格员复查",
    "not_major_nor_own_work": "参与整改的人不能通过复查；重大事故隐患由主办部门会同网格员复查",
    "main_not_own_work": "只有主办部门中未参与整改的人可以通过复查",
}
