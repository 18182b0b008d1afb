"""Forms of verbs: built from descriptions, checked, and shown again with what was wrong."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, QueryDict
from django.test import RequestFactory
from django.utils.datastructures import MultiValueDict

from safegrid.foundation.clock import SHANGHAI
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.web import FieldSpec, VerbForm, form_status, handle

SPECS = [
    FieldSpec("reason", "理由", "textarea", required=True, max_length=20),
    FieldSpec("until", "期限", "date"),
]


def cleaned(spec, query, files=None):
    form = VerbForm([spec], QueryDict(query), files)
    assert form.is_valid(), form.errors
    return form.cleaned_data[spec.name]


def refusal(spec, query="", files=None):
    form = VerbForm([spec], QueryDict(query), files)
    assert not form.is_valid()
    return form.errors[spec.name][0]


USER = UUID("01a20000-0000-7000-8000-000000000001")
CHOICES = [("a", "甲"), ("b", "乙")]


@pytest.mark.parametrize(
    ("spec", "query", "value"),
    [
        (FieldSpec("x", "文字"), "x=+好+", "好"),
        (FieldSpec("x", "文字"), "", ""),
        (FieldSpec("x", "日期", "date"), "x=2025-10-01", date(2025, 10, 1)),
        (FieldSpec("x", "日期", "date"), "x=", None),
        (FieldSpec("x", "时间", "datetime"), "x=2025-10-01T08:30", datetime(2025, 10, 1, 8, 30, tzinfo=SHANGHAI)),
        (FieldSpec("x", "人数", "integer"), "x=3", 3),
        (FieldSpec("x", "金额", "number"), "x=2.50", Decimal("2.50")),
        (FieldSpec("x", "选", "choice", choices=CHOICES), "x=b", "b"),
        (FieldSpec("x", "选", "choice", choices=lambda: CHOICES), "x=a", "a"),
        (FieldSpec("x", "多选", "choices", choices=CHOICES), "x=a&x=b", ["a", "b"]),
        (FieldSpec("x", "是否", "flag"), "x=on", True),
        (FieldSpec("x", "是否", "flag"), "", False),
        (FieldSpec("x", "网格员", "user", choices=lambda: [(str(USER), "甲")]), f"x={USER}", USER),
        (FieldSpec("x", "部门", "department", choices=[(str(USER), "甲")]), "", None),
        (FieldSpec("x", "地区", "region"), "x=330521001", "330521001"),
        (FieldSpec("x", "位置", "point"), "x=120.5,30.25", (120.5, 30.25)),
        (FieldSpec("x", "位置", "point"), "x=120.5，30.25", (120.5, 30.25)),
        (FieldSpec("x", "位置", "point"), "", None),
        (FieldSpec("x", "照片", "photos"), "", []),
    ],
)
def test_every_kind_of_field_is_read(spec, query, value):
    assert cleaned(spec, query) == value


@pytest.mark.parametrize(
    ("spec", "query", "words"),
    [
        (FieldSpec("x", "文字", required=True), "x=++", "必填"),
        (FieldSpec("x", "文字", max_length=3), "x=abcd", "3"),
        (FieldSpec("x", "日期", "date"), "x=soon", "日期"),
        (FieldSpec("x", "人数", "integer", least=1, most=9), "x=10", "9"),
        (FieldSpec("x", "选", "choice", choices=CHOICES), "x=c", "c"),
        (FieldSpec("x", "网格员", "user", choices=CHOICES, required=True), "", "必填"),
        (FieldSpec("x", "地区", "region"), "x=33052", "区划代码"),
        (FieldSpec("x", "位置", "point"), "x=here", "经度,纬度"),
        (FieldSpec("x", "位置", "point"), "x=30.5,120.5", "纬度应在"),
        (FieldSpec("x", "位置", "point"), "x=nan,1", "经度应在"),
        (FieldSpec("x", "照片", "photos", required=True), "", "必填"),
    ],
)
def test_a_wrong_value_is_told_in_chinese(spec, query, words):
    told = refusal(spec, query)
    assert words in told


def photo(number):
    return SimpleUploadedFile(f"{number}.jpg", b"x", "image/jpeg")


def test_several_photos_come_as_a_list():
    spec = FieldSpec("photos", "照片", "photos", required=True)
    files = MultiValueDict({"photos": [photo(1), photo(2)]})
    assert [one.name for one in cleaned(spec, "", files)] == ["1.jpg", "2.jpg"]
    many = MultiValueDict({"photos": [photo(n) for n in range(10)]})
    assert "最多 9 张" in refusal(spec, "", many)
    assert VerbForm([spec]).is_multipart()


def test_the_version_seen_travels_with_the_form():
    form = VerbForm(SPECS, version=7)
    assert 'type="hidden"' in str(form["version"])
    assert 'value="7"' in str(form["version"])
    posted = VerbForm(SPECS, QueryDict("reason=x&version=7"), version=8)
    assert posted.is_valid()
    assert posted.cleaned_data["version"] == 7


def test_templates_find_the_description_of_each_field():
    form = VerbForm(SPECS, title="退回", submit="退回", action="/x/", is_danger=True)
    assert [field.field.spec.kind for field in form] == ["textarea", "date"]
    assert (form.title, form.submit, form.action, form.is_danger) == ("退回", "退回", "/x/", True)


@pytest.fixture
def post():
    def post(query="reason=%E4%B8%8D%E5%B1%9E%E5%AE%9E", **headers):
        request = RequestFactory().post("/x/", query, content_type="application/x-www-form-urlencoded", headers=headers)
        request._messages = CookieStorage(request)
        return request, VerbForm(SPECS, request.POST, request.FILES)

    return post


def test_a_good_form_calls_the_verb_and_goes_on(post):
    request, form = post()
    calls = []
    answer = handle(request, form, lambda **values: calls.append(values), done="已退回", to="/cases/")
    assert calls == [{"reason": "不属实", "until": None}]
    assert (answer.status_code, answer.url) == (302, "/cases/")
    assert [str(message) for message in request._messages] == ["已退回"]


def test_the_way_on_may_depend_on_the_result(post):
    request, form = post()
    assert handle(request, form, lambda **_: "abc", to=lambda row: f"/cases/{row}/").url == "/cases/abc/"


def test_htmx_is_told_to_go_on(post):
    request, form = post(**{"HX-Request": "true"})
    answer = handle(request, form, lambda **_: None, to="/cases/")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/cases/")


def test_a_form_with_errors_does_not_call_the_verb(post):
    request, form = post("reason=")
    assert handle(request, form, lambda **_: pytest.fail("called"), to="/") is None
    assert form_status(form) == 422
    assert form.errors["reason"]


def test_a_form_only_looked_at_is_fresh():
    request = RequestFactory().get("/x/")
    form = VerbForm(SPECS)
    assert handle(request, form, lambda **_: pytest.fail("called"), to="/") is None
    assert form_status(form) == 200


def raising(error):
    def act(**values):
        raise error

    return act


def test_findings_of_the_service_stand_beside_their_fields(post):
    request, form = post()
    error = InvalidInput({"until": "不能早于今天", "photo": "请补充照片"})
    assert handle(request, form, raising(error), to="/") is None
    assert form.errors["until"] == ["不能早于今天"]
    assert form.non_field_errors() == ["请补充照片"]
    assert form["reason"].value() == "不属实"
    assert form_status(form) == 422


@pytest.mark.parametrize(("error", "status"), [(Conflict(), 409), (NotPermitted("您不能退回"), 403)])
def test_a_refusal_stands_above_the_form(post, error, status):
    request, form = post()
    assert handle(request, form, raising(error), to="/") is None
    assert form.non_field_errors() == [error.message]
    assert form_status(form) == status


def test_what_is_not_visible_does_not_exist(post):
    request, form = post()
    with pytest.raises(Http404):
        handle(request, form, raising(NotVisible()), to="/")


def test_a_fault_is_not_swallowed(post):
    request, form = post()
    with pytest.raises(ZeroDivisionError):
        handle(request, form, raising(ZeroDivisionError()), to="/")
