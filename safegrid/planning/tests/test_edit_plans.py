"""Changing a plan by hand: moves with figures at once, refusals with reasons, merging, splitting, undoing."""

from __future__ import annotations

import time as wall

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridplan.validators import move_findings, validate
from safegrid.foundation import trace
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, Refused, WrongState
from safegrid.planning import kept, selectors, services
from safegrid.planning.tests.conftest import A, C


def legal_moves(row):
    units, label = kept.units_of(row), kept.label_of(row)
    found = []
    for one, other in units.problem.edges.tolist():
        if label[one] != label[other] and units.problem.container[one] == units.problem.container[other]:
            wrong = {each.code for each in move_findings(units.problem, label, one, int(label[other]))}
            if not wrong - {"over_tolerance"}:
                found.append((one, int(label[other])))
    return found


def test_a_unit_moves_and_the_figures_follow(ready, lead):
    unit, to = legal_moves(ready)[0]
    came_from, minutes = ready.labels[unit], float(kept.units_of(ready).problem.load[unit])
    before = {one.number: one.hours for one in selectors.grids_of(ready)}
    began = wall.process_time()
    services.move_unit(acting_user=lead, scenario=ready, unit=unit, to_grid=to)
    assert wall.process_time() - began < 0.3
    after = {one.number: one.hours for one in selectors.grids_of(ready)}
    assert after[to] == pytest.approx(before[to] + minutes / 60, abs=0.01)
    assert after[came_from] == pytest.approx(before[came_from] - minutes / 60, abs=0.01)
    assert trace.trace_of(ready)[-1].action == "planning.move_unit"
    assert selectors.edits_of(ready)[0].kind == "move"


def test_a_move_across_a_village_border_is_refused_with_the_reason(ready, lead):
    lines = selectors.units_of(ready)
    unit = next(one.number for one in lines if one.village == A)
    grid = next(one.number for one in selectors.grids_of(ready) if one.village == C)
    with pytest.raises(Refused, match="边界"):
        services.move_unit(acting_user=lead, scenario=ready, unit=unit, to_grid=grid)


def test_a_unit_that_does_not_touch_the_grid_is_refused(ready, lead):
    units, label = kept.units_of(ready), kept.label_of(ready)
    grids_of_a = [one.number for one in selectors.grids_of(ready) if one.village == A]
    for unit in np.flatnonzero(label == grids_of_a[0]).tolist():
        wrong = {each.code for each in move_findings(units.problem, label, unit, grids_of_a[-1])}
        if "broken_grid" in wrong:
            with pytest.raises(Refused, match=r"不连通|不相邻|断开"):
                services.move_unit(acting_user=lead, scenario=ready, unit=unit, to_grid=grids_of_a[-1])
            return
    pytest.fail("every unit of the first grid touches the last")


def test_what_does_not_exist_is_named(ready, lead):
    with pytest.raises(InvalidInput) as unit:
        services.move_unit(acting_user=lead, scenario=ready, unit=99999, to_grid=0)
    with pytest.raises(InvalidInput) as grid:
        services.move_unit(acting_user=lead, scenario=ready, unit=0, to_grid=99)
    assert (set(unit.value.fields), set(grid.value.fields)) == ({"unit"}, {"to_grid"})


def test_two_hands_at_once_are_a_conflict(ready, lead):
    (unit, to), (other, other_to) = legal_moves(ready)[:2]
    stale = selectors.scenario_for(lead, ready.county, ready.id)
    services.move_unit(acting_user=lead, scenario=ready, unit=unit, to_grid=to)
    with pytest.raises(Conflict):
        services.move_unit(acting_user=lead, scenario=stale, unit=other, to_grid=other_to)
    with pytest.raises(Conflict):
        services.undo_edit(acting_user=lead, scenario=ready, version=ready.version - 1)


def test_undo_takes_back_the_last_step_only(ready, lead):
    (unit, to), figures, labels = legal_moves(ready)[0], ready.figures, list(ready.labels)
    services.move_unit(acting_user=lead, scenario=ready, unit=unit, to_grid=to)
    services.undo_edit(acting_user=lead, scenario=ready)
    assert ready.labels == labels
    assert ready.figures["worst_deviation"] == pytest.approx(figures["worst_deviation"])
    with pytest.raises(Refused, match="没有可以撤销"):
        services.undo_edit(acting_user=lead, scenario=ready)


def test_merging_and_splitting_keep_the_plan_whole_and_can_be_undone(ready, lead):
    labels, count = list(ready.labels), len(ready.grids)
    first = min(one.number for one in selectors.grids_of(ready) if one.village == A)
    units = kept.units_of(ready)
    neighbours = {tuple(sorted((labels[a], labels[b]))) for a, b in units.problem.edges.tolist()
                  if units.problem.container[a] == units.problem.container[b] and labels[a] != labels[b]}  # fmt: skip
    pair = next(two for two in sorted(neighbours) if first in two)
    services.merge_grids(acting_user=lead, scenario=ready, grids=list(pair))
    assert len(ready.grids) == count - 1
    assert {one.code for one in validate(kept.units_of(ready).problem, kept.label_of(ready))} <= {"over_tolerance"}
    one = int(np.flatnonzero(kept.label_of(ready) == pair[0])[0])
    services.undo_edit(acting_user=lead, scenario=ready)
    assert ready.labels == labels
    moved = [unit for unit, to in legal_moves(ready)]
    services.split_grid(acting_user=lead, scenario=ready, units=[moved[0]])
    assert len(ready.grids) == count + 1
    services.undo_edit(acting_user=lead, scenario=ready)
    assert (ready.labels, len(ready.grids)) == (labels, count)
    assert one >= 0


def test_grids_of_two_villages_do_not_merge(ready, lead):
    first = next(one.number for one in selectors.grids_of(ready) if one.village == A)
    second = next(one.number for one in selectors.grids_of(ready) if one.village == C)
    with pytest.raises(Refused):
        services.merge_grids(acting_user=lead, scenario=ready, grids=[first, second])
    with pytest.raises(InvalidInput):
        services.merge_grids(acting_user=lead, scenario=ready, grids=[first])


def test_a_split_that_would_break_or_empty_a_grid_is_refused(ready, lead):
    alone = next(one.number for one in selectors.grids_of(ready) if one.village == C)
    whole = np.flatnonzero(kept.label_of(ready) == alone).tolist()
    with pytest.raises(Refused):
        services.split_grid(acting_user=lead, scenario=ready, units=whole)
    with pytest.raises(InvalidInput):
        services.split_grid(acting_user=lead, scenario=ready, units=[])
    with pytest.raises(InvalidInput):
        services.split_grid(acting_user=lead, scenario=ready, units=[0, whole[0]])


def test_only_the_lead_officer_edits_and_only_a_plan(draft, ready, lead, chief, town_officer):
    unit, to = legal_moves(ready)[0]
    for user in (chief, town_officer):
        with pytest.raises(NotPermitted):
            services.move_unit(acting_user=user, scenario=ready, unit=unit, to_grid=to)
    bare = services.copy_scenario(acting_user=lead, scenario=ready, name="未算")
    with pytest.raises(WrongState):
        services.move_unit(acting_user=lead, scenario=bare, unit=unit, to_grid=to)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(picks=st.lists(st.integers(0, 10_000), min_size=1, max_size=6))
def test_any_series_of_moves_leaves_connected_grids_and_undoes_to_the_start(ready, lead, picks):
    start = list(ready.labels)
    done = 0
    for pick in picks:
        moves = legal_moves(ready)
        if not moves:
            break
        unit, to = moves[pick % len(moves)]
        services.move_unit(acting_user=lead, scenario=ready, unit=unit, to_grid=to)
        done += 1
        assert {one.code for one in validate(kept.units_of(ready).problem, kept.label_of(ready))} <= {"over_tolerance"}
    for _ in range(done):
        services.undo_edit(acting_user=lead, scenario=ready)
    assert ready.labels == start
