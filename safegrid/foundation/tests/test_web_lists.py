"""Lists on pages: filters in the URL, pages by key, and a marked, traced workbook."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

import openpyxl
import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.db.models import Q
from django.http import QueryDict
from django.test import RequestFactory
from django.test.signals import template_rendered

from safegrid.foundation import clock
from safegrid.foundation.models import CalendarDay, TraceRow
from safegrid.foundation.web import (
    BooleanFilter,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    RegionFilter,
    TextFilter,
    export,
    list_page,
)
from safegrid.sites.models import Site

COUNTY = 330521
ORDER = ("-day", "-id")
COLUMNS = [
    Column("日期", "day", kind="date", link=lambda row: f"/days/{row.id}/"),
    Column("说明", lambda row: row.words or "—"),
    Column("上班", "is_workday", kind="flag", in_export=False),
    Column("编号", "id", on_page=False),
]
FILTERS = [
    TextFilter("words", "说明"),
    ChoiceFilter("kind", "类别", choices=lambda: [("国庆", "国庆节"), ("春节", "春节")], column="words"),
    DateRangeFilter("day", "日期"),
    BooleanFilter("work", "上班", column="is_workday"),
]
TEMPLATE = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "OPTIONS": {
        "loaders": [
            (
                "django.template.loaders.locmem.Loader",
                {"list.html": "{% for row in page.rows %}{{ row.row.day }} {% endfor %}"},
            )
        ]
    },
}


@pytest.fixture(autouse=True)
def plain_template(settings):
    settings.TEMPLATES = [TEMPLATE]


@pytest.fixture
def ask(cast):
    user = cast.lead_officer

    def ask(query="", **options):
        request = RequestFactory().get("/days/" + query)
        request.user = user
        request._messages = CookieStorage(request)
        settings = {
            "title": "日历",
            "columns": COLUMNS,
            "order": ORDER,
            "filters": FILTERS,
            "export_name": "foundation.days",
        }
        settings |= {"template": "list.html", "page_size": 3, **options}
        response = list_page(request, CalendarDay.objects.filter(county=COUNTY), **settings)
        response.request_given = request
        return response

    return ask


@pytest.fixture
def shown(ask):
    """What the template gets for a query."""

    def shown(query="", **options):
        kept = []

        def note(context, **rest):
            kept.append(context["page"])

        template_rendered.connect(note)
        ask(query, **options)
        template_rendered.disconnect(note)
        return kept[0]

    return shown


@pytest.fixture
def week(db):
    words = ["国庆", "国庆", "", "春节", "春节", "调休", "调休"]
    return [
        CalendarDay.objects.create(county=COUNTY, day=date(2025, 10, 1 + n), is_workday=n > 4, words=word)
        for n, word in enumerate(words)
    ]


def days_of(page):
    return [line.row.day.day for line in page.rows]


def test_a_page_shows_cells_with_links(shown, week):
    page = shown()
    assert days_of(page) == [7, 6, 5]
    assert [column.label for column in page.columns] == ["日期", "说明", "上班"]
    first = page.rows[0].cells[0]
    assert (first.value, first.kind, first.url) == (date(2025, 10, 7), "date", f"/days/{week[6].id}/")


def test_next_and_previous_keep_the_filters(shown, week):
    first = shown("?work=no")
    assert days_of(first) == [5, 4, 3]
    assert first.previous_url == ""
    assert "work=no" in first.next_url
    second = shown(first.next_url)
    assert days_of(second) == [2, 1]
    assert second.next_url == ""
    assert days_of(shown(second.previous_url)) == [5, 4, 3]
    assert days_of(shown(second.first_url)) == [5, 4, 3]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?words=国", [2, 1]),
        ("?kind=春节", [5, 4]),
        ("?work=yes", [7, 6]),
        ("?day_from=2025-10-03&day_to=2025-10-05", [5, 4, 3]),
        ("?day_to=2025-10-02", [2, 1]),
        ("?kind=春节&day_from=2025-10-05", [5]),
        ("?words=%20%20", [7, 6, 5]),
    ],
)
def test_filters_narrow_the_list(shown, week, query, expected):
    page = shown(query)
    assert days_of(page) == expected
    assert page.problems == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?kind=端午", "没有这个选项"),
        ("?work=maybe", "应为是或否"),
        ("?day_from=yesterday", "应为日期"),
        ("?day_from=0001-01-01", "年份不合理"),
        ("?day_from=2025-10-05&day_to=2025-10-01", "晚于"),
        ("?words=" + "长" * 101, "最多 100 个字"),
        ("?words=%00", "最多 100 个字"),
        ("?cursor=spoilt", "翻页标记无效"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_and_left_out(shown, week, query, words):
    page = shown(query)
    assert days_of(page) == [7, 6, 5]
    assert words in page.problems[0]
    assert "kind=" not in page.next_url


def test_inputs_show_what_was_given(shown, week):
    fields = {field.name: field for field in shown("?kind=春节&day_from=2025-10-05").fields}
    assert fields["kind"].value == "春节"
    assert fields["kind"].choices == [("国庆", "国庆节"), ("春节", "春节")]
    assert fields["day_from"].value == "2025-10-05"
    assert shown("?kind=春节").is_filtered
    assert not shown().is_filtered


def test_rows_are_prepared_together(shown, week):
    batches = []
    shown(prepare=lambda rows: batches.append(len(rows)))
    assert batches == [3]


def test_a_page_costs_one_query_beside_the_saved_views(shown, week, django_assert_num_queries):
    with django_assert_num_queries(2):
        shown("?kind=国庆")


def test_times_are_filtered_by_days_of_shanghai(cast):
    for number, hour in enumerate((15, 17)):  # 23:00 and 01:00 the next day in Shanghai
        Site.objects.create(
            county=COUNTY, code=str(number), name="x", site_type="shop", town=cast.town, updated_at=clock.now(),
            created_at=datetime(2025, 3, 1, hour, tzinfo=UTC),
        )  # fmt: skip
    narrow = DateRangeFilter("made", "登记", column="created_at").narrow
    found = narrow(Site.objects.filter(county=COUNTY), QueryDict("made_to=2025-03-01"))
    assert [site.code for site in found] == ["0"]


def test_places_are_chosen_level_by_level(cast):
    children = {
        "330521": [(cast.town, "武康街道"), (cast.other_town, "乾元镇")],
        cast.town: [(cast.village, "居仁"), (cast.next_village, "吉祥")],
    }
    filter_ = RegionFilter("place", "地区", children=lambda code: children.get(code, []), root="330521")
    sites = Site.objects.filter(county=COUNTY)
    for number, village in enumerate((cast.village, cast.next_village, cast.other_village)):
        Site.objects.create(
            county=COUNTY, code=str(number), name="x", site_type="shop", town=village[:9], village=village,
            created_at=clock.now(), updated_at=clock.now(),
        )  # fmt: skip

    def found(query):
        return sorted(filter_.narrow(sites, QueryDict(query)).values_list("code", flat=True))

    assert found("") == ["0", "1", "2"]
    assert found(f"place={cast.town}") == ["0", "1"]
    assert found(f"place={cast.town}&place={cast.next_village}") == ["1"]
    assert found(f"place={cast.other_town}&place={cast.village}") == ["2"]  # a village of the town chosen before
    levels = filter_.fields(QueryDict(f"place={cast.town}"))
    assert [(level.value, len(level.choices)) for level in levels] == [(cast.town, 2), ("", 2)]


def workbook(response):
    book = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))
    return book.active


def test_the_workbook_holds_every_filtered_row_and_says_who_took_it(ask, week):
    response = ask("?work=no&export=xlsx", page_size=2)
    sheet = workbook(response)
    lines = list(sheet.values)
    assert lines[0][0].startswith("牵头经办 20")
    assert lines[1] == ("日期", "说明", "编号")
    assert [line[1] for line in lines[2:]] == ["春节", "春节", "—", "国庆", "国庆"]
    assert "attachment" in response.headers["Content-Disposition"]


def test_an_export_is_in_the_trace(cast, ask, week):
    ask("?work=no&export=xlsx")
    row = TraceRow.objects.get(county=COUNTY, action="foundation.export")
    assert (row.actor_id, row.object_type) == (cast.lead_officer.id, "foundation.days")
    assert row.changes == {"rows": 5, "filters": {"work": "no"}}


def test_an_export_is_prepared_in_batches_of_constant_size(ask, week, monkeypatch):
    monkeypatch.setattr(export, "BATCH", 3)
    batches = []
    ask("?export=xlsx", prepare=lambda rows: batches.append(len(rows)))
    assert batches == [3, 3, 1]


def test_an_endless_export_is_refused_with_words(ask, week, monkeypatch):
    monkeypatch.setattr(export, "MOST", 6)
    response = ask("?export=xlsx&kind=")
    assert response.status_code == 302
    assert "export" not in response.url
    assert "缩小筛选范围" in str(next(iter(response.request_given._messages)))
    assert not TraceRow.objects.filter(county=COUNTY, action="foundation.export").exists()


def test_a_list_without_export_has_none(shown, ask, week):
    assert shown(export_name="").export_url == ""
    assert ask("?export=xlsx", export_name="").status_code == 200
    assert "spreadsheet" not in ask("?export=xlsx", export_name="").headers["Content-Type"]


def test_a_condition_of_its_own_may_stand_for_yes(shown, week):
    named = BooleanFilter("named", "有说明", yes=~Q(words=""))
    assert days_of(shown("?named=no", filters=[named])) == [3]
