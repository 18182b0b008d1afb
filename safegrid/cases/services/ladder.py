"""Keeping the county's escalation ladder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from safegrid.accounts.selectors import kind_choices
from safegrid.cases.ladder import LADDERS, shipped
from safegrid.cases.models import EscalationStep
from safegrid.foundation import trace
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.worktime import TimeLimit

SEVERITIES = ("", "minor", "general", "major")


@transaction.atomic
def load_default_ladder(county: int) -> int:
    """Give a county the shipped ladder where it has none of its own; return how many rungs were added."""
    before = EscalationStep.objects.filter(county=county).count()
    rows = [EscalationStep(county=county, **row) for row in shipped()]
    EscalationStep.objects.bulk_create(rows, ignore_conflicts=True)
    added: int = EscalationStep.objects.filter(county=county).count() - before
    if added:
        LADDERS.changed(county)
        trace.record(acting_user=None, action="cases.load_default_ladder", county=county, target=rows[0],
                     changes={"added": added})  # fmt: skip
    return added


@transaction.atomic
def set_ladder(*, acting_user: Actor | None, county: int, severity: str, steps: Sequence[dict[str, Any]]) -> None:
    """Replace the rungs of a severity ("" for every severity) by ``steps``: [{"after": {value, unit}, "roles": […]}], in order.

    A rung left over from a longer ladder is emptied. For the head of the lead office. Raises ``InvalidInput``.
    """
    if acting_user is not None and not any(h.county == county for h in held(acting_user, "lead_chief")):
        raise NotPermitted("只有牵头部门负责人可以修改督办阶梯")
    if severity not in SEVERITIES:
        raise InvalidInput({"severity": "严重程度只能是轻微、一般、重大，或留空表示全部"})
    wanted = {number: _checked(number, step) for number, step in enumerate(steps, 1)}
    kept = {row.step: row for row in EscalationStep.objects.filter(county=county, severity=severity)}
    for number in sorted(set(kept) | set(wanted)):
        after, roles = wanted.get(number, (kept[number].after if number in kept else {}, []))
        EscalationStep.objects.update_or_create(
            county=county, severity=severity, step=number, defaults={"after": after, "roles": roles}
        )
    first = EscalationStep.objects.filter(county=county, severity=severity).order_by("step").first()
    trace.record(acting_user=acting_user, action="cases.set_ladder", county=county, target=first, role="lead_chief",
                 changes={"severity": severity, "steps": list(steps)}) if first else None  # fmt: skip
    LADDERS.changed(county)


def _checked(number: int, step: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    try:
        after = TimeLimit.from_dict(step.get("after")).to_dict()
    except ValueError as error:
        raise InvalidInput({"steps": f"第{number}级：{error}"}) from None
    roles = list(step.get("roles", []))
    if not roles or not set(roles) <= {kind for kind, _ in kind_choices()}:
        raise InvalidInput({"steps": f"第{number}级：请选择要通知的岗位"})
    return after, roles
