"""Opening hours as people write them, as they are kept, and as visits are planned by them."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safegrid.foundation.errors import InvalidInput
from safegrid.sites import services
from safegrid.sites.history import in_words
from safegrid.sites.imports import import_sites
from safegrid.sites.models import Site
from safegrid.sites.opening import read_opening_hours, spans
from safegrid.sites.tests.conftest import COUNTY, VILLAGE

HOURS = st.integers(0, 23).flatmap(lambda hour: st.integers(0, 59).map(lambda minute: f"{hour:02d}:{minute:02d}"))


@pytest.mark.parametrize(("written", "kept"), [
    ("", ""), (None, ""), ("全天", "00:00-24:00"), ("8:00-18:00", "08:00-18:00"), ("8：00～18：00", "08:00-18:00"),
    ("13:00至20:00；08:00 - 11:30", "08:00-11:30 13:00-20:00"), ("18:00——02:00", "18:00-02:00"), ("0:00-24:00", "00:00-24:00"),
])  # fmt: skip
def test_ways_of_writing_them_come_out_alike(written, kept):
    assert read_opening_hours(written) == kept


@pytest.mark.parametrize("written", [
    "早上", "8-18", "08:00-25:00", "08:70-12:00", "24:00-02:00", "08:00-08:00", "08:00-12:00 11:00-13:00",
    "20:00-02:00 01:00-03:00",
    "1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00", "08:00", "08:00-12:00-18:00",
])  # fmt: skip
def test_what_is_no_time_is_refused_with_words(written):
    with pytest.raises(ValueError, match="营业时间"):
        read_opening_hours(written)


def test_hours_past_midnight_are_two_spans():
    assert spans("18:00-02:00") == ((0, 120), (1080, 1440))
    assert spans("22:00-24:00") == ((1320, 1440),)
    assert spans("") == ()


@given(HOURS, HOURS)
def test_what_is_kept_reads_as_itself_and_covers_as_many_minutes(begins, ends):
    if begins != ends:
        kept = read_opening_hours(f"{begins}-{ends}")
        assert read_opening_hours(kept) == kept
        wanted = (int(ends[:2]) * 60 + int(ends[3:]) - int(begins[:2]) * 60 - int(begins[3:])) % 1440
        assert sum(to - since for since, to in spans(kept)) == wanted


def test_they_are_registered_changed_and_told(county, heard):
    values = {"name": "夜宵店", "site_type": "shop", "village": VILLAGE, "opening_hours": "18:00至02:00"}
    site = services.register_site(acting_user=None, county=COUNTY, values=values)
    assert site.opening_hours == "18:00-02:00"
    services.change_site(acting_user=None, site=site, values={"opening_hours": "17：00-23：00"})
    site.refresh_from_db()
    assert site.opening_hours == "17:00-23:00"
    assert "营业时间：18:00-02:00 → 17:00-23:00" in in_words({"opening_hours": ["18:00-02:00", "17:00-23:00"]})
    assert heard[-1] == ("rescheduled", [site.id])
    with pytest.raises(InvalidInput) as refused:
        services.change_site(acting_user=None, site=site, values={"opening_hours": "晚上"})
    assert set(refused.value.fields) == {"opening_hours"}


def test_a_table_brings_them_in_and_names_what_is_wrong(county, tmp_path):
    path = tmp_path / "台账.csv"
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([("编码", "名称", "类型", "村", "营业时间"), ("A", "甲", "小商铺", VILLAGE, "8:00-20:00"),
                                   ("B", "乙", "小商铺", VILLAGE, "看情况")])  # fmt: skip
    report = import_sites(acting_user=None, county=COUNTY, path=path, datum="wgs84", mode="skip_bad")
    assert (report.created, report.refused) == (1, 1)
    assert report.first_problems[0].column_title == "营业时间"
    assert Site.objects.get(county=COUNTY, code="A").opening_hours == "08:00-20:00"
