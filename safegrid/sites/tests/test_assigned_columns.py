"""The grid and the department of a site, as the contexts above write them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from safegrid.foundation import clock
from safegrid.sites.models import Site
from safegrid.sites.selectors import positions, rule_facts
from safegrid.sites.services import set_departments, set_grids

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
