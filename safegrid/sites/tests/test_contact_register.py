"""The register of contacts: of the sites one sees, masked, found by name or the phone's tail."""

from __future__ import annotations

import pytest

from safegrid.sites.models import SiteContact
from tests.cast import Cast

PATH = "/sites/contacts/"


@pytest.fixture
def contacts(cast: Cast) -> Cast:
    for site, name, phone in ((cast.site, "李安全", "13800138000"), (cast.other_site, "王厂长", "13900139111"),
                              (cast.household, "赵户主", "13700137222")):  # fmt: skip
        SiteContact.objects.create(county=cast.county, site=site, name=name, position="负责人", phone=phone,
                                   phone_tail=phone[-4:])  # fmt: skip
    return cast


def shown(cast: Cast, user: object, **query: str) -> str:
    return cast.client(user).get(PATH, query).content.decode()


def test_contacts_of_the_own_place_are_listed_with_numbers_masked(contacts: Cast) -> None:
    page = shown(contacts, contacts.town_officer)
    assert "李安全" in page
    assert "13800138000" not in page
    assert "王厂长" not in page
    assert "王厂长" in shown(contacts, contacts.lead_officer)
    assert "李安全" not in shown(contacts, contacts.outsider)


def test_names_of_households_are_masked_and_not_to_be_guessed_by_searching(contacts: Cast) -> None:
    page = shown(contacts, contacts.lead_officer)
    assert "赵户主" not in page
    assert "赵" not in shown(contacts, contacts.lead_officer, person="户主").split("<tbody>")[-1]
    assert "赵**" in shown(contacts, contacts.lead_officer, person="7222")
    assert "李安全" in shown(contacts, contacts.lead_officer, person="安全")


def test_rows_lead_to_their_verbs_for_those_who_may_use_them(contacts: Cast) -> None:
    contact = SiteContact.objects.get(county=contacts.county, name="李安全")
    change = f"/sites/{contacts.county}/{contacts.site.pk}/contacts/{contact.pk}/change/"
    assert change in shown(contacts, contacts.lead_officer)
    assert change not in shown(contacts, contacts.leader)


def test_the_register_is_exported_in_few_queries(contacts: Cast, django_assert_max_num_queries: object) -> None:
    browser = contacts.client(contacts.lead_officer)
    browser.get(PATH)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        browser.get(PATH)
    workbook = browser.get(PATH, {"export": "xlsx"})
    assert b"".join(workbook.streaming_content)[:2] == b"PK"


def test_a_grid_leads_to_its_own_sites(contacts: Cast) -> None:
    page = contacts.client(contacts.lead_officer).get("/sites/", {"grid": str(contacts.grid.pk)}).content.decode()
    assert contacts.site.name in page
    assert contacts.other_site.name not in page


def test_a_site_tells_why_its_department(contacts: Cast) -> None:
    page = contacts.client(contacts.lead_officer).get(f"/sites/{contacts.county}/{contacts.site.pk}/").content.decode()
    assert f"/duties/why/{contacts.county}/{contacts.site.pk}/" in page
