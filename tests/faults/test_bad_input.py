"""Bad input through the API: a 4xx that says in Chinese which field is wrong and what to do, and nothing is written."""

from __future__ import annotations

import io
import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from safegrid.cases.models import Case, CaseTimer
from safegrid.files.models import Attachment, AttachmentUse
from safegrid.foundation.models import IdempotencyKey, TraceRow
from safegrid.notices.models import Notice
from safegrid.sites.models import Site

NOBODYS = "01a20000-0000-7000-8000-000000000001"  # the same in every process that collects the tests

COUNTY = 330521
LEDGERS = (Site, Case, CaseTimer, Attachment, AttachmentUse, TraceRow, IdempotencyKey, Notice)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def written() -> dict[str, int]:
    return {model.__name__: model.objects.filter(county=COUNTY).count() for model in LEDGERS}


def png(shade: int = 1) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 2, 3)).save(file, "PNG")
    return file.getvalue()


def photo(cast: Any, user: Any, shade: int = 1) -> str:
    upload = SimpleUploadedFile("p.png", png(shade), "image/png")
    headers = {"Idempotency-Key": str(uuid4())}
    return cast.client(user).post(f"/api/v1/files/{COUNTY}", {"file": upload}, headers=headers).json()["id"]


def refused(answer: Any, field: str = "", status: int = 422) -> dict[str, Any]:
    """Check that an answer is a refusal a person can act on."""
    assert answer.status_code == status, answer.content.decode()
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json()
    assert CHINESE.search(problem["detail"]), problem
    assert "Traceback" not in answer.content.decode()
    if field:
        told = {part: words for name, words in problem["fields"].items() for part in name.split(".")}
        assert field in told, problem
        assert CHINESE.search(told[field]), problem
    return problem


SITE = {"name": "武康新材料有限公司", "site_type": "enterprise", "industry": "2641", "town": "330521001",
        "village": "330521001001", "longitude": 120.01, "latitude": 30.51, "datum": "wgs84"}  # fmt: skip
BAD_SITES = [
    ({"name": ""}, "name"),
    ({"name": "   "}, "name"),
    ({"name": "厂" * 201}, "name"),
    ({"name": "厂\x00名"}, "name"),
    ({"name": None}, "name"),
    ({"name": 7}, "name"),
    ({"site_type": "ship"}, "site_type"),
    ({"site_type": "e" * 500}, "site_type"),
    ({"industry": "9999"}, "industry"),
    ({"industry": "264111"}, "industry"),
    ({"industry": "厂"}, "industry"),
    ({"scale": "giant"}, "scale"),
    ({"risk_grade": "pink"}, "risk_grade"),
    ({"employees": -1}, "employees"),
    ({"employees": 10**12}, "employees"),
    ({"employees": 10**30}, "employees"),
    ({"employees": 1.5}, "employees"),
    ({"employees": "许多"}, "employees"),
    ({"credit_code": "91330521MA2B4XXXX0"}, "credit_code"),
    ({"credit_code": "1"}, "credit_code"),
    ({"town": "330523001"}, "town"),
    ({"town": "武康"}, "town"),
    ({"town": "330521101"}, "village"),
    ({"village": "330521999999"}, "village"),
    ({"longitude": 30.51, "latitude": 120.01}, "longitude"),
    ({"longitude": 181.0}, "longitude"),
    ({"latitude": -91.0}, "longitude"),
    ({"latitude": None}, "longitude"),
    ({"datum": ""}, "datum"),
    ({"datum": "gps"}, "datum"),
    ({"address": "路" * 500}, "address"),
    ({"code": "编" * 50}, "code"),
    ({"contacts": [{"name": "李四", "phone": "12"}]}, "phone"),
    ({"contacts": [{"name": "李四", "id_number": "330521199913330011"}]}, "id_number"),
    ({"contacts": [{"name": ""}]}, "name"),
    ({"contacts": "李四"}, "contacts"),
]


@pytest.mark.parametrize(("wrong", "field"), BAD_SITES, ids=lambda value: str(value)[:40].replace("\x00", "NUL"))
def test_a_wrong_site_is_refused_by_its_field(cast, wrong, field):
    api = cast.api(cast.lead_officer)
    before = written()
    refused(api.post(f"/api/v1/sites/{COUNTY}", {**SITE, **wrong}), field)
    assert written() == before


def test_the_site_itself_is_good(cast):
    assert cast.api(cast.lead_officer).post(f"/api/v1/sites/{COUNTY}", SITE).status_code == 201


BAD_REPORTS = [
    ({"kind": "NO-SUCH-KIND"}, "kind"),
    ({"kind": ""}, "kind"),
    ({"kind": "K" * 41}, "kind"),
    ({"words": ""}, "words"),
    ({"words": "  \n "}, "words"),
    ({"words": "字" * 1001}, "words"),
    ({"words": "堵\x00塞"}, "words"),
    ({"words": ["堵塞"]}, "words"),
    ({"severity": "terrible"}, "severity"),
    ({"channel": "telepathy"}, "channel"),
    ({"site_id": "S-0001"}, "site_id"),
    ({"site_id": NOBODYS}, "site_id"),
    ({"attachment_ids": []}, "attachment_ids"),
    ({"attachment_ids": [NOBODYS]}, "attachment_ids"),
    ({"attachment_ids": ["x"]}, "attachment_ids"),
    ({"joins": NOBODYS}, "joins"),
    ({"site_id": None}, "place"),
    ({"site_id": None, "longitude": 120.01}, "longitude"),
    ({"site_id": None, "longitude": 30.51, "latitude": 120.01}, "longitude"),
    ({"site_id": None, "longitude": 1e308, "latitude": 30.51}, "longitude"),
    ({"site_id": None, "longitude": 119.0, "latitude": 30.51}, "town"),
    ({"longitude": 30.51, "latitude": 120.01}, "longitude"),
    ({"site_id": None, "place_words": "桥边"}, "town"),
    ({"site_id": None, "place_words": "桥边", "town": "330523001"}, "town"),
    ({"site_id": None, "place_words": "桥边", "town": "330521001", "village": "330521101022"}, "village"),
    ({"site_id": None, "place_words": "桥" * 201, "town": "330521001"}, "place_words"),
    ({"reporter_name": "张" * 61}, "reporter_name"),
    ({"suspected_major": "或许"}, "suspected_major"),
]


@pytest.mark.parametrize(("wrong", "field"), BAD_REPORTS, ids=lambda value: str(value)[:50].replace("\x00", "NUL"))
def test_a_wrong_report_is_refused_by_its_field(cast, wrong, field):
    _ = cast.duty_rules
    member = cast.grid_member
    good = {"kind": cast.general_kind.code, "words": "安全出口被堵", "site_id": str(cast.site.id),
            "attachment_ids": [photo(cast, member)]}  # fmt: skip
    api = cast.api(member)
    before = written()
    refused(api.post(f"/api/v1/cases/{COUNTY}", {**good, **wrong}), field)
    assert written() == before
    assert api.post(f"/api/v1/cases/{COUNTY}", good).status_code == 201  # the photograph is not used up


BODIES = {
    "not JSON": b"{",
    "empty": b"",
    "a list": b"[]",
    "not UTF-8": "{\"name\": \"名\"}".encode("gb18030"),
    "NaN": json.dumps({**SITE, "longitude": 0}).replace('"longitude": 0', '"longitude": NaN').encode(),
    "infinite": json.dumps({**SITE, "longitude": 0}).replace('"longitude": 0', '"longitude": Infinity').encode(),
    "a lone surrogate": json.dumps(SITE).replace("\\u6b66", "\\ud800").encode(),
    "nested without end": b"[" * 100_000,
    "a number without end": b'{"employees": ' + b"9" * 6000 + b"}",
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_spoilt_body_is_refused(cast, name):
    browser, before = cast.client(cast.lead_officer), written()
    answer = browser.post(f"/api/v1/sites/{COUNTY}", BODIES[name], content_type="application/json",
                          headers={"Idempotency-Key": "k"})  # fmt: skip
    assert answer.status_code in {400, 422}, answer.content.decode()
    refused(answer, status=answer.status_code)
    assert written() == before


GOOD_WORDS = ("消防通道堵塞🔥👨‍👩‍👧", "مخرج مسدود", "\u202eסכנה\u202c", "𠮷野家门口", "e\u0301tage", "一行\n二行\t三",
              "<script>alert(1)</script>", "'; DROP TABLE cases_case; --", "{{ 7777|add:1 }}", "=cmd|' /C calc'!A0")  # fmt: skip


@pytest.mark.parametrize("words", GOOD_WORDS)
def test_words_of_any_script_are_kept_as_written_and_shown_as_words(cast, words):
    _ = cast.duty_rules, cast.town_officer
    member = cast.grid_member
    body = {"kind": cast.general_kind.code, "words": words, "site_id": str(cast.site.id),
            "attachment_ids": [photo(cast, member)]}  # fmt: skip
    made = cast.api(member).post(f"/api/v1/cases/{COUNTY}", body)
    assert made.status_code == 201, made.content.decode()
    assert made.json()["words"] == words
    page = cast.client(cast.town_officer).get(f"/cases/{COUNTY}/{made.json()['id']}/").content.decode()
    assert "<script>alert" not in page
    assert "7778" not in page


BOMB_PIXELS = 30_000


def _bomb() -> bytes:
    """Return a small PNG that claims 900 million pixels."""
    file = io.BytesIO()
    Image.new("1", (BOMB_PIXELS, BOMB_PIXELS)).save(file, "PNG")
    return file.getvalue()


BAD_FILES = {
    "现场.svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "现场.html": lambda: b"<!doctype html><script>alert(1)</script>",
    "现场.exe": lambda: b"MZ\x90\x00" + b"\x00" * 200,
    "现场.jpg": lambda: b"#!/bin/sh\nrm -rf /\n",
    "半张.png": lambda: png()[: len(png()) // 2],
    "空.png": lambda: b"",
    "动图.gif": lambda: b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
    "半份.pdf": lambda: b"%PDF-1.7\n1 0 obj\n",
    "像素炸弹.png": _bomb,
    "超大.jpg": lambda: b"\xff\xd8\xff" + b"\x00" * (15 * 1024 * 1024 + 1),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_what_is_no_photograph_is_refused_whatever_it_is_called(cast, name):
    browser, before = cast.client(cast.grid_member), written()
    upload = SimpleUploadedFile(name, BAD_FILES[name](), "image/jpeg")
    answer = browser.post(f"/api/v1/files/{COUNTY}", {"file": upload}, headers={"Idempotency-Key": "k"})
    assert answer.status_code in {413, 422}, answer.content.decode()
    refused(answer, "file" if answer.status_code == 422 else "", status=answer.status_code)
    assert written() == before


def test_a_picture_is_what_it_contains_not_what_it_is_called(cast):
    browser = cast.client(cast.grid_member)
    upload = SimpleUploadedFile("../../etc/passwd\x00.html", png(), "text/html")
    answer = browser.post(f"/api/v1/files/{COUNTY}", {"file": upload}, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["media_type"]) == (201, "image/png")
    shown = browser.get(f"/files/{COUNTY}/{answer.json()['id']}/")
    assert (shown.headers["Content-Type"], shown.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")


@pytest.mark.parametrize("grade", ["topsecret", "", "内部"])
def test_a_grade_that_does_not_exist_is_refused(cast, grade):
    browser, before = cast.client(cast.grid_member), written()
    body = {"file": SimpleUploadedFile("p.png", png(), "image/png"), "grade": grade}
    refused(browser.post(f"/api/v1/files/{COUNTY}", body, headers={"Idempotency-Key": "k"}), "grade")
    assert written() == before


@pytest.mark.parametrize("key", [None, "", "k" * 101])
def test_a_write_without_a_usable_key_is_refused(cast, key):
    headers = {} if key is None else {"Idempotency-Key": key}
    answer = cast.client(cast.lead_officer).post(f"/api/v1/sites/{COUNTY}", json.dumps(SITE),
                                                 content_type="application/json", headers=headers)  # fmt: skip
    refused(answer, "Idempotency-Key")


STRANGE = ("%00", "%ED%A0%80", "%FF", "a" * 5000, "%F0%9F%94%A5", "'%22%3C", "-1", "9" * 40, "NaN", "%E2%80%AE")
QUERIES = ("words", "place", "state", "kind", "since", "cursor", "limit", "industry", "queue", "by", "department_id")
LISTS = (f"/api/v1/sites/{COUNTY}", f"/api/v1/cases/{COUNTY}", f"/api/v1/grids/{COUNTY}", f"/api/v1/grid-members/{COUNTY}",
         f"/api/v1/departments/{COUNTY}", "/api/v1/notices", f"/api/v1/site-changes/{COUNTY}", "/api/v1/regions",
         f"/api/v1/cases/{COUNTY}/indices")  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", QUERIES)
def test_a_strange_question_is_answered_or_refused_and_never_breaks_a_list(cast, path, name):
    browser = cast.client(cast.lead_officer)
    for value in STRANGE:
        answer = browser.get(f"{path}?{name}={value}")
        assert answer.status_code < 500, (value, answer.content.decode()[:300])


@pytest.mark.parametrize("county", ["0", "1", "999999", "9999999999", "9" * 30, "-330521", "330521.5", "%00", "德清"])
@pytest.mark.parametrize("path", ["/api/v1/sites/{}", "/api/v1/cases/{}", "/api/v1/grids/{}", "/api/v1/departments/{}"])
def test_a_county_that_does_not_exist_breaks_nothing(cast, path, county):
    api, before = cast.api(cast.lead_officer), written()
    assert api.get(path.format(county)).status_code < 500
    refused(answer := api.post(path.format(county), SITE), status=answer.status_code)
    assert 400 <= answer.status_code < 500
    assert written() == before


@pytest.mark.parametrize("county", ["0", "999999", "9999999999", "9" * 30])
@pytest.mark.parametrize("path", ["/sites/{}/{}/", "/cases/{}/{}/", "/cases/{}/", "/grids/{}/{}/", "/files/{}/{}/"])
def test_a_page_of_a_county_that_does_not_exist_is_not_found(cast, path, county):
    answer = cast.client(cast.lead_officer).get(path.format(county, uuid4()))
    assert answer.status_code == 404
