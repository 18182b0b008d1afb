"""Who should serve the published grids: the assignment of least cost, town by town, as proposals to the stations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np

from gridplan.staffing import Member, Post, Prices, assign
from safegrid.accounts import selectors as accounts
from safegrid.foundation import trace
from safegrid.grids import selectors as grids
from safegrid.notices.services import tell
from safegrid.planning import kept
from safegrid.planning.ground import Units
from safegrid.planning.models import PostingProposal, Scenario
from safegrid.planning.parameters import Parameters

MOST_GRIDS = 3  # grids one member may serve where they are small
SERVES = 0.3  # share of a grid's work: whoever did that much of it knows it
SECONDS = 5.0


def propose(scenario: Scenario, units: Units, rows: Sequence[Mapping[str, Any]]) -> int:
    """Write a proposal for each published grid that no posting goes on in, as far as members suffice; return how many."""
    by_town: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_town[row["town"]].append(row)
    made = 0
    for town, mine in sorted(by_town.items()):
        found = _of_town(scenario, units, town, mine)
        PostingProposal.objects.bulk_create(found)
        made += len(found)
        if found:
            people = [one.id for one in accounts.who_holds(("town_officer",), county=scenario.county, town=town)]
            tell(county=scenario.county, recipients=people, kind="planning.posting", title="网格员派驻建议待确认",
                 body=f"划分方案“{scenario.name}”：{len(found)} 条派驻建议"[:500], target=scenario,
                 key=f"planning.posting:{scenario.id}:{town}")  # fmt: skip
    trace.record(acting_user=None, action="planning.propose_postings", target=scenario, changes={"proposals": made})
    return made


def _of_town(scenario: Scenario, units: Units, town: str, rows: Sequence[Mapping[str, Any]]) -> list[PostingProposal]:
    wanted, county = kept.parameters_of(scenario), scenario.county
    members = grids.members_at(county, town)
    assert scenario.published_from is not None
    postings = grids.present_postings(county, [one.id for one in members], scenario.published_from)
    before = grids.present_postings(county, [one.id for one in members], scenario.published_from - timedelta(days=1))
    load = {row["grid_id"]: row["minutes"] for row in rows}
    served = {str(one.grid_id) for some in postings.values() for one in some if one.role == "primary"}
    wishes = {str(one.id): frozenset(one.wishes) for one in grids.open_at(county, town)}
    posts = [_post(units, scenario, row, wishes) for row in rows if row["grid_id"] not in served]
    if not posts or not members:
        return []
    knows, homes = _shares(units, scenario, rows), _homes(units)
    people = []
    for one in members:
        busy = [str(posting.grid_id) for posting in postings.get(one.id, []) if posting.role == "primary"]
        room = max(0.0, _capacity(one, wanted) - sum(load.get(key, wanted.capacity) for key in busy))
        mine = {posting.grid_id for posting in before.get(one.id, [])}
        serves = frozenset(key for grid in mine for key in knows.get(grid, ()))
        people.append(
            Member(room, homes.get(one.home_village), frozenset(one.skills), serves, max(1, MOST_GRIDS - len(busy)))
        )
    found = assign(people, posts, Prices(tolerance=wanted.tolerance), SECONDS)
    return [
        PostingProposal(county=county, scenario=scenario, town=town, grid_id=UUID(post.key), member_id=members[who].id,
                        why=_why(people[who], post))
        for post, who in zip(posts, found.member_of_grid, strict=True) if who >= 0
    ]  # fmt: skip


def _capacity(member: Any, wanted: Parameters) -> float:
    return 60 * (wanted.hours_full_time if member.is_full_time else wanted.hours_part_time)


def _post(units: Units, scenario: Scenario, row: Mapping[str, Any], wishes: Mapping[str, frozenset[str]]) -> Post:
    inside = np.flatnonzero(kept.label_of(scenario) == row["number"])
    weight = units.problem.load[inside] + 1e-9
    east, north = np.average(units.problem.position[inside], axis=0, weights=weight).tolist()
    return Post(row["grid_id"], row["minutes"], (east, north), wishes.get(row["grid_id"], frozenset()))


def _homes(units: Units) -> dict[str, tuple[float, float]]:
    """Return the middle of each village of the territory (metres)."""
    assert units.problem.village is not None
    found = {}
    for at, village in enumerate(units.villages):
        inside = units.problem.village == at
        if inside.any():
            east, north = units.problem.position[inside].mean(axis=0).tolist()
            found[village] = (east, north)
    return found


def _shares(units: Units, scenario: Scenario, rows: Sequence[Mapping[str, Any]]) -> dict[UUID, list[str]]:
    """Return for each of today's grids the published ones of whose work it held a good share."""
    label = kept.label_of(scenario)
    key_of = {row["number"]: (row["grid_id"], row["minutes"]) for row in rows}
    held: dict[tuple[int, int], float] = defaultdict(float)
    for unit, grid, minutes in zip(
        units.today_unit.tolist(), units.today_grid.tolist(), units.today_load.tolist(), strict=True
    ):
        held[grid, int(label[unit])] += minutes
    found: dict[UUID, list[str]] = defaultdict(list)
    for (grid, number), minutes in held.items():
        if number in key_of and minutes >= SERVES * key_of[number][1]:
            found[units.today_grids[grid]].append(key_of[number][0])
    return found


def _why(member: Member, post: Post) -> str:
    words = []
    if post.key in member.serves:
        words.append("现在负责其中大部分监管对象")
    if member.home is not None:
        metres = float(np.hypot(member.home[0] - post.position[0], member.home[1] - post.position[1]))
        words.append(f"居住村距网格约 {metres / 1000:.1f} 千米")
    if met := member.skills & post.wishes:
        words.append(f"具备{'、'.join(sorted(met))}")
    return "，".join(words) or "工时有余"
