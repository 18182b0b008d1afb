"""What the contexts really offer, to a member and to a committee: every feed can be read, and read twice is the same."""

from __future__ import annotations

import pytest

from safegrid.field.tests.phone import Phone


@pytest.mark.parametrize("person", ["grid_member", "committee"])
def test_every_feed_can_be_read_and_stays_the_same(cast, person):
    cast.everything()
    phone = Phone(cast, getattr(cast, person)).signed_in()
    told = phone.pull().json()
    assert (told["unavailable"], told["more"]) == ([], False)
    assert {"me", "sites"} <= told["feeds"].keys()
    again = phone.pull(told["cursor"]).json()
    assert (again["feeds"], again["reset"]) == ({}, False)
