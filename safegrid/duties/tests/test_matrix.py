"""The table of who speaks of what says how far the rules reach, and its numbers open the lists in which gaps are mended."""

from __future__ import annotations

import re

import pytest

from safegrid.duties.models import DutyMatch, DutyRule
from safegrid.duties.web.overview import sections
from safegrid.foundation.cache import distrust_everything
from safegrid.foundation.testing import run_queue
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def open_land(cast: Cast) -> Cast:
    """Sites of several types, matched with no rule at all."""
    _ = cast.site, cast.shop, cast.household, cast.other_site, cast.fire
    for site in (cast.site, cast.shop, cast.household, cast.other_site):
        DutyMatch.objects.create(county=cast.county, site_id=site.id, state="none", town=site.town, village=site.village,
                                 matched_on="2026-01-01")  # fmt: skip
    return cast


def page(cast: Cast, user: object, path: str, **query: str) -> str:
    return cast.client(user).get(path, query).content.decode()


def test_the_table_counts_what_nobody_answers_for_and_leads_there(open_land: Cast) -> None:
    table = page(open_land, open_land.lead_officer, "/duties/matrix/")
    kind = open_land.shop.site_type
    assert re.search(rf'href="/duties/gaps/\?site_type={kind}">1</a>', table)
    listed = page(open_land, open_land.lead_officer, "/duties/gaps/", site_type=kind)
    assert open_land.shop.name in listed
    assert open_land.site.name not in listed


def test_a_town_counts_and_lists_its_own_only(open_land: Cast) -> None:
    table = page(open_land, open_land.other_town_officer, "/duties/matrix/")
    kind = open_land.shop.site_type
    assert f"site_type={kind}" not in table
    assert open_land.other_site.name in page(open_land, open_land.other_town_officer, "/duties/gaps/")


def test_gaps_are_listed_by_section_of_industry(open_land: Cast) -> None:
    industry = open_land.site.industry
    letter = next(code for code, _, divisions in sections() if industry[:2] in divisions)
    listed = page(open_land, open_land.lead_officer, "/duties/gaps/", section=letter)
    assert open_land.site.name in listed
    assert open_land.household.shown_name not in listed


def test_many_gaps_are_given_to_a_department_at_once(open_land: Cast) -> None:
    browser = open_land.client(open_land.lead_officer)
    matches = DutyMatch.objects.filter(county=open_land.county, site_id__in=[open_land.site.id, open_land.shop.id])
    there = browser.post("/duties/gaps/", {"bulk": "duties.assign_gaps",
                                           "row": [f"{one.county}-{one.pk}" for one in matches]}).headers["Location"]  # fmt: skip
    preview = browser.get(there).content.decode()
    assert open_land.site.name in preview
    assert browser.post(there, {"department": str(open_land.fire.id), "words": "逐一指定"}).status_code == 302
    run_queue()
    assert DutyRule.objects.filter(county=open_land.county, site_id=open_land.site.id,
                                   department=open_land.fire).count() == 1  # fmt: skip
    assert open_land.site.name not in page(open_land, open_land.lead_officer, "/duties/gaps/")


def test_who_may_not_write_rules_is_offered_nothing(open_land: Cast) -> None:
    assert "bulk-form" not in page(open_land, open_land.leader, "/duties/gaps/")


def test_the_table_keeps_to_its_queries(open_land: Cast, django_assert_max_num_queries: object) -> None:
    browser = open_land.client(open_land.lead_officer)
    for path in ("/duties/matrix/", "/duties/gaps/", "/duties/conflicts/"):
        browser.get(path)
        distrust_everything()
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            browser.get(path)
