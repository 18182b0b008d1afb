"""The grid and the department of a site, as the contexts above write them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from safegrid.foundation import clock
from safegrid.sites.models import Site
from safegrid.sites.selectors import positions, rule_facts
from safegrid.sites.services import set_departments, set_grids
from safegrid.sites.services.assigned import written_together

COUNTY = 330521
pytestmark = pytest.mark.django_db


@pytest.fixture
def many() -> list[Site]:
    now = clock.now()
    rows = [
        Site(
            county=COUNTY,
            code=str(number),
            name="商铺",
            site_type="shop" if number % 2 else "workshop",
            industry="5211" if number % 3 else "2631",
            town="330521100",
            village="330521100200",
            created_at=now,
            updated_at=now,
        )
        for number in range(2300)
    ]
    return Site.objects.bulk_create(rows, batch_size=500)


def test_only_rows_that_differ_are_written_in_one_statement_per_thousand(many, django_assert_max_num_queries):
    grids = [uuid4() for _ in range(300)]
    wanted = {row.id: grids[number % 300] for number, row in enumerate(many)}
    with django_assert_max_num_queries(
        8
    ):  # three batches, the savepoint around them, and one word to whoever keeps a map
        assert set_grids(COUNTY, wanted) == len(many)
    assert set_grids(COUNTY, wanted) == 0
    assert set_grids(COUNTY, {many[0].id: None, many[1].id: grids[1]}) == 1
    many[0].refresh_from_db()
    assert many[0].grid_id is None
    assert many[0].version == 1


def test_a_site_of_another_county_is_not_touched(many):
    assert set_departments(330522, {many[0].id: uuid4()}) == 0
    many[0].refresh_from_db()
    assert many[0].department_id is None


def columns(county: int = COUNTY) -> dict:
    return {
        key: both for key, *both in Site.objects.filter(county=county).values_list("id", "grid_id", "department_id")
    }


def test_both_columns_of_a_site_are_written_by_one_statement_at_the_end(many, django_assert_max_num_queries):
    grid, department = uuid4(), uuid4()
    first, second, third, *rest = (row.id for row in many)
    set_grids(COUNTY, {third: grid})
    # Three batches of both, one of the grid and one of the department alone; the savepoint, a word to the map, and our look.
    with django_assert_max_num_queries(10), written_together(COUNTY):
        set_grids(COUNTY, dict.fromkeys([first, *rest], grid))
        set_departments(COUNTY, dict.fromkeys([second, *rest], department))
        set_grids(COUNTY, {third: None, rest[0]: None})
        assert set(map(tuple, columns().values())) == {(None, None), (grid, None)}, "nothing is written before the end"
    found = columns()
    assert [found[one] for one in (first, second, third)] == [[grid, None], [None, department], [None, None]]
    assert found[rest[0]] == [None, department]
    assert all(found[one] == [grid, department] for one in rest[1:])


def test_what_is_set_is_given_up_with_the_block_and_another_county_does_not_wait(many):
    there = Site.objects.create(county=330522, code="1", name="商铺", site_type="shop", town="330522100",
                                village="330522100200", created_at=clock.now(), updated_at=clock.now())  # fmt: skip
    grid = uuid4()

    def fail_after_setting():
        with written_together(COUNTY):
            set_grids(COUNTY, {many[0].id: grid})
            assert set_grids(330522, {there.id: grid}) == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_setting()
    assert columns(330522) == {there.id: [grid, None]}
    assert set(map(tuple, columns().values())) == {(None, None)}
    assert set_grids(COUNTY, {many[0].id: grid}) == 1


def test_facts_are_read_once_each_while_their_departments_are_written(many):
    department, seen = uuid4(), []
    for fact in rule_facts(COUNTY):
        seen.append(fact.id)
        if len(seen) % 500 == 0:
            set_departments(COUNTY, dict.fromkeys(seen, department))
    assert sorted(seen) == sorted(row.id for row in many)


def test_facts_are_narrowed_by_what_a_rule_names(many):
    def count(**narrowed):
        return len(list(rule_facts(COUNTY, **narrowed)))

    assert count(site_type="shop") == 1150
    assert count(industry_prefix="26") == 767
    assert count(site_id=many[0].id) == 1
    assert count(site_ids=[row.id for row in many[:2100]], site_type="shop") == 1050
    assert count(village="330521100201") == 0
    assert count(site_ids=[]) == 0
    assert len(list(positions(COUNTY))) == len(many)
