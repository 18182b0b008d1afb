"""The conditions that narrow a role on one row of the table, by the name the table gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from safegrid.cases.models import Case, CaseAssistance
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

    @property
    def is_assisting(self) -> bool:
        if self.holding.department_id is None:
            return False
        return CaseAssistance.objects.filter(
            county=self.case.county, case_id=self.case.id, department_id=self.holding.department_id
        ).exists()

    @property
    def is_own_work(self) -> bool:
        """Whoever took part in the rectification does not pass its recheck (cases.md, rule 6)."""
        return str(self.user.id) in self.case.rectifiers

    @property
    def is_referred_here(self) -> bool:
        """A dispute referred up is decided by the level it was referred to, or one above that."""
        return bool(self.case.referred_up_to) and self.case.referred_up_to.startswith(self.holding.place)


Condition = Callable[[Look], bool]
CONDITIONS: dict[str, Condition] = {
    "anyone": lambda _look: True,
    "main": lambda look: look.is_main,
    "assisting": lambda look: look.is_assisting,
    "verifier": lambda look: look.case.verifier_id == look.user.id,
    "rechecker": lambda look: look.case.rechecker_id == look.user.id,
    "own_site": lambda look: look.holding.site_id is not None and look.holding.site_id == look.case.site_id,
    "minor": lambda look: look.case.severity == "minor",
    "major": lambda look: look.is_major and look.case.nature == "hazard",
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
    "assisting": "只有协办部门可以这样做",
    "verifier": "只有受交办的网格员可以核实",
    "rechecker": "只有受交办的复查人可以这样做",
    "own_site": "只有该监管对象的联系人可以这样做",
    "minor": "乡镇只能办结轻微隐患，其他由牵头部门结案",
    "major": "只有重大事故隐患可以挂牌督办",
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
