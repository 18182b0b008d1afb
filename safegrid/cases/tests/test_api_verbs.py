"""The verbs over the API: made from the table, refused as the table refuses."""

from __future__ import annotations

import inspect
from datetime import timedelta

import pytest

from safegrid.cases import api, schemas, services
from safegrid.cases.fields import Kind
from safegrid.cases.models import Case
from safegrid.cases.workflow import ROWS
from safegrid.foundation import clock


def use(cast, user, case, verb, **body):
    return cast.api(user).post(f"/api/v1/cases/{case.county}/{case.id}/{verb}", body)


def test_a_case_goes_from_report_to_close_over_the_api_alone(steps):
    cast, case = steps.cast, steps.reported()
    photo = [str(one) for one in steps.photo(cast.fire_officer)]
    seen = [str(one) for one in steps.photo(cast.town_officer)]
    path = (
        (cast.town_officer, "register", {"kind": case.kind, "severity": "general"}, "registered"),
        (cast.lead_officer, "dispatch", {"department_id": str(cast.fire.id), "reason": "属消防职责"}, "dispatched"),
        (cast.fire_officer, "receive", {}, "handling"),
        (cast.fire_officer, "feed_back", {"result": "已清理", "attachment_ids": photo}, "rectified"),
        (cast.town_officer, "recheck_pass", {"attachment_ids": seen, **steps.spot()}, "rechecked"),
        (cast.lead_officer, "close", {}, "closed"),
    )
    for user, verb, body, state in path:
        answer = use(cast, user, case, verb, **body)
        assert (answer.status_code, answer.json().get("state")) == (200, state), answer.content
    assert Case.objects.get(county=case.county, id=case.id).state == "closed"


def test_every_verb_of_the_table_is_an_operation_that_its_service_understands():
    assert set(api.VERBS) == {row.verb for row in ROWS if row.sources} - api.ON_PAGES_ONLY
    for verb in api.VERBS:
        taken = set(inspect.signature(getattr(services, verb)).parameters) - {"acting_user", "case"}
        assert set(schemas.verb_body(verb).model_fields) == taken, verb


def test_a_body_asks_for_what_every_row_of_the_verb_asks_for():
    fields = schemas.verb_body("order_rectification").model_fields
    assert {name for name, field in fields.items() if field.is_required()} == {"text", "deadline"}
    assert fields["attachment_ids"].default == []
    assert schemas.TYPES[Kind.MOMENT] is fields["deadline"].annotation


def test_what_may_be_done_now_is_told_with_its_fields(steps):
    case = steps.registered()
    told = steps.cast.api(steps.cast.lead_officer).get(f"/api/v1/cases/330521/{case.id}").json()["verbs"]
    by_verb = {one["verb"]: one for one in told}
    assert by_verb["dispatch"]["targets"] == ["dispatched"]
    assert [(one["name"], one["is_required"]) for one in by_verb["dispatch"]["fields"]] == [
        ("department_id", True), ("rule_id", False), ("reason", False),
    ]  # fmt: skip
    assert "receive" not in by_verb
    assert "unmask_reporter" not in by_verb


def test_a_verb_of_another_role_is_not_permitted(steps):
    answer = use(steps.cast, steps.cast.town_officer, steps.dispatched(), "receive")
    assert answer.status_code == 403


def test_a_case_out_of_scope_does_not_exist(steps):
    case = steps.dispatched()
    for person in (steps.cast.market_officer, steps.cast.outsider, steps.cast.other_town_officer):
        assert use(steps.cast, person, case, "receive").status_code == 404


def test_a_verb_that_does_not_start_here_is_refused(steps):
    answer = use(steps.cast, steps.cast.fire_officer, steps.dispatched(), "feed_back", result="好", attachment_ids=[])
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_who_saw_an_older_version_is_told_of_the_conflict(steps):
    case = steps.dispatched()
    answer = use(steps.cast, steps.cast.fire_officer, case, "receive", version=case.version - 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert use(steps.cast, steps.cast.fire_officer, case, "receive", version=case.version).status_code == 200


def test_missing_and_spoilt_fields_are_named(steps):
    case = steps.handling()
    empty = use(steps.cast, steps.cast.fire_officer, case, "order_rectification", deadline="2025-03-20T09:00:00+08:00")
    assert (empty.status_code, list(empty.json()["fields"])) == (422, ["text"])
    spoilt = use(steps.cast, steps.cast.fire_officer, case, "order_rectification", text="整改", deadline="someday")
    assert (spoilt.status_code, list(spoilt.json()["fields"])) == (422, ["deadline"])


@pytest.mark.parametrize("person", ["lead_officer", "fire_officer"])
def test_the_callers_phone_is_masked_for_everyone(steps, person):
    case = steps.dispatched(acting_user=steps.cast.hotline_officer, channel="hotline", attachment_ids=[],
                            reporter_name="张三丰", reporter_phone="13812345678")  # fmt: skip
    told = steps.cast.api(getattr(steps.cast, person)).get(f"/api/v1/cases/330521/{case.id}").content.decode()
    assert "13812345678" not in told
    assert "张三丰" not in told


def test_the_site_learns_neither_reporter_nor_channel_nor_words(steps):
    case, contact = steps.handling(), steps.cast.site_contact
    path = f"/api/v1/cases/330521/{case.id}"
    assert steps.cast.api(contact).get(path).status_code == 404
    services.order_rectification(acting_user=steps.cast.fire_officer, case=case, text="清理安全出口",
                                 deadline=clock.now() + timedelta(days=1))  # fmt: skip
    seen = steps.cast.api(contact).get(path)
    out, said = seen.json(), seen.content.decode()
    assert (out["channel"], out["words"], out["reporter_role"]) == ("", "", "")
    assert [one["action"] for one in out["timeline"]] == ["cases.order_rectification"]
    assert {one["who"] for one in out["timeline"]} == {""}
    assert out["attachments"] == []
    for secret in ("安全出口堆满纸箱", steps.cast.grid_member.name, steps.cast.fire_officer.name):
        assert secret not in said
