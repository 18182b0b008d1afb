"""Which rule wins: every step of the order of precedence, and that nothing else matters."""

from datetime import date
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safegrid.duties.ranking import Rule, Subject, fits, judge, rank

TODAY = date(2025, 3, 5)
SPACE = UUID(int=0)
SITE, OTHER_SITE = uuid5(SPACE, "site"), uuid5(SPACE, "other site")
TOWN, VILLAGE = "330521001", "330521001001"
SUBJECT = Subject(SITE, "enterprise", "2641", ("FIRE-EXIT-BLOCKED", "FIRE-EXIT", "FIRE"), TOWN, VILLAGE)


def rule(name, department="甲", part="main", **conditions):
    given = {
        "site_id": None, "industry_prefix": "", "hazard_kind": "", "site_type": "", "town": "", "village": "",
        "words": name, "valid_from": date(2024, 1, 1), "valid_to": None, **conditions,
    }  # fmt: skip
    return Rule(id=uuid5(SPACE, name), department_id=uuid5(SPACE, department), part=part, **given)


# From the most to the least specific; each beats all that come after it, whatever else those have.
LADDER = [
    {"site_id": SITE},
    {"industry_prefix": "2641"},
    {"industry_prefix": "264"},
    {"industry_prefix": "26"},
    {"hazard_kind": "FIRE-EXIT-BLOCKED"},
    {"hazard_kind": "FIRE-EXIT"},
    {"hazard_kind": "FIRE"},
    {"site_type": "enterprise"},
    {"village": VILLAGE, "town": TOWN},
    {"town": TOWN},
    {},
]
PAIRS = [(a, b) for i, a in enumerate(LADDER) for b in LADDER[i + 1 :]]


@pytest.mark.parametrize(("stronger", "weaker"), PAIRS)
def test_the_more_specific_rule_wins(stronger, weaker):
    strong, weak = rule("strong", "甲", **stronger), rule("weak", "乙", **weaker)
    assert judge([weak, strong], SUBJECT, TODAY).winner is strong


@pytest.mark.parametrize(("stronger", "weaker"), PAIRS)
def test_all_lower_conditions_together_do_not_outweigh_a_higher_one(stronger, weaker):
    below = {key: value for step in LADDER[LADDER.index(weaker) :][::-1] for key, value in step.items()}
    lower = {key: value for key, value in below.items() if key not in stronger}
    strong, weak = rule("strong", "甲", **stronger), rule("weak", "乙", **lower)
    if rank(strong, SUBJECT)[:4] > rank(weak, SUBJECT)[:4]:
        assert judge([weak, strong], SUBJECT, TODAY).winner is strong


@pytest.mark.parametrize("condition", [
    {"site_id": OTHER_SITE}, {"industry_prefix": "27"}, {"industry_prefix": "26410"}, {"hazard_kind": "ELEC"},
    {"site_type": "shop"}, {"town": "330521002"}, {"village": "330521001002"},
])  # fmt: skip
def test_a_rule_with_a_condition_that_does_not_hold_does_not_fit(condition):
    one = rule("one", **condition)
    assert not fits(one, SUBJECT)
    assert judge([one], SUBJECT, TODAY).winner is None


def test_equal_rank_of_different_departments_is_a_conflict_without_winner():
    one, two = rule("one", "甲", site_type="enterprise"), rule("two", "乙", site_type="enterprise")
    verdict = judge([one, two, rule("weak", "丙")], SUBJECT, TODAY)
    assert verdict.winner is None
    assert set(verdict.conflicting) == {one, two}


def test_equal_rank_of_one_department_is_no_conflict():
    verdict = judge([rule("one", "甲"), rule("two", "甲")], SUBJECT, TODAY)
    assert verdict.winner is not None
    assert not verdict.conflicting


def test_a_more_specific_rule_settles_a_conflict_below_it():
    clash = [rule("one", "甲", site_type="enterprise"), rule("two", "乙", site_type="enterprise")]
    settled = rule("settled", "乙", site_id=SITE)
    assert judge([*clash, settled], SUBJECT, TODAY).winner is settled


def test_rules_hold_from_their_first_to_their_last_day_both_included():
    one = rule("one", valid_from=date(2025, 3, 1), valid_to=date(2025, 3, 31))
    days = {date(2025, 2, 28): None, date(2025, 3, 1): one, date(2025, 3, 31): one, date(2025, 4, 1): None}
    assert {day: judge([one], SUBJECT, day).winner for day in days} == days


def test_an_expired_rule_that_would_have_won_raises_an_alert():
    gone = rule("gone", "甲", industry_prefix="26", valid_to=date(2025, 3, 1))
    verdict = judge([gone, rule("rest", "乙")], SUBJECT, TODAY)
    assert verdict.winner.words == "rest"
    assert list(verdict.expired) == [gone]


def test_an_expired_rule_that_would_have_lost_raises_none():
    gone = rule("gone", "甲", valid_to=date(2025, 3, 1))
    assert not judge([gone, rule("present", "乙", industry_prefix="26")], SUBJECT, TODAY).expired


def test_a_rule_that_has_not_begun_is_neither_winner_nor_expired():
    verdict = judge([rule("future", valid_from=date(2025, 4, 1))], SUBJECT, TODAY)
    assert (verdict.winner, list(verdict.expired), list(verdict.ranked)) == (None, [], [])


def test_those_assisting_are_collected_and_never_win():
    helping = [rule("a", "乙", "assisting", site_id=SITE), rule("b", "甲", "assisting"), rule("c", "丙", "assisting",
               valid_to=date(2025, 3, 1))]  # fmt: skip
    verdict = judge([*helping, rule("main", "甲")], SUBJECT, TODAY)
    assert verdict.winner.words == "main"
    assert list(verdict.assisting) == [uuid5(SPACE, "乙")]


def choice(*values):
    return st.sampled_from(values)


RULES = st.lists(
    st.builds(
        lambda number, department, **conditions: rule(f"{number}", department, **conditions),
        st.integers(0, 10**6),
        choice("甲", "乙", "丙"),
        part=choice("main", "main", "assisting"),
        site_id=choice(None, None, SITE, OTHER_SITE),
        industry_prefix=choice("", "26", "264", "27"),
        hazard_kind=choice("", "FIRE", "FIRE-EXIT", "ELEC"),
        site_type=choice("", "enterprise", "shop"),
        town=choice("", TOWN, "330521002"),
        valid_to=choice(None, None, date(2025, 3, 1), date(2025, 3, 5)),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)


@given(RULES, st.randoms(use_true_random=False))
def test_the_verdict_does_not_depend_on_the_order_of_the_rules(rules, random):
    shuffled = list(rules)
    random.shuffle(shuffled)
    one, other = judge(rules, SUBJECT, TODAY), judge(shuffled, SUBJECT, TODAY)
    assert one.ranked == other.ranked
    assert one.winner == other.winner
    assert one.conflicting == other.conflicting
    assert one.assisting == other.assisting
    assert set(one.expired) == set(other.expired)


@given(RULES)
def test_the_winner_fits_is_in_force_and_nothing_fitting_ranks_above_it(rules):
    verdict = judge(rules, SUBJECT, TODAY)
    fitting = [r for r in rules if r.part == "main" and fits(r, SUBJECT) and r.in_force(TODAY)]
    if verdict.winner is None:
        assert not fitting or len({r.department_id for r in verdict.conflicting}) > 1
    else:
        assert verdict.winner in fitting
        best = max(rank(r, SUBJECT) for r in fitting)
        assert {r.department_id for r in fitting if rank(r, SUBJECT) == best} == {verdict.winner.department_id}
