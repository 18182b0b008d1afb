"""The price of village borders: what the same work takes inside villages and inside towns, before anything is divided."""

from dataclasses import replace

import numpy as np
import pytest

from gridplan.problem import Problem
from safegrid.planning import selectors, services
from safegrid.planning.ground import KIND_NAMES, Container, Units
from safegrid.planning.nesting import price
from safegrid.planning.parameters import Parameters, Relaxation
from safegrid.planning.views import KINDS, figure_lines
from tests.doors import signed_in

WANTED = Parameters(hours_full_time=100, hours_part_time=40, tolerance=0.0)  # 6,000 and 2,400 minutes


def units(minutes: list[float], kinds: list[str] | None = None) -> Units:
    """Villages in a row, all of one town but for the last."""
    n = len(minutes)
    codes = tuple(f"33052100{1 + (at == n - 1)}{at:03d}" for at in range(n))
    problem = Problem(
        np.array(minutes), np.array([(at, at + 1) for at in range(n - 1)]), np.ones(n - 1), np.zeros((n, 2)),
        np.arange(n), np.ones(n), 0.0, village=np.arange(n),
    )  # fmt: skip
    nothing = np.empty(0)
    kind = np.array([KIND_NAMES.index(one) for one in kinds or ["village"] * n])
    return Units(problem, kind, np.ones(n, np.int32), np.ones(n), np.zeros(n, bool), np.zeros((n, 2)), nothing, nothing,
                 nothing, nothing, codes, tuple(Container("village", code, code[:9], (code,)) for code in codes))  # fmt: skip


def test_villages_cost_the_members_that_towns_would_share():
    found = price(units([7_000, 2_000, 2_500, 6_000]), WANTED)
    assert found is not None
    # 7,000 minutes take two grids of 3,500; 2,000 a part-time member; 2,500 and 6,000 a full-time one each
    assert (found.village.grids, found.village.full_time, found.village.part_time) == (5, 4, 1)
    assert found.village.small == 2
    assert (found.town.grids, found.town.full_time) == (3, 3)  # 11,500 minutes in two grids, and the other town's one
    assert found.more == pytest.approx(5 / 3 - 1)
    assert "按村多用 67% 的网格员" in found.words
    assert "2 个村（社区）不足半个网格" in found.words


def test_villages_divided_together_count_as_one_and_clusters_and_kept_grids_not_at_all():
    land = units([3_000, 3_000, 9_000, 3_000], ["village", "village", "cluster", "locked"])
    together = replace(WANTED, relaxations=(Relaxation(land.villages[:2], "共用一名网格员"),))
    apart, joined = price(land, WANTED), price(land, together)
    assert apart is not None
    assert joined is not None
    assert (apart.village.grids, joined.village.grids, joined.town.grids) == (2, 1, 1)
    assert joined.words.endswith("按村不必多用网格员")
    assert price(units([3_000, 3_000], ["cluster", "locked"]), WANTED) is None


def test_villages_divided_together_through_a_third_are_one():
    land = units([2_000, 2_000, 2_000, 3_000])
    first, second, third, _ = land.villages
    chained = (Relaxation((first, second), "同一条街"), Relaxation((second, third), "同一条街"))
    found = price(land, replace(WANTED, relaxations=chained))
    assert found is not None
    assert (found.village.grids, found.town.grids) == (2, 2)


def test_the_price_stands_beside_the_choice_once_the_data_are_checked(draft, lead):
    assert selectors.nesting_price(draft) is None
    services.check_scenario(acting_user=lead, scenario=draft)
    found = selectors.nesting_price(draft)
    assert found is not None
    assert found.village.grids >= found.town.grids
    page = signed_in(lead).get(f"/planning/{draft.county}/{draft.id}/").content.decode()
    assert found.words in page
    form = signed_in(lead).get(f"/planning/{draft.county}/{draft.id}/settings/").content.decode()
    assert found.words in form


def test_many_times_as_many_members_are_told_as_times():
    found = price(units([300] * 8), WANTED)
    assert found is not None
    assert found.more >= 1
    assert f"按村要用 {found.more + 1:.1f} 倍的网格员" in found.words


def test_a_plan_with_grids_over_the_limit_is_told_to_be_none_of_those_the_bound_holds_for():
    figures = {kind.key: 16 for kind in KINDS}
    [grids] = [
        line for line in figure_lines(figures, {"grids": {"value": 23}, "balance": {"value": 20}}) if line.is_outside
    ]
    assert (grids.key, grids.bound) == ("grids", 23)
    assert not any(line.is_outside for line in figure_lines(figures, {"grids": {"value": 16}}))


@pytest.mark.parametrize(("metres", "is_best"), [(61_800.0, True), (62_000.0, False)])
def test_only_a_plan_at_the_bound_is_called_proven_best(metres, is_best):
    figures = {kind.key: metres / 1000 for kind in KINDS}
    lines = figure_lines(figures, {"cut_border": {"value": 61_800.0, "is_proven_optimal": True}})
    assert [line.is_proven for line in lines if line.key == "cut_border_km"] == [is_best]
