"""Who opens which photographs of a case."""

from datetime import timedelta

import pytest

from safegrid.accounts.models import Role
from safegrid.cases.access import sees_as_site
from safegrid.cases.hooks import may_open_files
from safegrid.cases.models import Case
from safegrid.foundation import clock
from tests.setting import SINCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(cast):
    """A case at the contact's own site, with an order served: the contact sees it."""
    now = clock.now()
    return Case.objects.create(
        county=cast.county, number="330521-250101-AAAAA", state="handling", kind=cast.general_kind.code, severity="general",
        nature="hazard", channel="member", words="门口堆放杂物", place_kind="site", site=cast.site, town=cast.site.town,
        village=cast.site.village, reporter_id=cast.grid_member.id, reporter_role="grid_member", reported_at=now,
        order_served_at=now - timedelta(hours=1), department=cast.fire, updated_at=now,
    )  # fmt: skip


@pytest.mark.parametrize("purpose", ["report", "verify", "before", "disposal", "after"])
def test_the_sites_contact_opens_no_photo_of_whoever_reported_verified_or_handled(cast, served, purpose):
    assert not may_open_files(cast.site_contact, cast.county, served.id, purpose)
    assert may_open_files(cast.fire_officer, cast.county, served.id, purpose)


@pytest.mark.parametrize("purpose", ["order", "rectification", "penalty"])
def test_the_sites_contact_opens_what_concerns_the_site(cast, served, purpose):
    assert may_open_files(cast.site_contact, cast.county, served.id, purpose)


def test_a_contact_who_also_sits_on_the_village_committee_still_sees_the_case_as_its_site(cast, served):
    Role.objects.create(user=cast.site_contact, kind="committee", place=cast.site.village, valid_from=SINCE)
    cast.site_contact.forget_holdings()
    assert sees_as_site(cast.site_contact, served)
    assert not may_open_files(cast.site_contact, cast.county, served.id, "report")


def test_nobody_outside_opens_anything(cast, served):
    assert not may_open_files(cast.outsider, cast.county, served.id, "order")
