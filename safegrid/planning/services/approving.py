"""The lead chief's verbs: approving a plan, sending it back, and ordering its publication."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from gridplan.validators import validate
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.queue import enqueue
from safegrid.foundation.scope import Actor
from safegrid.planning import kept
from safegrid.planning.models import Scenario, ScenarioState
from safegrid.planning.numbering import too_long
from safegrid.planning.selectors import clusters_of
from safegrid.planning.services._begin import begin, told
from safegrid.planning.services.editing import TOLERATED
from safegrid.planning.standing import check_today


@transaction.atomic
def approve_scenario(
    *, acting_user: Actor | None, scenario: Scenario, words: str = "", version: int | None = None
) -> Scenario:
    """Approve a plan: not one's own. Grids over tolerance must be explained in ``words``; broken ones are refused."""
    begin("approve", acting_user, scenario, version)
    if acting_user is not None and acting_user.id == scenario.created_by_id:
        raise Refused("不能批准自己编制的方案，请由他人批准")
    if len(words) > 300:
        raise InvalidInput({"words": "说明不超过 300 字"})
    check_today(scenario)
    _check_clusters(scenario)
    wrong = validate(kept.units_of(scenario).problem, kept.label_of(scenario))
    hard = [one.text for one in wrong if one.code not in TOLERATED]
    if hard:
        raise Refused("；".join(hard))
    if wrong and not words.strip():
        raise InvalidInput({"words": f"{wrong[0].text}，请说明为什么仍然批准"})
    rule = kept.parameters_of(scenario).code_rule
    if long := too_long(scenario.grids, rule):
        raise Refused(
            f"按编码规则 {rule.shown}，顺序号位数不够：{'、'.join(long[:3])} 等 {len(long)} 个，请增加位数后复制方案"
        )
    scenario.swap(
        state=ScenarioState.APPROVED.value, approved_by_id=_id(acting_user), approved_at=clock.now(),
        approval_words=words.strip(), message="",
    )  # fmt: skip
    told("approve", acting_user, scenario, words=words.strip(), figures=scenario.figures)
    return scenario


@transaction.atomic
def send_back_scenario(
    *, acting_user: Actor | None, scenario: Scenario, reason: str, version: int | None = None
) -> Scenario:
    """Take an approval back so that the plan can be changed."""
    begin("send_back", acting_user, scenario, version, reason=reason)
    scenario.swap(state=ScenarioState.READY.value, message=reason.strip()[:500], approved_by_id=None, approved_at=None,
                  approval_words="")  # fmt: skip
    told("send_back", acting_user, scenario, reason=reason.strip())
    return scenario


@transaction.atomic
def publish_scenario(
    *, acting_user: Actor | None, scenario: Scenario, valid_from: date, version: int | None = None
) -> Scenario:
    """Order the publication of an approved plan from a day (today or later); the queue carries it out. Raises ``Refused``."""
    begin("publish", acting_user, scenario, version, valid_from=valid_from)
    if valid_from < clock.today():
        raise InvalidInput({"valid_from": "启用日期不能早于今天"})
    check_today(scenario)
    _check_clusters(scenario)
    scenario.swap(state=ScenarioState.PUBLISHING.value, published_by_id=_id(acting_user), published_from=valid_from,
                  message="")  # fmt: skip
    told("publish", acting_user, scenario, valid_from=valid_from)
    enqueue("planning.publish", county=scenario.county, scenario_id=str(scenario.id))
    return scenario


def _check_clusters(scenario: Scenario) -> None:
    """Raise ``Refused`` while a cluster waits for a decision: guidance II(2)2 wants grids of their own for clusters."""
    open_ones = [one.name for one in clusters_of(scenario) if one.is_undecided]
    if open_ones:
        back = "先退回，再由" if scenario.state == ScenarioState.APPROVED else ""
        raise Refused(
            f"还有 {len(open_ones)} 个聚集区没有决定（{'、'.join(open_ones[:3])}{'等' if len(open_ones) > 3 else ''}），"
            f"请{back}经办人逐个注明原因不单独成网格，或者复制方案、确认后再计算"
        )


def _id(user: Actor | None) -> UUID | None:
    return user.id if user else None
