"""The pages: what they show, lead to and hand out; the API says the same; few statements; nothing inline."""

import io
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from safegrid.cases.firing import fire_timers
from safegrid.cases.tests.steps import MORNING
from safegrid.foundation.models import TraceRow
from safegrid.statistics import selectors, services
from safegrid.statistics.web.pages import PAGES, said

PERIOD = "since=2025-03-01&until=2025-03-31"
ALL = [f"/{page.path}" for page in PAGES.values()]


@pytest.fixture
def house(steps):
    """A county with cases of several kinds and states, all summed."""
    steps.closed()
    case = steps.handling()
    steps.site = steps.cast.other_site
    steps.reported(acting_user=steps.cast.other_grid_member)
    steps.time.move_to(case.due_at + timedelta(hours=1))
    services.keep(steps.cast.county, places=True)
    return steps.cast


def text(answer):
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("path", [*ALL, "/statistics/screen/"])
def test_a_page_takes_at_most_twelve_statements(house, path):
    for user in (house.lead_officer, house.town_officer, house.upper_level):
        client = house.client(user)
        text(client.get(f"{path}?{PERIOD}"))
        with CaptureQueriesContext(connection) as queries:
            text(client.get(f"{path}?{PERIOD}"))
        asked = [str(one["sql"]) for one in queries if not str(one["sql"]).startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) <= 12, "\n".join(asked)


@pytest.mark.parametrize("path", [*ALL, "/statistics/screen/"])
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(house, path):
    page = text(house.client(house.lead_officer).get(f"{path}?{PERIOD}"))
    assert " style=" not in page
    assert "<style" not in page
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", page) == []
    assert re.findall(r'(?:src|href|hx-get)="(?:https?:)?//', page) == []


def test_every_number_on_the_pages_is_that_of_the_sheet_and_of_the_api(house):
    client, api = house.client(house.lead_officer), house.api(house.lead_officer)
    for page in PAGES.values():
        shown = text(client.get(f"/{page.path}?{PERIOD}"))
        for name in page.sheets:
            answer = api.get(f"/api/v1/statistics/{name}?{PERIOD}").json()
            asked = selectors.asked(house.lead_officer, None, *map(_day, ("2025-03-01", "2025-03-31")))
            sheet = selectors.sheets(asked, name)[name]
            assert [line["values"] for line in answer["lines"]] == [dict(line.values) for line in sheet.lines]
            assert [line["label"] for line in answer["lines"]] == [line.label for line in sheet.lines]
            assert [column["key"] for column in answer["columns"]] == [column.key for column in sheet.columns]
            if name != "headline" and not sheet.is_empty:
                assert _table(shown, name) == [
                    [line.label, *(said(line.values.get(one.key), one.kind) for one in sheet.columns)]
                    for line in sheet.lines
                ]
    names = {one["name"] for one in api.get("/api/v1/statistics").json()}
    assert names == set(selectors.SHEETS)


def _day(written):
    return date.fromisoformat(written)


def _table(page, name):
    section = page[page.index(f'aria-labelledby="sheet-{name}"') :]
    body = section[section.index("<tbody>") : section.index("</tbody>")]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.S)
    return [
        [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)] for row in rows
    ]


def test_every_link_of_a_page_opens(house):
    client = house.client(house.lead_officer)
    for path in ALL:
        page = text(client.get(f"{path}?{PERIOD}"))
        main = page[page.index('<main class="page-body"') :]
        for url in set(re.findall(r'<a[^>]* href="(/[^"]+)"', main)):
            assert client.get(url.replace("&amp;", "&")).status_code == 200, url
        for url in {one for one in re.findall(r'href="(\?[^"]+)"', main) if "export=" not in one}:
            assert client.get(path + url.replace("&amp;", "&")).status_code == 200, url


def test_place_and_period_stay_in_the_address(house):
    page = text(house.client(house.lead_officer).get(f"/statistics/?{PERIOD}&place=330521001&excused=yes"))
    assert "武康街道" in page
    kept = "place=330521001&amp;since=2025-03-01&amp;until=2025-03-31&amp;excused=yes"
    assert f"/statistics/coverage/?{kept}" in page
    assert f"/statistics/screen/?{kept}" in page
    chosen = text(house.client(house.lead_officer).get(f"/statistics/?{PERIOD}&place=330521001&place=330521101022"))
    assert "武康街道" in chosen


def test_a_period_that_makes_no_sense_is_told_and_left_out(house):
    client = house.client(house.lead_officer)
    assert "已按默认时段显示" in text(client.get("/statistics/?since=2025-13-01"))
    assert "已按默认时段显示" in text(client.get("/statistics/?since=2025-03-02&until=2025-03-01"))
    assert client.get("/statistics/?place=99x").status_code == 404


def test_a_sheet_is_handed_out_as_a_marked_and_traced_workbook(house):
    client = house.client(house.lead_officer)
    answer = client.get(f"/statistics/compare/?{PERIOD}&export=comparison")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.iter_rows(values_only=True))
    assert "牵头经办" in rows[0][0]
    assert rows[1][0] == "地区"
    assert "按期结案率（%）" in rows[1]
    found = {row[0]: row for row in rows[2:]}
    assert found["乾元镇"][1] == 1
    row = TraceRow.objects.get(county=house.county, action="statistics.export")
    assert row.changes["place"] == "330521"


def test_rows_behind_a_figure_are_listed_and_masked_for_the_level_above(house):
    page = text(house.client(house.upper_level).get(f"/statistics/cases/overdue_now/?{PERIOD}&place=330521"))
    assert "当前超期案件" in page
    assert page.count('data-label="编号"') == 2  # one while it is handled, one while nobody has taken it up
    assert (
        text(house.client(house.lead_officer).get(f"/statistics/sites/blue/?{PERIOD}")).count('data-label="名称"') >= 1
    )
    for user in (house.town_officer, house.outsider, house.fire_officer):
        assert house.client(user).get(f"/statistics/cases/reported/?{PERIOD}&place=330521").status_code == 404


def test_the_big_screen_renews_itself_and_works_without_scripts(house):
    page = text(house.client(house.leader).get(f"/statistics/screen/?{PERIOD}"))
    assert 'hx-trigger="every 60s"' in page
    assert 'http-equiv="refresh"' in page
    assert "德清县" in page
    assert page.count("data-chart=") == 6
    assert page.count("screen-table") == 6


def test_a_county_without_anything_says_what_to_do(cast):
    client = cast.client(cast.lead_officer)
    assert "正在汇总" in text(client.get("/statistics/"))
    services.keep(cast.county, places=True)
    page = text(client.get("/statistics/"))
    assert "正在汇总" not in page
    assert "可以放宽时段再看" in page
    assert "data-chart=" not in page


def test_above_counties_the_departments_say_where_they_are_counted(house):
    page = text(house.client(house.upper_level).get(f"/statistics/compare/?{PERIOD}"))
    assert "主办部门只在县级及以下统计" in page
    assert "可以放宽时段再看" not in page


def test_the_navigation_names_statistics_to_those_who_read_them(cast):
    assert 'href="/statistics/"' in text(cast.client(cast.lead_officer).get("/"))
    assert 'href="/statistics/"' not in text(cast.client(cast.fire_officer).get("/"))


def test_figures_are_told_as_people_write_them():
    assert [said(0.9312, "percent"), said(1234, "number"), said(4.9, "days"), said(None, "percent"), said("甲", "text")] == [
        "93.1%", "1,234", "4.9", "—", "甲",
    ]  # fmt: skip
    assert MORNING.year == 2025


def test_the_desk_of_the_level_above_counts_what_the_lists_show(house):
    fire_timers()
    services.keep(house.county)
    client = house.client(house.upper_level)
    desk = text(client.get("/"))
    tallies = dict(
        re.findall(r'class="card card-sm card-link tally" href="([^"]+)".*?<div class="h2 mb-0">(\d+)', desk, re.S)
    )
    overdue = next(url for url in tallies if "timing=overdue" in url)
    shown = text(client.get(overdue.replace("&amp;", "&")))
    assert tallies[overdue] == "2"
    assert len(set(re.findall(r'href="(/cases/330521/[0-9a-f-]{36}/)"', shown))) == 2
    assert any(url.startswith("/statistics/") for url in tallies)
