"""Members to grids: the cheapest assignment, against every possible one."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.staffing import Member, Post, Prices, assign

PRICES = Prices(metre=1, change=30, missing_wish=50, unknown_home=40, tolerance=0)


def price(members: list[Member], grids: list[Post], chosen: tuple[int, ...]) -> tuple[int, float] | None:
    """(unserved grids, cost) of an assignment worked out the long way, None if not allowed."""
    for i, member in enumerate(members):
        own = [grids[j] for j in range(len(grids)) if chosen[j] == i]
        if len(own) > member.most_grids or sum(g.load for g in own) > member.capacity:
            return None
    total = 0.0
    keys = {g.key for g in grids}
    today = {key for m in members for key in m.serves}
    for j, i in enumerate(chosen):
        if i < 0:
            continue
        member, grid = members[i], grids[j]
        way = 40.0
        if member.home:
            way = ((member.home[0] - grid.position[0]) ** 2 + (member.home[1] - grid.position[1]) ** 2) ** 0.5
        changed = grid.key not in member.serves and (grid.key in today or bool(member.serves & keys))
        total += way + 30 * changed + 50 * len(grid.wishes - member.skills)
    return chosen.count(-1), total


spot = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda p: (float(p[0]), float(p[1])))
skills = st.frozensets(st.sampled_from(["畲语", "化工"]))


@st.composite
def cases(draw: st.DrawFn, several: bool) -> tuple[list[Member], list[Post]]:
    grids = [Post(f"g{j}", draw(st.integers(0, 10)), draw(spot), draw(skills)) for j in range(draw(st.integers(1, 4)))]
    keys = st.frozensets(st.sampled_from([g.key for g in grids]), max_size=1)
    most = st.integers(1, 3) if several else st.just(1)
    members = [
        Member(draw(st.integers(0, 20)), draw(st.none() | spot), draw(skills), draw(keys), draw(most))
        for _ in range(draw(st.integers(1, 4)))
    ]
    return members, grids


@settings(max_examples=60, deadline=None)
@given(st.booleans().flatmap(cases))
def test_no_assignment_is_better(case: tuple[list[Member], list[Post]]) -> None:
    members, grids = case
    found = assign(members, grids, PRICES)
    every = itertools.product(range(-1, len(members)), repeat=len(grids))
    best = min(filter(None, (price(members, grids, chosen) for chosen in every)))
    own = price(members, grids, tuple(found.member_of_grid))
    assert own is not None
    assert own == pytest.approx(best)
    assert found.cost == pytest.approx(own[1])
    assert found.is_proven_optimal
    assert found.gap == 0


def test_who_serves_today_stays_unless_the_way_is_much_longer() -> None:
    grids = [Post("a", 10, (0, 0)), Post("b", 10, (100, 0))]
    crossed = [Member(10, (100, 0), serves=frozenset("a")), Member(10, (0, 0), serves=frozenset("b"))]
    assert assign(crossed, grids, Prices(change=1000)).member_of_grid == [0, 1]
    assert assign(crossed, grids, Prices(change=10)).member_of_grid == [1, 0]


def test_a_part_time_member_serves_several_small_grids_and_a_full_one_stays_whole() -> None:
    grids = [Post("a", 4, (0, 0)), Post("b", 5, (10, 0)), Post("c", 100, (0, 10))]
    found = assign([Member(10, (0, 0), most_grids=3), Member(100, (0, 0))], grids)
    assert found.member_of_grid == [0, 0, 1]
    assert found.unserved == ()


def test_grids_that_nobody_can_serve_are_named_and_members_left_over_told() -> None:
    grids = [Post("heavy", 200, (0, 0)), Post("light", 10, (0, 0))]
    found = assign([Member(100, (0, 0)), Member(100, (5000, 0))], grids)
    assert found.unserved == ("heavy",)
    assert found.member_of_grid == [-1, 0]
    assert found.idle == (1,)


def test_nobody_goes_unserved_to_spare_a_way() -> None:
    found = assign([Member(10, (1e7, 0))], [Post("a", 10, (0, 0), frozenset({"畲语"}))])
    assert found.member_of_grid == [0]
    assert (found.missing_wishes, found.travel_m) == (1, 1e7)


def test_a_county_of_three_hundred_grids_is_proven_at_once() -> None:
    grids = [Post(str(j), 10, (j % 20 * 100.0, j // 20 * 100.0)) for j in range(300)]
    members = [Member(10, (i * 7 % 2000, i * 13 % 1500)) for i in range(320)]
    found = assign(members, grids)
    assert found.is_proven_optimal
    assert len(set(found.member_of_grid)) == 300
    assert len(found.idle) == 20


def test_no_members_or_no_grids_is_an_answer_too() -> None:
    assert assign([], [Post("a", 1, (0, 0))]).unserved == ("a",)
    assert assign([Member(1)], []).idle == (0,)


def test_wrong_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="differ"):
        assign([], [Post("a", 1, (0, 0)), Post("a", 1, (0, 0))])
    with pytest.raises(ValueError, match="negative"):
        assign([Member(-1)], [Post("a", 1, (0, 0))])
