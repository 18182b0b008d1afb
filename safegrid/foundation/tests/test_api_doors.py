"""Signing in to the API, and its refusals in two languages."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from safegrid.foundation.api import auth, register_token_lookup

pytestmark = [pytest.mark.urls("safegrid.foundation.tests.api_urls"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def without_upper_contexts(settings):
    """The gates of accounts need pages that this little address book lacks; they have tests of their own."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "accounts" not in name]


@pytest.fixture
def member(cast):
    return cast.client(cast.grid_member)


@pytest.fixture
def token_of_member(cast):
    kept = list(auth._lookups)
    register_token_lookup(lambda words: cast.grid_member if words == "right" else None)
    yield "right"
    auth._lookups[:] = kept


def test_a_session_opens_the_api(member):
    assert member.get("/api/v1/me").json() == {"name": "网格员甲"}


def test_a_token_opens_the_api(token_of_member):
    assert Client().get("/api/v1/me", headers={"Authorization": "Bearer right"}).json() == {"name": "网格员甲"}


def test_nobody_is_told_to_sign_in():
    answer = Client().get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"
    assert answer.json()["title"] == "未登录"
    assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Basic right", "right"])
def test_a_wrong_token_opens_nothing(token_of_member, header):
    assert Client().get("/api/v1/me", headers={"Authorization": header}).status_code == 401


def test_a_wrong_token_is_not_helped_by_a_session(member, token_of_member):
    assert member.get("/api/v1/me", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_forged_write_from_another_page_is_refused(cast):
    client = cast.client(cast.grid_member)
    client.handler.enforce_csrf_checks = True
    answer = client.post("/api/v1/days/330521", "{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_a_token_needs_no_csrf_token(token_of_member):
    client = Client(enforce_csrf_checks=True)
    headers = {"Authorization": "Bearer right", "Idempotency-Key": "a"}
    body = '{"day": "2025-10-01", "words": "国庆"}'
    assert client.post("/api/v1/days/330521", body, content_type="application/json", headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("how", "status", "code", "title", "detail"),
    [
        ("invalid", 422, "invalid_input", "填写有误", "请填写名称"),
        ("hidden", 404, "not_found", "没有找到", "没有找到这条记录，或它不在您的管辖范围内"),
        ("missing", 404, "not_found", "没有找到", "没有找到这条记录，或它不在您的管辖范围内"),
        ("forbidden", 403, "not_permitted", "没有权限", "您不能派遣案件"),
        ("state", 409, "wrong_state", "当前状态不允许", "当前状态是“待受理”，不能“派遣”"),
        ("conflict", 409, "conflict", "已被他人处理", "其他人刚刚处理过这条记录，请刷新后再试"),
    ],
)
def test_a_refusal_is_a_problem_in_chinese(member, how, status, code, title, detail):
    answer = member.get(f"/api/v1/fail/{how}")
    body = answer.json()
    assert answer.status_code == status == body["status"]
    assert (body["code"], body["title"], body["detail"]) == (code, title, detail)
    assert body["type"] == f"urn:safegrid:problem:{code}"
    assert body["request_id"] == answer.headers["X-Request-Id"]


def test_an_english_reader_gets_english_words(member):
    body = member.get("/api/v1/fail/state", headers={"Accept-Language": "en-GB,en;q=0.9"}).json()
    assert body["title"] == "Wrong state"
    assert body["detail"].startswith("This cannot be done in the present state")
    assert "待受理" in body["detail"]


def test_a_reader_of_another_language_gets_chinese(member):
    body = member.get("/api/v1/fail/state", headers={"Accept-Language": "fr"}).json()
    assert body["title"] == "当前状态不允许"


def test_fields_are_named_with_chinese_words(cast):
    answer = cast.api(cast.grid_member).post("/api/v1/days/330521", {"day": "yesterday", "words": "长" * 11, "x": 1})
    assert answer.status_code == 422
    assert answer.json()["fields"] == {"day": "应为日期，如 2025-03-01", "words": "最多 10 个字"}


def test_a_missing_field_and_a_wrong_parameter_are_named(cast):
    api = cast.api(cast.grid_member)
    assert api.post("/api/v1/days/330521", {}).json()["fields"] == {"day": "必填", "words": "必填"}
    assert api.get("/api/v1/days/nowhere").json()["fields"] == {"county": "应为整数"}


def test_half_a_body_is_a_bad_request(member):
    answer = member.post("/api/v1/days/330521", '{"day": ', content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_a_body_beyond_the_limit_is_refused(member, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = member.post("/api/v1/days/330521", '{"words": "' + "x" * 200 + '"}', content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_fault_is_told_without_details_and_logged_without_personal_data(member, caplog):
    member.raise_request_exception = False
    with caplog.at_level(logging.ERROR):
        answer = member.get("/api/v1/fail/fault")
    assert answer.status_code == 500
    assert "王五" not in answer.content.decode()
    assert "RuntimeError" in caplog.text
    assert "13800000000" not in caplog.text


def test_an_unknown_address_is_a_problem_too(member):
    answer = member.get("/api/v1/nowhere/at/all")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_method_the_address_does_not_know_is_a_problem_too(member):
    answer = member.delete("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"
