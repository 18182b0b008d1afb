"""The registers of officers, postings, papers and leaves: in scope, filtered, exported, each row leading to its verb."""

from __future__ import annotations

from datetime import timedelta

import pytest

from safegrid.foundation import clock
from safegrid.foundation.cache import distrust_everything
from safegrid.grids.models import GateEvidence, GridOfficer, MemberLeave, Posting
from tests.cast import Cast

LISTS = ("/grids/officers/", "/members/postings/", "/members/papers/", "/members/leaves/")


@pytest.fixture
def land(cast: Cast) -> Cast:
    """One row of each kind in the town of Wukang, one paper in the other."""
    today, county = clock.today(), cast.county
    mine, other = cast.member_of(cast.grid_member), cast.member_of(cast.other_grid_member)
    GridOfficer.objects.create(county=county, grid=cast.grid, kind="responsible", name="赵所长", phone="13800138000",
                               valid_from=today)  # fmt: skip
    GateEvidence.objects.create(county=county, member=mine, kind="exam", number="KS-1", issued_on=today,
                                expires_on=today + timedelta(days=10))  # fmt: skip
    GateEvidence.objects.create(county=county, member=other, kind="exam", number="KS-2", issued_on=today)
    MemberLeave.objects.create(county=county, member=mine, reason="病假", first_day=today, last_day=today)
    return cast


def shown(cast: Cast, user: object, path: str, **query: str) -> str:
    return cast.client(user).get(path, query).content.decode()


def test_a_town_officer_lists_the_own_town_only(land: Cast) -> None:
    papers = shown(land, land.town_officer, "/members/papers/")
    assert "KS-1" in papers
    assert "KS-2" not in papers
    assert "KS-2" in shown(land, land.lead_officer, "/members/papers/")
    assert "赵所长" not in shown(land, land.other_town_officer, "/grids/officers/")
    assert "病假" not in shown(land, land.other_town_officer, "/members/leaves/")


def test_a_member_lists_own_rows_and_is_offered_no_verb(land: Cast) -> None:
    page = shown(land, land.grid_member, "/members/postings/")
    assert "网格员甲" in page
    assert "网格员丙" not in page
    assert "/members/rows/posting/" not in page


def test_outsiders_list_nothing(land: Cast) -> None:
    for path in LISTS:
        page = shown(land, land.outsider, path)
        assert "网格员甲" not in page
        assert "赵所长" not in page


def test_filters_say_what_runs_out_and_what_is_over(land: Cast) -> None:
    assert "KS-1" in shown(land, land.lead_officer, "/members/papers/", standing="soon")
    assert "KS-2" not in shown(land, land.lead_officer, "/members/papers/", standing="soon")
    posting = Posting.objects.filter(county=land.county, member=land.member_of(land.grid_member))
    posting.update(valid_to=clock.today() - timedelta(days=1))
    assert "网格员甲" not in shown(land, land.lead_officer, "/members/postings/", standing="now")
    assert "网格员甲" in shown(land, land.lead_officer, "/members/postings/", standing="over")
    assert "网格员甲" not in shown(land, land.lead_officer, "/members/postings/", words="网格员丙")


def test_phones_are_masked_and_rows_lead_to_their_verbs(land: Cast) -> None:
    page = shown(land, land.lead_officer, "/grids/officers/")
    assert "13800138000" not in page
    officer = GridOfficer.objects.get(county=land.county)
    assert f"/grids/officers/{land.county}/{officer.pk}/end/" in page
    paper = GateEvidence.objects.get(county=land.county, number="KS-1")
    assert f"/members/rows/evidence/{land.county}/{paper.pk}/" in shown(land, land.town_officer, "/members/papers/")


@pytest.mark.parametrize("path", LISTS)
def test_every_register_is_exported_and_read_from_above_in_few_queries(
    land: Cast, path: str, django_assert_max_num_queries: object
) -> None:
    for user in (land.lead_officer, land.upper_level, land.auditor):
        browser = land.client(user)
        browser.get(path)
        distrust_everything()
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            assert browser.get(path, {"place": land.town}).status_code == 200
        workbook = browser.get(path, {"export": "xlsx"})
        assert b"".join(workbook.streaming_content)[:2] == b"PK"
