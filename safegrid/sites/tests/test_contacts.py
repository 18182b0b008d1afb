"""Contacts: sealed at rest, masked when read, seen in full for a reason that is traced."""

from __future__ import annotations

import pytest
from django.db import connection

from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.keys import cross_county
from safegrid.foundation.models import IdempotencyKey, TraceRow
from safegrid.sites.models import SiteContact
from safegrid.sites.selectors import contacts_of
from safegrid.sites.services import add_contact, change_contact, unmask_contact, unmask_household
from safegrid.sites.tests.conftest import COUNTY, FAR_VILLAGE, actions
from tests.doors import signed_in

PHONE, ID_NUMBER = "13800138000", "110101199003070134"


@pytest.fixture
def entry(site, lead):
    made = site()
    values = {"name": "李四", "position": "负责人", "phone": "138-0013-8000", "id_number": ID_NUMBER}
    return made, add_contact(acting_user=lead, site=made, values=values)


def test_a_contact_is_sealed_in_the_table_and_masked_when_read(entry, lead):
    site, _ = entry
    [shown] = contacts_of(lead, site)
    assert (shown.name, shown.phone, shown.id_number) == ("李四", "138****8000", "110101********0134")
    with connection.cursor() as cursor, cross_county("the test reads the raw column"):
        cursor.execute("SELECT phone, id_number FROM sites_sitecontact")
        raw = b"".join(bytes(part) for part in cursor.fetchone())
    assert PHONE.encode() not in raw
    assert ID_NUMBER.encode() not in raw
    told = str(list(TraceRow.objects.filter(county=COUNTY).values_list("changes", flat=True)))
    assert PHONE not in told
    assert ID_NUMBER not in told


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"phone": "12"}, "phone"),
        ({"id_number": "110101199003070135"}, "id_number"),
        ({"age": 3}, "age"),
    ],
)
def test_wrong_contacts_are_refused(site, lead, wrong, field):
    with pytest.raises(InvalidInput) as caught:
        add_contact(acting_user=lead, site=site(), values={"name": "李四", **wrong})
    assert field in caught.value.fields


def test_a_change_is_traced_masked_and_no_change_is_none(entry, lead):
    site, contact = entry
    change_contact(acting_user=lead, site=site, contact_id=contact.id, values={"phone": PHONE})
    change_contact(
        acting_user=lead, site=site, contact_id=contact.id, values={"phone": "13900139000", "is_active": False}
    )
    row = TraceRow.objects.get(county=COUNTY, action="sites.change_contact")
    assert row.changes["phone"] == ["138****8000", "139****9000"]
    assert not SiteContact.objects.get(county=COUNTY).is_active


def test_seeing_a_contact_in_full_takes_a_reason_and_leaves_a_trace(entry, lead, person):
    site, contact = entry
    with pytest.raises(InvalidInput):
        unmask_contact(acting_user=lead, site=site, contact_id=contact.id, reason=" ")
    seen = unmask_contact(acting_user=lead, site=site, contact_id=contact.id, reason="核实隐患")
    assert (seen.phone, seen.id_number) == (PHONE, ID_NUMBER)
    assert TraceRow.objects.get(county=COUNTY, action="sites.unmask_contact").changes["reason"] == "核实隐患"
    for kind in ("leader", "auditor", "lead_chief"):
        with pytest.raises(NotPermitted):
            unmask_contact(acting_user=person(kind), site=site, contact_id=contact.id, reason="好奇")


def test_a_contact_of_another_site_is_not_found(entry, site, lead):
    with pytest.raises(NotVisible):
        unmask_contact(acting_user=lead, site=site(name="别家"), contact_id=entry[1].id, reason="x")


def test_contacts_are_only_read_by_those_who_see_the_site(entry, person):
    with pytest.raises(NotVisible):
        contacts_of(person("committee", FAR_VILLAGE), entry[0])


def test_a_households_head_is_seen_in_full_only_for_a_reason(site, lead):
    home = site(name="王建国", site_type="household", industry="")
    add_contact(acting_user=lead, site=home, values={"name": "王建国"})
    assert contacts_of(lead, home)[0].name == "王**"
    assert unmask_household(acting_user=lead, site=home, reason="入户走访").name == "王建国"
    assert actions()[-1] == "sites.unmask_household"


def test_a_phone_sees_a_number_for_a_reason_and_nothing_keeps_the_answer(entry, lead):
    site, contact = entry
    path = f"/api/v1/field/{COUNTY}/sites/{site.id}/contacts/{contact.id}/unmask"
    phone = signed_in(lead)
    refused = phone.post(path, {"reason": " "}, content_type="application/json")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["reason"])
    answer = phone.post(path, {"reason": "联系上门巡查"}, content_type="application/json")
    assert answer.json() == {"name": "李四", "phone": PHONE}
    assert "no-store" in answer["Cache-Control"]
    assert TraceRow.objects.get(county=COUNTY, action="sites.unmask_contact").changes["reason"] == "联系上门巡查"
    assert not IdempotencyKey.objects.filter(county=COUNTY).exists()
