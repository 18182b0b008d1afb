"""What the worker does when a plan is published: grids from a day, sites no boundary can place, proposals for postings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import shapely
from django.db import transaction
from django.db.models import Q

from safegrid.accounts import selectors as accounts
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import SafeGridError
from safegrid.foundation.scope import Actor
from safegrid.grids import selectors as grids
from safegrid.grids.services import DrawnGrid, assign_site_by_hand, publish_division
from safegrid.notices.services import tell
from safegrid.planning import kept
from safegrid.planning.models import Scenario, ScenarioState
from safegrid.planning.selectors import boundaries_of
from safegrid.planning.staffing import propose
from safegrid.planning.standing import check_today
from safegrid.sites import selectors as sites

LEAD = ("lead_officer", "lead_chief")
FAR = 0.002  # degrees (some 200 m): a site farther outside than that is not of this territory


def publish(county: int, scenario_id: UUID) -> None:
    """Publish a scenario whose publication was ordered. Refused by a rule, it is approved again and says why."""
    scenario: Scenario | None = Scenario.objects.filter(county=county, id=scenario_id).first()
    if scenario is None or scenario.state != ScenarioState.PUBLISHING:
        return  # done by the worker this task was taken from
    user: Actor | None = accounts.user(scenario.published_by_id) if scenario.published_by_id else None
    try:
        with transaction.atomic():
            _publish(scenario, user)
    except SafeGridError as error:
        scenario.refresh_from_db()
        _end(
            scenario,
            user,
            ScenarioState.APPROVED,
            f"未能发布：{error.message}",
            published_from=None,
            published_by_id=None,
        )


def _publish(scenario: Scenario, user: Actor | None) -> None:
    check_today(scenario)
    assert scenario.published_from is not None
    units, areas = kept.units_of(scenario), boundaries_of(scenario)
    label = kept.label_of(scenario)
    approximate = {int(one) for one in label[units.approximate]}
    today = {piece.grid_id: piece.area for piece in grids.pieces(scenario.county)}
    rows = [dict(row) for row in scenario.grids]
    going_on = {UUID(row["keeps"]): areas[row["number"]] for row in rows if row["keeps"] and not row["locked"]}
    staying = {UUID(row["keeps"]) for row in rows if row["keeps"]}
    new = [
        DrawnGrid(row["code"], row["name"], row["town"], row["village"], areas[row["number"]], row["kind"],
                  row["number"] in approximate)
        for row in rows if not row["keeps"]
    ]  # fmt: skip
    opened = publish_division(
        acting_user=user, county=scenario.county, new=new, valid_from=scenario.published_from,
        kept={key: area for key, area in going_on.items() if key not in today or not _same(today[key], area)},
        closed=[one.id for one in grids.open_at(scenario.county, scenario.town) if one.id not in staying],
        source=f"划分方案：{scenario.name}"[:200], reason=f"按划分方案“{scenario.name}”重新划分",
        is_approximate=bool(approximate),
    )  # fmt: skip
    for row in rows:
        row["grid_id"] = row["keeps"] or str(opened[row["code"]])
    _supersede(scenario)
    made = propose(scenario, units, rows)
    words = (
        f"自 {scenario.published_from} 起启用 {len(rows)} 个网格（新设 {len(opened)} 个），派驻建议 {made} 条待乡镇确认"
    )
    _end(scenario, user, ScenarioState.PUBLISHED, words, grids=rows, published_at=clock.now())
    settle(scenario)


def _same(before: Any, after: Any) -> bool:
    return bool(shapely.symmetric_difference(before, after).area <= 1e-10)


def _supersede(scenario: Scenario) -> None:
    """Let earlier publications of the same territory, or of towns in it, be what they are: superseded."""
    inside = Q() if not scenario.town else Q(town=scenario.town)
    rows = Scenario.objects.filter(inside, county=scenario.county, state=ScenarioState.PUBLISHED).exclude(
        id=scenario.id
    )
    for row in rows:
        row.swap(state=ScenarioState.SUPERSEDED.value)
        trace.record(acting_user=None, action="planning.supersede", target=row, changes={"by": scenario.id})


@transaction.atomic
def _end(scenario: Scenario, user: Actor | None, state: ScenarioState, words: str, **values: Any) -> None:
    scenario.swap(state=state.value, message=words[:500], **values)
    trace.record(acting_user=user, action="planning.take_effect", target=scenario,
                 changes={"state": state.value, "words": words, "valid_from": scenario.published_from})  # fmt: skip
    people = {one.id for one in accounts.who_holds(LEAD, county=scenario.county)}
    if state == ScenarioState.PUBLISHED:
        for town in sorted({row["town"] for row in scenario.grids}):
            people |= {one.id for one in accounts.who_holds(("town_officer",), county=scenario.county, town=town)}
    tell(county=scenario.county, recipients=sorted(people), kind="planning.publish", title=f"{scenario.name}：{state.label}"[:120],
         body=words[:500], target=scenario, key=f"planning.publish:{scenario.id}:{scenario.version}")  # fmt: skip


def settle_due(county: int) -> None:
    """Settle the publications whose day has come; called when boundaries take effect."""
    rows = Scenario.objects.filter(county=county, state=ScenarioState.PUBLISHED, settled_at__isnull=True)
    for scenario in rows.filter(published_from__lte=clock.today()):
        settle(scenario)


@transaction.atomic
def settle(scenario: Scenario) -> int:
    """Give the sites that no boundary can place the grid that the plan counted them in; return how many. Once, on its day."""
    assert scenario.published_from is not None
    if scenario.published_from > clock.today() or scenario.settled_at is not None:
        return 0
    units, shapes, label = kept.units_of(scenario), kept.shapes_of(scenario), kept.label_of(scenario)
    grid_of = {row["number"]: UUID(row["grid_id"]) for row in scenario.grids}
    unit_of, tree = dict(units.strays), shapely.STRtree(shapes)
    done, words = 0, f"坐标缺失或在边界外，按划分方案“{scenario.name}”归入"[:200]
    for fact in sites.work_facts(scenario.county, town=scenario.town):
        if fact.grid_id is not None or not grids.needs_grid(fact):
            continue
        unit = unit_of.get(fact.id)
        if unit is None and fact.longitude is not None and fact.latitude is not None:
            near = tree.query_nearest(shapely.Point(fact.longitude, fact.latitude), max_distance=FAR, all_matches=False)
            unit = int(near[0]) if len(near) else None
        if unit is None:
            continue
        row, grid = sites.site(scenario.county, fact.id), grids.grid(scenario.county, grid_of[int(label[unit])])
        assign_site_by_hand(acting_user=None, site=row, grid=grid, reason=words)
        done += 1
    scenario.swap(settled_at=clock.now())
    trace.record(acting_user=None, action="planning.settle", target=scenario, changes={"assigned_by_hand": done})
    return done
