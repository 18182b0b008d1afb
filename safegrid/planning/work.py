"""What the worker does with a scenario on the queue. Every step bears being run again after a crash."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction

from gridplan.bound import prove
from gridplan.figures import figures
from gridplan.improve import improve
from gridplan.plan import Plan
from gridplan.problem import ACCEPTABLE, InvalidProblem, Problem
from gridplan.solve import solve
from gridplan.stop import MaxSeconds, Progress, any_of
from gridplan.validators import validate
from gridplan.work import Params
from safegrid.accounts import selectors as accounts
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import Conflict
from safegrid.foundation.scope import Actor
from safegrid.notices.services import tell
from safegrid.planning import kept, messages
from safegrid.planning.building import ACCEPTED, Built, build
from safegrid.planning.ground import Units
from safegrid.planning.measures import around, measure
from safegrid.planning.models import Purpose, Scenario, ScenarioState
from safegrid.planning.parameters import WAYS
from safegrid.regions import selectors as regions

TRIES = 5  # of writing a row that somebody else writes, too
EVERY = 1.0  # seconds between two looks at the row: progress out, the wish to stop in
PROOF_SECONDS = 10.0  # most that proving may take after a run …
PROOF_EACH = 0.1  # … and for each place of several grids: 1,150 villages take 70 to 105 s of CPU to their optimum …
PROOF_UNIT = 0.002  # … and for each unit: the bound of distances takes about so long
HYSTERESIS = 0.1  # re-planning brings a grid so much further in, so that next week's drift does not bring it up again
LEAD = ("lead_officer",)


class Watch:
    """The ``stop`` that solvers ask: writes the best plan so far into the row each second and reads the wish to stop."""

    def __init__(self, scenario: Scenario, units: Units) -> None:
        self._rows = Scenario.objects.filter(county=scenario.county, id=scenario.id)
        self._units, self._last = units, time.monotonic() - EVERY
        self.is_stopped = False

    def __call__(self, progress: Progress) -> bool:
        now = time.monotonic()
        if now - self._last >= EVERY and not self.is_stopped:
            self._last = now
            self._rows.update(progress=_progress(progress))
            row = self._rows.values_list("stop_requested", "state").first()
            self.is_stopped = row is None or row[0] or row[1] != ScenarioState.RUNNING
        return self.is_stopped


def _progress(progress: Progress) -> dict[str, Any]:
    found = progress.figures
    return {
        "seconds": round(progress.seconds, 1),
        "rounds": progress.rounds,
        "labels": progress.label.tolist(),
        "figures": {"grids": len(found.load), "worst_deviation": found.worst_deviation,
                    "mean_deviation": found.mean_deviation, "broken": found.broken,
                    "cut_border_km": found.cut_border / 1000, "split_villages": found.split_villages},
    }  # fmt: skip


def run(county: int, scenario_id: UUID) -> None:
    """Work a queued scenario out; one that was running when its worker died is worked out anew."""
    scenario: Scenario | None = Scenario.objects.filter(county=county, id=scenario_id).first()
    if scenario is None or scenario.state not in (ScenarioState.QUEUED, ScenarioState.RUNNING):
        return  # stopped before it began, or done by the worker this task was taken from
    if scenario.state == ScenarioState.QUEUED:
        scenario.swap(state=ScenarioState.RUNNING.value, started_at=clock.now(), progress={})
    built = build(kept.order_of(scenario))
    with transaction.atomic():
        kept.keep(scenario, built)
        _put(scenario, findings=[one.as_json() for one in built.said])
    if built.units is None or built.is_blocked:
        _end(
            scenario, ScenarioState.FAILED, f"{sum(one.is_blocking for one in built.said)} 个问题需要先处理，见检查结果"
        )
        return
    watch = Watch(scenario, built.units)
    try:
        plan = _planned(scenario, built.units, watch)
    except BrokenToday as error:
        _end(
            scenario,
            ScenarioState.FAILED,
            f"现有网格不能作为微调的起点：{error}。请先调整这些网格的边界，或新建划分方案",
        )
        return
    except InvalidProblem as error:
        found = messages.of_findings(
            error.findings, [regions.name_of(built.units.village_of(u)) for u in range(len(built.units))]
        )
        _put(scenario, findings=[one.as_json() for one in (*built.said, *found)])
        _end(scenario, ScenarioState.FAILED, str(error))
        return
    _finish(scenario, built, plan, watch)


class BrokenToday(ValueError):
    """Today's grids are no plan to start from; says why."""


def _planned(scenario: Scenario, units: Units, watch: Watch) -> Plan:
    wanted, problem = kept.parameters_of(scenario), units.problem
    stop, accept = any_of(watch, MaxSeconds(wanted.seconds)), ACCEPTED & ACCEPTABLE
    if scenario.purpose == Purpose.DIVIDE:
        return solve(problem, stop, wanted.seed, Params(accept=accept, ways=WAYS[wanted.shape]))
    wrong = [one.text for one in validate(problem, units.start) if one.code != "over_tolerance"]
    if wrong:
        raise BrokenToday("；".join(wrong))
    start = Plan(units.start, figures(problem, units.start), wanted.seed, 0.0, 0)
    params = Params(accept=accept, hysteresis=HYSTERESIS, ways=WAYS[wanted.shape])
    return improve(start, problem, wanted.price, stop=stop, seed=wanted.seed, params=params)


def _finish(scenario: Scenario, built: Built, plan: Plan, watch: Watch) -> None:
    assert built.units is not None
    wanted, units = kept.parameters_of(scenario), built.units
    improves = scenario.purpose == Purpose.IMPROVE
    bounds: dict[str, Any] = {}
    if not watch.is_stopped:
        seconds = min(PROOF_SECONDS, wanted.seconds) + PROOF_EACH * int((units.problem.grids > 1).sum())
        within = Within(seconds + PROOF_UNIT * len(units), watch)
        # the proof's own plan has short borders, at whatever distance
        free = not improves and wanted.shape == "borders"
        plan, bounds = proven(units.problem, plan, within, wanted.capacity, may_change=free)
    measured = measure(units, plan.label, wanted, around(scenario.county, scenario.town), keeps_all=improves)
    state = ScenarioState.STOPPED if watch.is_stopped else ScenarioState.READY
    over = measured.figures["over_tolerance"]
    words = f"{measured.figures['grids']} 个网格，最大偏差 {measured.figures['worst_deviation']:.1%}"
    words += f"，{over} 个超出允许偏差" if over else "，全部在允许偏差内"
    _end(
        scenario, state, words, labels=plan.label.tolist(), container_grids=units.problem.grids.tolist(),
        grids=measured.grids, figures=measured.figures, bounds=bounds,
        progress={"seconds": round(plan.seconds, 1), "rounds": plan.rounds},
    )  # fmt: skip


@dataclass(frozen=True)
class Within(MaxSeconds):
    """So many seconds, and no longer than people want."""

    watch: Watch

    def __call__(self, progress: Progress) -> bool:
        return self.watch(progress) or super().__call__(progress)


def proven(
    problem: Problem, plan: Plan, stop: Within, capacity: float, *, may_change: bool
) -> tuple[Plan, dict[str, Any]]:
    """Return the plan, or the shorter one that the proof came upon, and by figure what no plan can be better than.

    Without bounds where the problem has units heavier than a grid: nothing is proven of plans out of tolerance.
    """
    try:
        found = prove(problem, stop, plan, capacity)
    except InvalidProblem:
        return plan, {}
    better = found.plan
    shorter = better is not None and better.figures.cut_border < plan.figures.cut_border - 1e-6
    if may_change and better is not None and shorter and not validate(problem, better.label):
        plan = Plan(better.label, better.figures, plan.seed, plan.seconds, plan.rounds)
    parts = {
        "grids": found.bound.grids,
        "balance": found.bound.balance,
        "cut_border": found.bound.cut_border,
        "distance": found.bound.distance,
    }
    return plan, {
        key: {"value": float(part.value) if np.isfinite(part.value) else None, "method": part.method,
              "holds_for": part.holds_for, "is_proven_optimal": bool(part.is_proven_optimal)}
        for key, part in parts.items()
    }  # fmt: skip


def _put(scenario: Scenario, **values: Any) -> None:
    """Write a running scenario; whoever asks it to stop meanwhile raises its version, so read again and try again."""
    for _ in range(TRIES):
        scenario.refresh_from_db()
        if scenario.state != ScenarioState.RUNNING:
            raise Conflict
        with suppress(Conflict):
            scenario.swap(**values)
            return
    raise Conflict


@transaction.atomic
def _end(scenario: Scenario, state: str, message: str, **plan: Any) -> None:
    _put(
        scenario,
        state=ScenarioState(state).value,
        message=message[:500],
        ended_at=clock.now(),
        stop_requested=False,
        **plan,
    )
    by: Actor | None = accounts.user(scenario.created_by_id) if scenario.created_by_id else None
    changes = {"state": str(state), "message": message, "figures": scenario.figures}
    trace.record(acting_user=None, action="planning.finish", target=scenario, changes=changes)
    people = [by] if by else accounts.who_holds(LEAD, county=scenario.county)
    tell(county=scenario.county, recipients=[one.id for one in people], kind="planning.run",
         title=f"{scenario.name}：{ScenarioState(state).label}"[:120], body=message[:500], target=scenario,
         key=f"planning.run:{scenario.id}:{scenario.version}")  # fmt: skip
