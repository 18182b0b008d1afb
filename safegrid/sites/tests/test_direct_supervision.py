"""Direct supervision: a reason, an authority, a period, and out of the grids' lists."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused, WrongState
from safegrid.orgs.services import open_department
from safegrid.sites.access import visible
from safegrid.sites.models import Site
from safegrid.sites.services import end_direct_supervision, mark_directly_supervised, refresh_direct_supervision
from safegrid.sites.tests.conftest import COUNTY, actions


def flagged(site) -> bool:
    return Site.objects.get(county=COUNTY, id=site.id).is_directly_supervised


def test_the_lead_office_marks_and_ends_with_reason_and_authority(site, lead, heard):
    made = site()
    heard.clear()
    row = mark_directly_supervised(acting_user=lead, site=made, reason="危险化学品生产", authority="市应急管理局")
    assert flagged(made)
    assert (row.authority, row.valid_from) == ("市应急管理局", clock.today())
    end_direct_supervision(acting_user=lead, site=made, reason="转产")
    assert not flagged(made)
    assert refresh_direct_supervision() == 0
    assert actions()[-2:] == ["sites.mark_directly_supervised", "sites.end_direct_supervision"]
    assert [name for name, _ in heard] == ["moved", "moved"]
    with pytest.raises(WrongState):
        end_direct_supervision(acting_user=lead, site=made, reason="再次")


@pytest.mark.parametrize(("wrong", "field"), [({"reason": " "}, "reason"), ({"authority": ""}, "authority")])
def test_reason_and_authority_are_required(site, lead, wrong, field):
    with pytest.raises(InvalidInput) as caught:
        mark_directly_supervised(acting_user=lead, site=site(), **{"reason": "危化", "authority": "市应急局", **wrong})
    assert field in caught.value.fields


def test_a_site_is_marked_once(site, lead):
    made = site()
    mark_directly_supervised(acting_user=lead, site=made, reason="危化", authority="市应急局")
    with pytest.raises(Refused):
        mark_directly_supervised(acting_user=lead, site=made, reason="危化", authority="省应急厅")


def test_a_department_marks_for_itself_only_and_keeps_seeing_the_site(site, county, person):
    own = open_department(acting_user=None, county=county, code="YJ", name="县应急管理局")
    other = open_department(acting_user=None, county=county, code="JT", name="县交通运输局")
    officer = person("department_officer", department_id=own.id)
    made = site()
    Site.objects.filter(county=county, id=made.id).update(department_id=own.id)
    with pytest.raises(NotPermitted):
        mark_directly_supervised(acting_user=officer, site=made, reason="危化", department_id=other.id)
    row = mark_directly_supervised(acting_user=officer, site=made, reason="危化", department_id=own.id)
    assert row.authority == "县应急管理局"
    Site.objects.filter(county=county, id=made.id).update(department_id=other.id)
    assert visible(officer).filter(county=county, id=made.id).exists()


def test_the_mark_follows_the_dates(site, lead):
    made, today = site(), clock.today()
    mark_directly_supervised(
        acting_user=lead, site=made, reason="危化", authority="市应急局", valid_from=today + timedelta(days=2)
    )
    assert not flagged(made)
    assert refresh_direct_supervision() == 0
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert refresh_direct_supervision() == 1
        assert flagged(made)
        fresh = Site.objects.get(county=COUNTY, id=made.id)
        end_direct_supervision(acting_user=lead, site=fresh, reason="转产", valid_to=clock.today())
        assert flagged(made)
        assert refresh_direct_supervision() == 0
    with time_machine.travel(clock.now() + timedelta(days=3)):
        assert refresh_direct_supervision() == 1
        assert not flagged(made)
