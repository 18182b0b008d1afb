"""Writes of the API happen once for each key."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections

from safegrid.foundation import clock
from safegrid.foundation.api.idempotency import KEPT_DAYS, purge
from safegrid.foundation.models import CalendarDay, IdempotencyKey, TraceRow
from tests.cast import Cast

pytestmark = pytest.mark.urls("safegrid.foundation.tests.api_urls")
PATH = "/api/v1/days/330521"
BODY = {"day": "2025-10-01", "words": "国庆"}


@pytest.fixture(autouse=True)
def without_upper_contexts(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "accounts" not in name]


@pytest.fixture
def api(cast):
    return cast.api(cast.grid_member)


def days():
    return CalendarDay.objects.filter(county=330521).count()


def kept_keys():
    return IdempotencyKey.objects.filter(county=330521).count()


def test_a_write_without_a_key_is_refused(api):
    answer = api.post(PATH, BODY, key=None)
    assert answer.status_code == 422
    assert list(answer.json()["fields"]) == ["Idempotency-Key"]
    assert days() == 0


def test_an_endless_key_is_refused(api):
    assert api.post(PATH, BODY, key="k" * 101).status_code == 422


def test_the_same_request_again_gets_the_stored_answer_and_does_nothing(api):
    first = api.post(PATH, BODY, key="one")
    again = api.post(PATH, BODY, key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert days() == 1
    assert TraceRow.objects.filter(county=330521, action="foundation.add_day").count() == 1


def test_the_same_key_for_another_request_is_a_conflict(api):
    api.post(PATH, BODY, key="one")
    answer = api.post(PATH, {**BODY, "words": "中秋"}, key="one")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert days() == 1


def test_two_people_may_use_the_same_key(cast):
    assert cast.api(cast.grid_member).post(PATH, BODY, key="one").status_code == 201
    other = cast.api(cast.lead_officer).post(PATH, {**BODY, "day": "2025-10-02"}, key="one")
    assert other.status_code == 201
    assert "Idempotency-Replayed" not in other.headers


def test_a_refused_verb_leaves_nothing_and_may_be_tried_again(api):
    refused = api.post(PATH, {**BODY, "words": "不收"}, key="one")
    assert (refused.status_code, refused.json()["detail"]) == (409, "这一天不收")
    assert (days(), kept_keys()) == (0, 0)
    assert api.post(PATH, BODY, key="one").status_code == 201


def test_a_fault_leaves_nothing(api):
    api.client.raise_request_exception = False
    assert api.post(PATH, {**BODY, "words": "出错"}, key="one").status_code == 500
    assert (days(), kept_keys()) == (0, 0)
    assert not TraceRow.objects.filter(county=330521, action="foundation.add_day").exists()


def test_a_row_the_database_refuses_leaves_nothing(api):
    api.client.raise_request_exception = False
    api.post(PATH, BODY, key="one")
    assert api.post(PATH, BODY, key="two").status_code == 500  # the day is there already
    assert (days(), kept_keys()) == (1, 1)


def test_an_upload_happens_once_by_its_content(api):
    def send(content):
        paper = SimpleUploadedFile("paper.txt", content)
        return api.client.post("/api/v1/papers/330521", {"paper": paper}, headers={"Idempotency-Key": "p"})

    assert send(b"one").json() == {"size": 3, "rows": 1}
    assert send(b"one").headers["Idempotency-Replayed"] == "true"
    assert send(b"two").status_code == 409
    assert days() == 1


def test_keys_outlive_a_phone_that_was_offline_for_a_month_and_are_then_dropped(api):
    api.post(PATH, BODY, key="one")
    with time_machine.travel(clock.now() + timedelta(days=31)):
        purge()
        assert kept_keys() == 1
    with time_machine.travel(clock.now() + timedelta(days=KEPT_DAYS + 1)):
        assert purge() == 1
    assert kept_keys() == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_moment_is_carried_out_once():
    cast = Cast()
    clients = [cast.api(cast.grid_member) for _ in range(4)]
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        clients = clients[:1]  # threads share one connection there: nothing can be simultaneous
    start, answers = threading.Barrier(len(clients)), []

    def send(api):
        start.wait()
        answers.append(api.post(PATH, BODY, key="one"))
        connections.close_all()

    threads = [threading.Thread(target=send, args=(api,)) for api in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert days() == 1
