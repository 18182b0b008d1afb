"""Changes proposed in the field and reviewed by the town station."""

from __future__ import annotations

from datetime import date

import pytest

from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, WrongState
from safegrid.foundation.models import ScopeGrant
from safegrid.notices.models import Notice
from safegrid.sites.access import visible_changes
from safegrid.sites.models import ChangeRequest, Site
from safegrid.sites.selectors import proposed_in_words, waiting_changes
from safegrid.sites.services import accept_change, change_site, propose_change, refuse_change
from safegrid.sites.tests.conftest import COUNTY, FAR_VILLAGE, OTHER_TOWN, VILLAGE


@pytest.fixture
def committee(person):
    return person("committee", VILLAGE)


def test_an_accepted_change_is_applied_and_the_proposer_is_told(site, committee, town_officer, heard):
    made = site()
    heard.clear()
    row = propose_change(
        acting_user=committee, county=COUNTY, site=made, values={"industry": "5211", "name": made.name}
    )
    assert Notice.objects.get(county=COUNTY, recipient_id=town_officer.id).kind == "sites.propose_change"
    made.refresh_from_db()
    assert made.industry == "2631"
    assert row.values == {"industry": "5211"}
    assert proposed_in_words(row)[0][0] == "行业"
    assert list(waiting_changes(town_officer).filter(county=COUNTY)) == [row]
    site_now = accept_change(acting_user=town_officer, request=row)
    assert site_now.industry == "5211"
    assert heard == [("reclassified", [made.id])]
    assert Notice.objects.get(county=COUNTY, recipient_id=committee.id).kind == "sites.accept_change"


def test_a_new_site_is_proposed_with_its_position_and_registered_on_acceptance(county, committee, town_officer):
    values = {
        "name": "新店",
        "site_type": "shop",
        "village": VILLAGE,
        "longitude": 119.97,
        "latitude": 30.54,
        "datum": "bd09",
    }
    row = propose_change(acting_user=committee, county=county, values=values, words="新开业")
    assert not Site.objects.filter(county=county).exists()
    made = accept_change(acting_user=town_officer, request=row)
    assert (made.name, made.declared_datum) == ("新店", "bd09")
    assert abs(made.longitude - row.values["longitude"]) < 1e-9
    assert ChangeRequest.objects.get(county=county).site_id == made.id


def test_a_closure_is_proposed_with_words(site, committee, town_officer):
    made = site()
    with pytest.raises(InvalidInput):
        propose_change(acting_user=committee, county=COUNTY, site=made, values={"status": "closed"})
    row = propose_change(acting_user=committee, county=COUNTY, site=made, values={"status": "closed"}, words="已搬空")
    assert accept_change(acting_user=town_officer, request=row).status == "closed"


def test_what_changes_nothing_or_is_wrong_is_not_taken(site, committee):
    made = site()
    with pytest.raises(InvalidInput, match="没有需要变更"):
        propose_change(acting_user=committee, county=COUNTY, site=made, values={"name": made.name})
    with pytest.raises(InvalidInput):
        propose_change(acting_user=committee, county=COUNTY, site=made, values={"industry": "9999"})
    with pytest.raises(NotPermitted):
        propose_change(
            acting_user=committee, county=COUNTY, values={"name": "x", "site_type": "shop", "village": FAR_VILLAGE}
        )


def test_a_site_changed_meanwhile_is_a_conflict_and_nothing_is_reviewed(site, committee, town_officer, lead):
    made = site()
    row = propose_change(acting_user=committee, county=COUNTY, site=made, values={"name": "甲"})
    change_site(acting_user=lead, site=made, values={"name": "乙"})
    with pytest.raises(Conflict):
        accept_change(acting_user=town_officer, request=row)
    assert ChangeRequest.objects.get(county=COUNTY).state == "waiting"
    assert Site.objects.get(county=COUNTY).name == "乙"


def test_a_refusal_takes_a_reason_and_a_request_is_reviewed_once(site, committee, town_officer):
    row = propose_change(acting_user=committee, county=COUNTY, site=site(), values={"name": "甲"})
    with pytest.raises(InvalidInput):
        refuse_change(acting_user=town_officer, request=row, reason="")
    refuse_change(acting_user=town_officer, request=row, reason="与现场不符")
    with pytest.raises(WrongState):
        accept_change(acting_user=town_officer, request=row)
    assert Notice.objects.get(county=COUNTY, recipient_id=committee.id).body == "与现场不符"


def test_only_the_station_of_the_town_reviews(site, committee, lead, person):
    row = propose_change(acting_user=committee, county=COUNTY, site=site(), values={"name": "甲"})
    for user in (committee, lead, person("town_officer", OTHER_TOWN), person("lead_chief")):
        with pytest.raises(NotPermitted):
            accept_change(acting_user=user, request=row)


def test_a_member_proposes_for_sites_of_own_grids_and_sees_own_requests_only(site, committee, person):
    made = site()
    member = person("grid_member", VILLAGE)
    with pytest.raises(NotPermitted):
        propose_change(acting_user=member, county=COUNTY, site=made, values={"name": "甲"})
    Site.objects.filter(county=COUNTY, id=made.id).update(grid_id=made.id)
    ScopeGrant.objects.create(
        county=COUNTY, user_id=member.id, kind="grid", key=made.id, source=made.id, valid_from=date(2020, 1, 1)
    )
    own = propose_change(acting_user=member, county=COUNTY, site=made, values={"name": "甲"})
    propose_change(acting_user=committee, county=COUNTY, site=made, values={"name": "乙"})
    assert list(visible_changes(member).filter(county=COUNTY)) == [own]
