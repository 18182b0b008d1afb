"""Acts made on phones come once, in order, each with an answer of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import override_settings

from safegrid.accounts import services as accounts
from safegrid.cases.models import Case
from safegrid.field.models import FieldDevice, FieldOperation
from safegrid.field.tests import stand
from safegrid.field.tests.phone import COUNTY, Phone
from safegrid.field.tests.pictures import picture
from safegrid.files.selectors import attachments_of
from safegrid.foundation import clock
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import TraceRow
from safegrid.patrols.models import Visit


def kept():
    return FieldOperation.objects.filter(county=COUNTY)


def cases():
    return Case.objects.filter(county=COUNTY)


@pytest.fixture
def report(phone):
    def made(words="安全出口堆满纸箱", **more):
        photos = more.pop("photos", None)
        if photos is None:
            photos = [phone.upload(picture(hash(words) % 1000))]
        payload = {"words": words, "site_id": str(phone.cast.site.id), "photos": photos, **more.pop("payload", {})}
        return phone.operation("stand.report", payload, **more)

    return made


def test_an_act_is_done_with_its_photo_and_answered_with_what_it_made(phone, report):
    (answer,) = phone.answers(report())
    case = cases().get()
    assert (answer["status"], answer["result"]["id"], answer["result"]["number"]) == ("done", str(case.id), case.number)
    assert len(attachments_of(case)) == 1
    assert TraceRow.objects.filter(county=COUNTY, action="cases.report").count() == 1


def test_the_same_act_sent_three_times_is_one_and_answered_alike(phone, report):
    act = report()
    first, second, third = phone.answers(act), phone.answers(act), phone.answers(act)
    assert first == second == third
    assert (cases().count(), kept().count()) == (1, 1)


def test_the_same_act_twice_in_one_request_is_one(phone, report):
    act = report()
    answers = phone.answers(act, act)
    assert answers[0] == answers[1]
    assert cases().count() == 1


def test_the_same_id_with_another_payload_is_a_conflict(phone, report):
    act = report()
    phone.answers(act)
    (answer,) = phone.answers({**act, "payload": {**act["payload"], "words": "另一件事"}})
    assert (answer["status"], answer["code"]) == ("conflict", "conflict")
    assert "编号" in answer["words"]
    assert cases().count() == 1


def test_an_id_of_somebody_else_is_a_conflict_and_tells_nothing(setting, phone, report):
    act = report()
    phone.answers(act)
    other = Phone(setting, setting.next_grid_member).signed_in()
    (answer,) = other.answers(act)
    assert (answer["status"], answer["result"]) == ("conflict", {})


def test_a_refusal_names_the_field_and_touches_no_other_act(phone, report):
    good, bad, last = report("一"), report("二", payload={"words": ""}), report("三")
    answers = phone.answers(good, bad, last)
    assert [one["status"] for one in answers] == ["done", "refused", "done"]
    assert answers[1]["fields"] == {"words": answers[1]["words"]}
    assert (cases().count(), kept().count()) == (2, 2)
    assert [one["status"] for one in phone.answers({**bad, "payload": {**bad["payload"], "words": "改好了"}})] == [
        "done"
    ]


def test_what_does_not_fit_the_schema_is_refused_by_the_fields_name(phone, report):
    (answer,) = phone.answers(report(payload={"site_id": "no id"}))
    assert (answer["status"], list(answer["fields"])) == ("refused", ["site_id"])


def test_a_control_character_refuses_its_own_act_only(phone, report):
    spoilt, good = report(payload={"words": "坏\x00字"}), report("好")
    answers = phone.answers(spoilt, good)
    assert [one["status"] for one in answers] == ["refused", "done"]
    assert list(answers[0]["fields"]) == ["words"]


def test_an_unknown_kind_and_a_missing_time_are_refused_one_by_one(phone, report):
    answers = phone.answers(
        phone.operation("nothing.known", {}), {"id": str(uuid7()), "kind": "stand.report", "payload": {}}, report()
    )
    assert [one["status"] for one in answers] == ["refused", "refused", "done"]
    assert [list(one["fields"]) for one in answers[:2]] == [["kind"], ["device_time"]]


def test_what_is_not_mine_is_told_as_a_conflict(phone):
    (answer,) = phone.answers(phone.operation("stand.visit", {"site_id": str(phone.cast.next_site.id)}))
    assert (answer["status"], answer["code"]) == ("conflict", "not_found")
    assert not Visit.objects.filter(county=COUNTY).exists()


def test_what_my_role_may_not_is_refused(setting):
    committee = Phone(setting, setting.committee).signed_in()
    (answer,) = committee.answers(committee.operation("stand.visit", {"site_id": str(setting.site.id)}))
    assert (answer["status"], answer["code"]) == ("refused", "not_permitted")


def test_an_act_waits_for_those_it_depends_on(phone, report):
    first = phone.operation("stand.visit", {"site_id": str(phone.cast.site.id)})
    second = report(depends_on=[first["id"]])
    (answer,) = phone.answers(second)
    assert (answer["status"], answer["code"]) == ("later", "waiting")
    assert [one["status"] for one in phone.answers(first, second)] == ["done", "done"]


def test_an_act_waits_where_the_one_before_it_was_refused(phone, report):
    first = report(payload={"words": ""})
    second = report("二", depends_on=[first["id"]])
    assert [one["status"] for one in phone.answers(first, second)] == ["refused", "later"]


def test_an_act_does_not_follow_somebody_elses(setting, phone, report):
    other = Phone(setting, setting.next_grid_member).signed_in()
    theirs = other.operation("stand.visit", {"site_id": str(setting.next_site.id)})
    assert other.answers(theirs)[0]["status"] == "done"
    assert phone.answers(report(depends_on=[theirs["id"]]))[0]["status"] == "later"


@pytest.mark.parametrize("kind", ["stand.report", "stand.report_unasked"])
def test_an_act_waits_for_its_photos_and_says_which(phone, kind):
    here, missing = phone.upload(picture(1)), str(uuid7())
    half, _ = phone.announce(picture(2))
    act = phone.operation(kind, {"words": "堵塞", "site_id": str(phone.cast.site.id), "photos": [here, missing, half]})
    (answer,) = phone.answers(act)
    assert (answer["status"], answer["missing"]) == ("later", [missing, half])
    assert (cases().count(), kept().count()) == (0, 0)


def test_somebody_elses_photo_is_missing_for_me(setting, phone):
    other = Phone(setting, setting.next_grid_member).signed_in()
    theirs = other.upload(picture(1))
    act = phone.operation("stand.report", {"words": "堵塞", "site_id": str(setting.site.id), "photos": [theirs]})
    assert phone.answers(act)[0]["missing"] == [theirs]


@pytest.mark.parametrize(
    ("ahead_s", "own_ms", "hours_ago", "expected_hours_ago"),
    [
        (0, None, 2, 2),
        (7200, None, 2, 2),  # two hours ahead all the time: measured when sending
        (-7200, None, 2, 2),
        (7200, -3_600_000, 2, 1),  # one hour ahead when it was made, as it knew then: 2 h ago by that clock was 1 h ago
        (0, 86_400_000, 2, 0),  # never later than now
    ],
)
def test_the_time_is_corrected_by_how_wrong_the_clock_is(setting, ahead_s, own_ms, hours_ago, expected_hours_ago):
    phone = Phone(setting, ahead_s=ahead_s).signed_in()
    made = phone.now() - timedelta(hours=hours_ago)
    act = phone.operation(
        "stand.visit", {"site_id": str(setting.site.id)}, device_time=made.isoformat(), offset_ms=own_ms
    )
    assert phone.answers(act)[0]["status"] == "done"
    row, visit = kept().get(), Visit.objects.get(county=COUNTY)
    expected = clock.now() - timedelta(hours=expected_hours_ago)
    if own_ms == -3_600_000:
        expected = made + timedelta(milliseconds=own_ms)
    assert abs(row.happened_at - expected) < timedelta(seconds=5)
    assert visit.visited_at == row.happened_at <= row.received_at
    assert (row.device_time, row.offset_ms) == (made, own_ms)
    assert abs(row.sending_offset_ms + ahead_s * 1000) < 5000
    assert abs(FieldDevice.objects.get(county=COUNTY).clock_offset_ms + ahead_s * 1000) < 5000


def test_the_trace_says_from_which_phone_and_by_which_clock(phone):
    act = phone.operation("stand.visit", {"site_id": str(phone.cast.site.id)}, offset_ms=-90_000)
    phone.answers(act)
    device = TraceRow.objects.get(county=COUNTY, action="patrols.record_visit").device
    assert device.startswith("红米 12; ")
    assert f"id={phone.id}" in device
    assert "offset_ms=-90000 (made)" in device
    assert "time=" in device
    assert "happened_at=" in device


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_a_time_that_no_calendar_has_is_refused(phone, time):
    act = phone.operation("stand.visit", {"site_id": str(phone.cast.site.id)}, device_time=time,
                          offset_ms=-10**12 if time < "1" else 10**12)  # fmt: skip
    (answer,) = phone.answers(act)
    assert (answer["status"], list(answer["fields"])) == ("refused", ["device_time"])


def test_a_fault_of_ours_is_later_and_leaves_nothing(phone, report, caplog):
    act = phone.operation("stand.fault", {"site_id": str(phone.cast.site.id)})
    answers = phone.answers(act, report())
    assert [(one["status"], one["code"]) for one in answers] == [("later", "fault"), ("done", "")]
    assert not Visit.objects.filter(county=COUNTY).exists()
    assert "ZeroDivisionError" in caplog.text


def test_a_locked_database_is_later_for_the_rest_of_the_batch(phone, report, monkeypatch):
    first, second, third = report("一"), report("二"), report("三")
    assert phone.answers(first)[0]["status"] == "done"

    def locked(execute, sql, params, many, context):
        if "cases_case" in sql and sql.startswith("INSERT"):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(locked):
        answers = phone.answers(second, third, first)
    assert [(one["status"], one["code"]) for one in answers] == [("later", "busy"), ("later", "busy"), ("done", "")]
    assert [one["status"] for one in phone.answers(second, third)] == ["done", "done"]


def test_a_batch_that_takes_too_long_is_later_for_the_rest(phone, report, monkeypatch):
    act = report()
    monkeypatch.setattr("safegrid.field.services.operations.BUDGET_S", -1)
    assert phone.answers(act)[0] | {"words": ""} == {
        "id": act["id"], "status": "later", "result": {}, "code": "busy", "words": "", "fields": {}, "missing": [],
    }  # fmt: skip


def test_requests_that_cannot_be_read_are_refused_as_a_whole(phone, report):
    for body in (b"{", b"[]", b'{"device_now": "now", "operations": [{}]}'):
        assert phone.call("POST", f"{COUNTY}/operations", body).status_code == 422
    assert phone.send({"kind": "stand.visit"}).json()["fields"] == {"operations.0.id": "应为编号（UUID）"}
    assert phone.send().status_code == 422
    assert phone.send(*[phone.operation("stand.visit", {})] * 51).status_code == 422


def test_the_county_is_the_one_signed_in_for(setting, phone, report):
    assert phone.send(report(), county=330523).status_code == 404
    outsider = Phone(setting, setting.outsider)
    assert outsider.send(report()).status_code == 401


def test_what_was_done_is_answered_even_after_the_role_has_ended_and_nothing_else(setting, phone, report):
    act, new = report("一"), report("二")
    phone.answers(act)
    for role in setting.grid_member.roles.all():
        accounts.end_role(acting_user=None, role=role, reason="离岗")
    answers = phone.answers(act, new)
    assert answers[0]["status"] == "done"
    assert answers[1]["status"] in {"refused", "conflict"}
    assert phone.call("GET", "session").json()["me"]["roles"] == []


@override_settings(FIELD_AT_ONCE=0)
def test_a_full_server_says_later_at_once_and_when(phone, report, caplog):
    for answer in (
        phone.send(report(photos=[])),
        phone.pull(),
        phone.announce(b"x")[1],
        phone.put(str(uuid7()), 0, b"x"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert 3 <= int(answer["Retry-After"]) <= 30
    assert phone.call("GET", "session").status_code == 200
    assert "Service Unavailable" not in caplog.text


def test_every_request_gives_its_place_back(phone, report):
    with override_settings(FIELD_AT_ONCE=1):
        assert phone.answers(phone.operation("stand.fault", {"site_id": "x"}))[0]["status"] == "refused"
        assert phone.call("POST", f"{COUNTY}/operations", b"{").status_code == 422
        assert phone.answers(report())[0]["status"] == "done"


def test_the_stand_offers_what_the_contract_says(offered):
    assert {*offered.operations} == {one.kind for one in stand.OPERATIONS}
