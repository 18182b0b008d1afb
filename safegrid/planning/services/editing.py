"""Changing a plan by hand: unit by unit, with the figures following at once; each step can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import transaction

from gridplan.problem import Ints
from gridplan.validators import move_findings, validate
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, Refused
from safegrid.foundation.scope import Actor
from safegrid.planning import kept
from safegrid.planning.ground import Units
from safegrid.planning.measures import around, measure
from safegrid.planning.models import Edit, EditKind, Purpose, Scenario
from safegrid.planning.services._begin import begin, told
from safegrid.regions import selectors as regions

# A plan over tolerance may be what people want (a hamlet nobody else can reach): it is told and must be explained when
# approved. A broken grid or one across a border may not.
TOLERATED = frozenset({"over_tolerance"})


@transaction.atomic
def move_unit(
    *, acting_user: Actor | None, scenario: Scenario, unit: int, to_grid: int, version: int | None = None
) -> Scenario:
    """Give a unit to another grid. Refused with the reason: across a border, a grid broken or left empty, not adjacent."""
    begin("move_unit", acting_user, scenario, version)
    units, label = kept.units_of(scenario), kept.label_of(scenario)
    _known(units, "unit", [unit], len(units))
    _known(units, "to_grid", [to_grid], int(units.problem.first[-1]))
    if units.containers[int(units.problem.container[unit])].kind == "locked":
        raise Refused("锁定的网格不能调整")
    came_from = int(label[unit])
    if came_from == to_grid:
        return scenario
    wrong = [one for one in move_findings(units.problem, label, unit, to_grid) if one.code not in TOLERATED]
    if wrong:
        raise Refused("；".join(one.text for one in wrong))
    moved = label.copy()
    moved[unit] = to_grid
    codes = {row["number"]: row["code"] for row in scenario.grids}
    words = f"{regions.name_of(units.village_of(unit))}单元 {unit + 1}：{codes.get(came_from)} → {codes.get(to_grid)}"
    return _write(
        acting_user, scenario, units, label, moved, EditKind.MOVE, words, unit=unit, grid=[came_from, to_grid]
    )


@transaction.atomic
def merge_grids(
    *, acting_user: Actor | None, scenario: Scenario, grids: list[int], version: int | None = None
) -> Scenario:
    """Make one grid of adjacent ones of the same village or town; the numbers after them move up."""
    begin("merge_grids", acting_user, scenario, version)
    units, label = kept.units_of(scenario), kept.label_of(scenario)
    chosen = sorted(set(grids))
    if len(chosen) < 2:
        raise InvalidInput({"grids": "请至少选择两个网格"})
    _known(units, "grids", chosen, int(units.problem.first[-1]))
    holders, first = units.problem.container_of_grid, chosen[0]
    if len({int(holders[one]) for one in chosen}) > 1:
        raise Refused("所选网格不在同一村（社区）或范围内，不能合并")
    merged = np.unique(np.where(np.isin(label, chosen), first, label), return_inverse=True)[1].astype(np.int32)
    codes = {row["number"]: row["code"] for row in scenario.grids}
    words = f"合并 {'、'.join(str(codes.get(one)) for one in chosen)}"
    changed = _with(units, int(holders[first]), 1 - len(chosen))
    _hold(changed, merged)
    return _write(acting_user, scenario, changed, label, merged, EditKind.MERGE, words, grids=chosen)


@transaction.atomic
def split_grid(
    *, acting_user: Actor | None, scenario: Scenario, units: list[int], version: int | None = None
) -> Scenario:
    """Make a new grid of some units of one grid; it gets the number after the last of its village or town."""
    begin("split_grid", acting_user, scenario, version)
    ground, label = kept.units_of(scenario), kept.label_of(scenario)
    chosen = sorted(set(units))
    if not chosen:
        raise InvalidInput({"units": "请选择要划出的单元"})
    _known(ground, "units", chosen, len(ground))
    if len({int(label[unit]) for unit in chosen}) != 1:
        raise InvalidInput({"units": "请在同一个网格内选择要划出的单元"})
    holder = int(ground.problem.container[chosen[0]])
    if ground.containers[holder].kind == "locked":
        raise Refused("锁定的网格不能调整")
    made = int(ground.problem.first[holder + 1])
    divided = label.copy()
    divided[divided >= made] += 1
    divided[chosen] = made
    changed = _with(ground, holder, +1)
    _hold(changed, divided)
    codes = {row["number"]: row["code"] for row in scenario.grids}
    words = f"从 {codes.get(int(label[chosen[0]]))} 划出 {len(chosen)} 个单元成为新网格"
    return _write(acting_user, scenario, changed, label, divided, EditKind.SPLIT, words, chosen=chosen, grid=made)


@transaction.atomic
def undo_edit(*, acting_user: Actor | None, scenario: Scenario, version: int | None = None) -> Scenario:
    """Take the last change by hand back. Refused where there is none."""
    begin("undo_edit", acting_user, scenario, version)
    rows = Edit.objects.filter(county=scenario.county, scenario=scenario, undone_at__isnull=True)
    last: Edit | None = rows.order_by("-number").first()
    if last is None:
        raise Refused("没有可以撤销的调整")
    label = kept.label_of(scenario)
    for unit, number in last.before["labels"]:
        label[unit] = number
    units = kept.units_of(scenario).with_grids(last.before["container_grids"])
    Edit.objects.filter(county=scenario.county, id=last.id).update(undone_at=clock.now())
    _put(scenario, units, label)
    told("undo_edit", acting_user, scenario, edit=last.number, words=last.words)
    return scenario


def _known(units: Units, field: str, given: list[int], most: int) -> None:
    if any(isinstance(one, bool) or not 0 <= one < most for one in given):
        raise InvalidInput({field: f"没有这个{'单元' if field in ('unit', 'units') else '网格'}"})


def _with(units: Units, holder: int, more: int) -> Units:
    grids = units.problem.grids.copy()
    grids[holder] += more
    return units.with_grids(grids.tolist())


def _hold(units: Units, label: Ints) -> None:
    """Raise ``Refused`` where a division breaks a rule that no approval can excuse."""
    wrong = [one for one in validate(units.problem, label) if one.code not in TOLERATED]
    if wrong:
        raise Refused("；".join(one.text for one in wrong))


def _write(
    acting_user: Actor | None, scenario: Scenario, units: Units, before: Ints, after: Ints, kind: str, words: str,
    **said: Any,
) -> Scenario:  # fmt: skip
    changed = np.flatnonzero(before != after)
    undo: Mapping[str, Any] = {
        "labels": [[int(unit), int(before[unit])] for unit in changed],
        "container_grids": list(scenario.container_grids),
    }
    _put(scenario, units, after)
    number = Edit.objects.filter(county=scenario.county, scenario=scenario).count() + 1
    Edit(county=scenario.county, scenario=scenario, number=number, kind=kind, words=words[:200], before=undo,
         made_by_id=acting_user.id if acting_user else None, made_at=clock.now()).save(force_insert=True)  # fmt: skip
    verb = {EditKind.MOVE: "move_unit", EditKind.MERGE: "merge_grids", EditKind.SPLIT: "split_grid"}[EditKind(kind)]
    told(verb, acting_user, scenario, words=words, **said)
    return scenario


def _put(scenario: Scenario, units: Units, label: Ints) -> None:
    """Write a plan with its figures; the bounds on grids by capacity stay, those on borders held for the old counts."""
    there = around(scenario.county, scenario.town)
    measured = measure(units, label, kept.parameters_of(scenario), there, keeps_all=scenario.purpose == Purpose.IMPROVE)
    same = units.problem.grids.tolist() == list(scenario.container_grids)
    bounds = scenario.bounds if same else {key: one for key, one in scenario.bounds.items() if key == "grids"}
    scenario.swap(labels=label.tolist(), container_grids=units.problem.grids.tolist(), grids=measured.grids,
                  figures=measured.figures, bounds=bounds)  # fmt: skip
