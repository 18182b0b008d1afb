"""The weekly look at today's grids and the smallest change that restores their balance."""

from __future__ import annotations

import numpy as np
import pytest

from safegrid.foundation.testing import run_queue
from safegrid.grids.services import assign_by_location
from safegrid.notices.selectors import latest
from safegrid.planning import balance, kept, selectors, services
from safegrid.planning.models import Scenario
from safegrid.planning.tests.conftest import SOUTH, TODAY, TOWN, WEST, A
from safegrid.wiring import connect


@pytest.fixture(autouse=True)
def _wired():
    connect()


@pytest.fixture
def divided(ready, chief):
    services.approve_scenario(acting_user=chief, scenario=ready)
    services.publish_scenario(acting_user=chief, scenario=ready, valid_from=TODAY)
    run_queue()
    ready.refresh_from_db()
    assert ready.state == "published"
    return ready


def test_a_town_in_balance_is_left_in_peace(divided):
    assert balance.check_county(divided.county) == 0
    assert not Scenario.objects.filter(county=divided.county, purpose="improve").exists()


def test_balance_broken_by_new_sites_is_mended_by_a_small_change(divided, lead, scatter):
    scatter(A, 24, box=(WEST + 0.001, SOUTH + 0.001, WEST + 0.006, SOUTH + 0.006))
    assign_by_location(divided.county)
    apart = next(one for one in balance.balances(divided.county) if one.town == TOWN).apart
    assert apart
    assert balance.check_county(divided.county) == 1
    run_queue()
    made = Scenario.objects.get(county=divided.county, purpose="improve")
    assert made.state == "ready", made.message
    assert made.created_by_id is None
    units = kept.units_of(made)
    assert np.array_equal(np.bincount(units.start), np.bincount(units.start, minlength=len(made.grids)))
    assert made.figures["kept_grids"] == len(made.grids) == len(divided.grids)
    assert 0 < made.figures["moved_sites"] < 60
    assert made.figures["over_tolerance"] == 0
    assert any("失衡" in one.title for one in latest(lead, 10))
    assert balance.check_county(divided.county) == 0  # one proposal waits already


def test_a_published_change_keeps_every_code(divided, lead, chief, scatter):
    scatter(A, 24, box=(WEST + 0.001, SOUTH + 0.001, WEST + 0.006, SOUTH + 0.006))
    assign_by_location(divided.county)
    balance.check_county(divided.county)
    run_queue()
    made = Scenario.objects.get(county=divided.county, purpose="improve")
    services.approve_scenario(acting_user=chief, scenario=made)
    services.publish_scenario(acting_user=chief, scenario=made, valid_from=TODAY)
    run_queue()
    made.refresh_from_db()
    assert made.state == "published", made.message
    assert {one.code for one in selectors.grids_of(made)} == {one.code for one in selectors.grids_of(divided)}
    assert balance.check_county(divided.county) == 0


def test_a_village_beyond_all_its_capacity_is_told(land, lead, scatter):
    scatter(A, 900)
    assign_by_location(land)
    Scenario.objects.filter(county=land).update(state="superseded")
    found = next(one for one in balance.balances(land) if one.town == TOWN)
    assert (found.apart, found.overloaded) == ([], ["甲村"])
    assert balance.check_county(land) == 0
    assert "甲村" in latest(lead, 5)[0].body
