"""A site's record: whole for those who look after it, without the reporter for the site itself, closed to everybody else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from safegrid.cases.models import Case, Penalty, Recheck, RectificationOrder
from safegrid.dossier import selectors
from safegrid.foundation import clock, trace
from safegrid.foundation.cache import distrust_everything
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.ids import uuid7
from safegrid.grids.models import GridMember
from safegrid.patrols.models import Visit
from tests.cast import Cast

NOON = datetime(2026, 3, 2, 12, tzinfo=clock.SHANGHAI)
WORDS = "举报人说三楼出口上锁"


def url(cast: Cast, site: Any) -> str:
    return reverse("dossier:site", args=[site.county, site.id])


def visit(cast: Cast, at: datetime = NOON, **more: Any) -> Visit:
    user = cast.grid_member
    member = GridMember.objects.get(county=cast.county, user_id=user.id)
    return Visit.objects.create(
        county=cast.county, device_id=uuid7(), site=cast.site, member_id=member.id, member_user_id=user.id,
        town=cast.town, village=cast.village, outcome="done", visited_at=at, recorded_at=at, words="当班三人", **more,
    )  # fmt: skip


def case(cast: Cast, *, served: bool, at: datetime = NOON, **more: Any) -> Case:
    made = Case.objects.create(
        county=cast.county, number=f"AJ{Case.objects.filter(county=cast.county).count():05}",
        kind=cast.general_kind.code, severity="general", nature="hazard", channel="patrol", words=WORDS,
        place_kind="site", site=cast.site, town=cast.town, village=cast.village, reporter_name="王小明",
        reporter_id=cast.grid_member.id, reported_at=at, state="handling", department=cast.fire, updated_at=at,
        order_served_at=at + timedelta(days=1) if served else None, **more,
    )  # fmt: skip
    if served:
        RectificationOrder.objects.create(
            county=cast.county, case=made, department_id=cast.fire.id, number=f"ZG{made.number}", text="立即清理通道",
            deadline=at + timedelta(days=7), issued_by_id=cast.fire_officer.id, issued_at=at + timedelta(days=1),
        )  # fmt: skip
    return made


def test_visits_cases_orders_penalties_rechecks_and_changes_stand_in_time_order(cast: Cast) -> None:
    one = case(cast, served=True)
    Penalty.objects.create(
        county=cast.county, case=one, department_id=cast.fire.id, article="消防法第六十条", decision_number="罚1",
        amount=5000, decided_by_id=cast.fire_officer.id, decided_at=NOON + timedelta(days=2),
    )  # fmt: skip
    Recheck.objects.create(county=cast.county, case=one, result="passed", done_at=NOON + timedelta(days=8))
    visit(cast, NOON - timedelta(days=1))
    with clock.simulated(NOON + timedelta(days=9)):
        trace.record(
            acting_user=cast.town_officer, action="sites.change_site", target=cast.site,
            changes={"risk_grade": ["yellow", "orange"]},
        )  # fmt: skip
    found = selectors.events(cast.lead_officer, cast.site)
    told = [one.kind for one in found if one.kind != "grid"]
    assert told == ["change", "recheck", "penalty", "order", "case", "visit"]
    assert "一般风险 → 较大风险" in found[0].words
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)


def test_only_the_chosen_kinds_are_shown(cast: Cast) -> None:
    case(cast, served=True)
    visit(cast)
    html = cast.client(cast.lead_officer).get(url(cast, cast.site), {"kind": "visit"}).content.decode()
    assert "网格巡查：已巡查" in html
    assert "立即清理通道" not in html


def test_the_site_sees_a_case_only_once_an_order_is_served(cast: Cast) -> None:
    hidden = case(cast, served=False)
    served = case(cast, served=True)
    html = cast.client(cast.site_contact).get(url(cast, cast.site)).content.decode()
    assert served.number in html
    assert hidden.number not in html
    assert "立即清理通道" in html


def test_the_site_learns_neither_who_reported_nor_in_which_words(cast: Cast) -> None:
    case(cast, served=True)
    visit(cast, findings=1)
    html = cast.client(cast.site_contact).get(url(cast, cast.site)).content.decode()
    for secret in (WORDS, "王小明", "王**", "发现问题", "当班三人"):
        assert secret not in html
    first = NOON.strftime("%Y-%m-%d %H:%M")
    assert html.count(first) <= 1  # of the visit; the case is dated by its order


def test_the_site_is_not_told_who_looked_at_its_contacts(cast: Cast) -> None:
    trace.record(
        acting_user=cast.town_officer, action="sites.unmask_contact", target=cast.site, changes={"reason": "核对"}
    )
    titles = [one.title for one in selectors.events(cast.site_contact, cast.site)]
    assert "查看联系人完整信息" not in titles
    assert "查看联系人完整信息" in [one.title for one in selectors.events(cast.town_officer, cast.site)]


@pytest.mark.parametrize(
    "person", ["outsider", "next_grid_member", "other_town_officer", "system_admin", "hotline_officer"]
)
def test_out_of_scope_answers_as_what_does_not_exist(cast: Cast, person: str) -> None:
    user = getattr(cast, person)
    assert cast.client(user).get(url(cast, cast.site)).status_code == 404
    with pytest.raises(NotVisible):
        selectors.record(user, cast.county, cast.site.id)
    assert cast.client(user).get(reverse("dossier:site_map", args=[cast.county, cast.site.id])).status_code == 404


def test_contacts_are_masked(cast: Cast) -> None:
    assert cast.contact.phone == "13800138000"
    html = cast.client(cast.lead_officer).get(url(cast, cast.site)).content.decode()
    assert "138****8000" in html
    assert "13800138000" not in html


def test_the_department_is_told_with_the_rule_that_names_it(cast: Cast) -> None:
    assert cast.duty_rules
    html = cast.client(cast.lead_officer).get(url(cast, cast.site)).content.decode()
    assert "应急管理局" in html
    assert "化学制品制造" in html


def test_a_site_nobody_answers_for_says_so(cast: Cast) -> None:
    html = cast.client(cast.lead_officer).get(url(cast, cast.household)).content.decode()
    assert "没有规则明确主管部门" in html


def test_the_map_shows_the_site_inside_its_grid(cast: Cast) -> None:
    answer = cast.client(cast.lead_officer).get(reverse("dossier:site_map", args=[cast.county, cast.site.id]))
    features = answer.json()["features"]
    assert [one["properties"]["role"] for one in features] == ["grid", "site"]
    assert features[1]["geometry"]["coordinates"] == [cast.site.longitude, cast.site.latitude]


def test_a_long_record_is_read_page_by_page_without_gaps_or_doubles(cast: Cast) -> None:
    for n in range(130):
        visit(cast, NOON + timedelta(hours=n // 3))  # several at one moment
    browser, seen, query = cast.client(cast.lead_officer), 0, "?kind=visit"
    for _ in range(5):
        html = browser.get(url(cast, cast.site) + query).content.decode()
        seen += html.count("网格巡查：已巡查")
        older = html.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        if not older:
            break
        query = older
    assert seen == 130


def test_a_cursor_that_makes_no_sense_shows_the_latest(cast: Cast) -> None:
    visit(cast)
    answer = cast.client(cast.lead_officer).get(url(cast, cast.site), {"before": "yesterday_x"})
    assert answer.status_code == 200
    assert "网格巡查：已巡查" in answer.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_record(cast: Cast) -> None:
    browser, counts = cast.client(cast.lead_officer), []
    for _ in range(2):
        for n in range(10):
            case(cast, served=True, at=NOON + timedelta(days=n))
            visit(cast, NOON + timedelta(days=n))
        browser.get(url(cast, cast.site))
        distrust_everything()
        with CaptureQueriesContext(connection) as asked:
            browser.get(url(cast, cast.site))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    # Twelve of its own, each context above sites being asked once; and once in three seconds a process asks besides whether
    # its reference data are still good.
    assert counts[0] <= 13


def test_the_site_itself_and_whoever_sees_only_the_case_are_not_led_to_what_they_cannot_open(cast: Cast) -> None:
    one = case(cast, served=True)
    cast.site.department_id = cast.market.id
    cast.site.save()
    page = reverse("cases:detail", args=[cast.county, one.id])
    record = url(cast, cast.site)
    officer = cast.client(cast.fire_officer)
    assert officer.get(record).status_code == 404
    html = officer.get(page).content.decode()
    assert cast.site.shown_name in html
    assert record not in html
    assert record in cast.client(cast.lead_officer).get(page).content.decode()


def test_only_those_who_see_a_grid_are_led_to_it(cast: Cast) -> None:
    cast.site.department_id = cast.fire.id
    cast.site.save()
    grid = reverse("grids:grid", args=[cast.county, cast.grid.id])
    for person, leads in ((cast.fire_officer, False), (cast.lead_officer, True), (cast.grid_member, True)):
        browser = cast.client(person)
        assert (browser.get(grid).status_code == 200) is leads
        for page in (url(cast, cast.site), reverse("sites:detail", args=[cast.county, cast.site.id])):
            html = browser.get(page).content.decode()
            assert (f'href="{grid}"' in html) is leads, (person.username, page)
