"""A committee (村（居）委会) with the field app: reports and follows, and is not offered what it may not do."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from safegrid.cases.models import Case
from tests.browser.conftest import NARROW, Open
from tests.browser.test_field_app import PATIENCE, _sign_in
from tests.browser.test_field_troubles import WORDS, _is_sent, _report
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATROL = "巡查由网格员做"


def _show(page: Page, path: str, shows: str) -> None:
    page.evaluate(f"location.hash = '#{path}'")
    expect(page.get_by_text(shows).first).to_be_visible()


def test_a_committee_reports_and_is_offered_nothing_of_a_patrol(open_page: Open, stage: Cast) -> None:
    site, _ = stage.site, (stage.kinds, stage.checklist, stage.duty_rules, stage.town_officer, stage.lead_officer)
    place = {"longitude": 120.01, "latitude": 30.51, "accuracy": 8}
    page = open_page(None, "/m/", size=NARROW, geolocation=place, permissions=["geolocation"])
    page.set_default_timeout(PATIENCE)
    _sign_in(page, stage, stage.committee)

    expect(page.get_by_text(PATROL)).to_be_visible()
    expect(page.get_by_text("加一户")).to_have_count(0)
    for path in (f"/visit/{site.id}", "/q/ABCDEFGH", "/add"):
        _show(page, path, PATROL)
    _show(page, f"/site/{site.id}", site.name)
    expect(page.get_by_text("去巡查")).to_have_count(0)
    expect(page.get_by_role("button", name="信息有误")).to_be_visible()
    _show(page, "/handbook", stage.general_kind.name)
    expect(page.get_by_text("检查表")).to_have_count(0)
    _show(page, "/card", "明白卡只发给在岗的网格员")
    _show(page, "/me", "村（居）委会 ·")

    _report(page, stage)
    _is_sent(page, stage)
    case = Case.objects.get(county=stage.county, words=WORDS)
    assert (case.reporter_id, case.village) == (stage.committee.id, stage.village)
    _show(page, f"/case/{case.id}", WORDS)
