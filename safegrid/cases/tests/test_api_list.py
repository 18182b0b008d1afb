"""The list of cases and the indices over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest

from safegrid.foundation import clock

PATH = "/api/v1/cases/330521"


def numbers(answer):
    assert answer.status_code == 200, answer.content
    return {one["number"] for one in answer.json()["items"]}


@pytest.fixture
def three(steps):
    """A general hazard dispatched, an accident reported, a hazard elsewhere that is overdue and supervised."""
    cast = steps.cast
    first = steps.dispatched()
    accident = steps.in_state("reported", kind=cast.accident_kind.code, nature="accident", is_accident=True,
                              severity="major", department=None, words="起火")  # fmt: skip
    other = steps.in_state("handling", site=cast.other_site, town=cast.other_town, village=cast.other_village,
                           timing="overdue", is_supervised=True, words="线路老化", kind=cast.kinds["ELEC-WIRE-PRIVATE"].code,
                           reported_at=clock.now() - timedelta(days=40))  # fmt: skip
    return first, accident, other


@pytest.mark.parametrize(
    ("query", "found"),
    [({"state": "dispatched"}, (0,)), ({"kind": "FIRE"}, (0,)), ({"nature": "accident"}, (1,)), ({"town": "330521101"}, (2,)),
     ({"timing": "overdue"}, (2,)), ({"is_supervised": "true"}, (2,)), ({"words": "线路"}, (2,)), ({"severity": "major"}, (1,)),
     ({"queue": "overdue"}, (2,)), ({"since": "2025-03-01T00:00:00+08:00"}, (0, 1)), ({"channel": "member"}, (0, 1, 2)),
     ({"words": "乾元木业"}, (2,)), ({}, (0, 1, 2))],
)  # fmt: skip
def test_the_list_is_narrowed(steps, three, query, found):
    answer = steps.cast.api(steps.cast.lead_officer).get(PATH, **query)
    assert numbers(answer) == {three[place].number for place in found}


def test_the_list_holds_what_the_user_sees_and_nothing_else(steps, three):
    first, accident, other = three
    cast = steps.cast
    assert numbers(cast.api(cast.town_officer).get(PATH)) == {first.number, accident.number}
    assert numbers(cast.api(cast.other_town_officer).get(PATH)) == {other.number}
    assert numbers(cast.api(cast.market_officer).get(PATH)) == set()
    assert numbers(cast.api(cast.outsider).get(PATH)) == set()


def test_a_case_is_found_by_its_number(steps, three):
    assert numbers(steps.cast.api(steps.cast.lead_officer).get(PATH, words=three[0].number)) == {three[0].number}


def test_pages_follow_one_another_without_loss(steps, three):
    api, seen, cursor = steps.cast.api(steps.cast.lead_officer), [], ""
    while True:
        page = api.get(PATH, limit=2, cursor=cursor).json()
        seen += [one["number"] for one in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
    assert seen == sorted(seen, key=seen.index)
    assert set(seen) == {case.number for case in three}


def test_the_site_may_not_search_by_what_is_hidden_from_it(steps):
    steps.ordered()
    api = steps.cast.api(steps.cast.site_contact)
    assert len(numbers(api.get(PATH))) == 1
    for hidden in ({"words": "纸箱"}, {"channel": "member"}):
        assert api.get(PATH, **hidden).status_code == 422


def test_moments_without_a_time_zone_are_refused(steps):
    answer = steps.cast.api(steps.cast.lead_officer).get(PATH, since="2025-03-01T00:00:00")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["since"])


def test_figures_by_town_are_told_with_their_shares(steps, three):
    query = {"since": "2025-01-01", "until": "2025-03-31", "by": "town"}
    lines = steps.cast.api(steps.cast.lead_officer).get(f"{PATH}/indices", **query).json()
    assert {line["key"]: line["counts"]["reported"] for line in lines} == {"330521001": 2, "330521101": 1}
    assert lines[0]["rates"]["filing"] == 0.5
    assert steps.cast.api(steps.cast.site_contact).get(f"{PATH}/indices", **query).status_code == 403
    assert steps.cast.api(steps.cast.outsider).get(f"{PATH}/indices", **query).status_code == 404


def test_the_list_costs_a_fixed_number_of_queries(steps, django_assert_max_num_queries):
    for _ in range(12):
        steps.in_state("handling")
    api = steps.cast.api(steps.cast.lead_officer)
    with django_assert_max_num_queries(8):
        assert len(numbers(api.get(PATH))) == 12
