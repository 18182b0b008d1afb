"""The search of the top bar finds what the user may see by name, code, phone tail and case number, and nothing else."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safegrid.cases.models import Case
from safegrid.cases.said import keep_missing
from safegrid.console.tests.test_pages import MOST_QUERIES
from safegrid.foundation import clock
from safegrid.foundation.cache import distrust_everything
from safegrid.sites.models import SiteContact
from tests.cast import PEOPLE, Cast
from tests.faults.every_row import EveryRow

pytestmark = pytest.mark.django_db


def found(cast: Cast, words: str, person: str = "lead_officer", **headers: str) -> str:
    answer = cast.client(getattr(cast, person)).get("/search/", {"q": words}, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def address(kind: str, row) -> str:
    return f'href="/{kind}/{row.county}/{row.id}/"'


def test_a_site_is_found_by_name_code_and_the_phone_of_a_contact(cast: Cast):
    site = cast.site
    SiteContact.objects.create(county=cast.county, site=site, name="李四", phone="13800137391", phone_tail="7391")
    for words in (site.name, site.name[1:4], site.code, "7391"):
        assert address("sites", site) in found(cast, words), words
    assert address("sites", site) not in found(cast, "7392")


def test_a_case_is_found_by_its_number_with_and_without_the_county_and_by_its_words(cast: Cast):
    case_id = EveryRow(cast).case
    keep_missing(cast.county)
    for words in ("330521-250305-00001", "250305-00001", "安全出口 纸箱"):
        assert f'href="/cases/330521/{case_id}/"' in found(cast, words), words


def test_grids_members_departments_and_accounts_are_found(cast: Cast):
    member, grid = cast.member_of(cast.grid_member), cast.grid
    assert f'href="/members/{cast.county}/{member.id}/"' in found(cast, member.name)
    assert address("grids", grid) in found(cast, grid.code)
    assert cast.fire.name in found(cast, cast.fire.name)
    name = cast.lead_officer.username
    assert f'href="/accounts/{cast.lead_officer.id}/"' in found(cast, name, "system_admin")
    assert f'href="/accounts/{cast.lead_officer.id}/"' not in found(cast, name)


def test_what_one_does_not_see_is_not_found(cast: Cast):
    site, case_id = cast.site, EveryRow(cast).case
    for person in ("outsider", "other_town_officer", "next_grid_member"):
        assert address("sites", site) not in found(cast, site.name, person), person
        assert str(case_id) not in found(cast, "250305-00001", person), person


def test_the_sites_contact_cannot_search_the_words_of_reports(cast: Cast):
    case_id = EveryRow(cast).case
    Case.objects.filter(county=cast.county, id=case_id).update(order_served_at=clock.now())
    keep_missing(cast.county)
    assert str(case_id) in found(cast, "250305-00001", "site_contact")
    assert str(case_id) not in found(cast, "安全出口", "site_contact")


@pytest.mark.parametrize(
    "words", ["", " ", "a", "\x00", "%", "<script>alert(1)</script>", "x" * 500, "' OR 1=1 --", "👷"]
)
def test_odd_words_find_nothing_and_break_nothing(cast: Cast, words: str):
    page = found(cast, words)
    assert "<script>alert" not in page


def test_while_typing_a_fragment_comes_and_without_scripts_a_page(cast: Cast):
    site = cast.site
    part = found(cast, site.name, **{"HX-Request": "true"})
    assert "<html" not in part
    assert address("sites", site) in part
    assert "<html" in found(cast, site.name)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_search_keeps_to_the_budget(cast: Cast, person: str):
    cast.everything()
    _ = EveryRow(cast).case
    browser = cast.client(getattr(cast, person))
    browser.get("/search/?q=武康")
    distrust_everything()
    with CaptureQueriesContext(connection) as asked:
        assert browser.get("/search/?q=安全出口").status_code == 200
    work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(work) <= MOST_QUERIES, work
