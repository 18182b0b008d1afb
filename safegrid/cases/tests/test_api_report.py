"""Reporting over the API."""

from __future__ import annotations

from uuid import uuid4

import pytest

from safegrid.cases.models import Case
from safegrid.cases.tests.steps import Steps


def body(steps: Steps, user, **more):
    return {"kind": steps.kind, "words": "安全出口堆满纸箱", "site_id": str(steps.site.id),
            "attachment_ids": [str(one) for one in steps.photo(user)], **more}  # fmt: skip


def post(steps, user, given, county=330521, **options):
    return steps.cast.api(user).post(f"/api/v1/cases/{county}", given, **options)


def test_a_member_reports_and_reads_the_case_again(steps):
    member = steps.cast.grid_member
    made = post(steps, member, body(steps, member))
    assert made.status_code == 201, made.content
    out = made.json()
    assert (out["state"], out["channel"], out["site_id"]) == ("reported", "member", str(steps.site.id))
    again = steps.cast.api(member).get(f"/api/v1/cases/330521/{out['id']}").json()
    assert again["number"] == out["number"]
    assert [act["action"] for act in again["timeline"]] == ["cases.report"]
    assert [photo["purpose"] for photo in again["attachments"]] == ["report"]
    assert [timer["stage"] for timer in again["timers"]] == ["accept"]


def test_the_same_report_sent_twice_is_one_case(steps):
    member, key = steps.cast.grid_member, str(uuid4())
    given = body(steps, member)
    first, second = post(steps, member, given, key=key), post(steps, member, given, key=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.json()["id"] == second.json()["id"]
    assert Case.objects.filter(county=330521).count() == 1


def test_the_same_key_for_another_report_is_refused(steps):
    member, key = steps.cast.grid_member, str(uuid4())
    post(steps, member, body(steps, member), key=key)
    assert post(steps, member, body(steps, member, words="另一处"), key=key).status_code == 409
    assert Case.objects.filter(county=330521).count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"words": " "}, "words"), ({"kind": "NONE"}, "kind"), ({"attachment_ids": []}, "attachment_ids"),
     ({"site_id": None}, "place"), ({"severity": "huge"}, "severity"), ({"words": "长" * 1001}, "words"),
     ({"longitude": 200, "latitude": 30}, "longitude")],
)  # fmt: skip
def test_a_report_with_something_missing_or_wrong_names_the_field(steps, change, field):
    member = steps.cast.grid_member
    refused = post(steps, member, body(steps, member, **change))
    assert refused.status_code == 422
    assert field in refused.json()["fields"]
    assert not Case.objects.filter(county=330521).exists()


def test_a_site_out_of_sight_is_no_place(steps):
    member = steps.cast.grid_member
    refused = post(steps, member, body(steps, member, site_id=str(steps.cast.other_site.id)))
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["site_id"])


def test_reporting_in_another_county_is_like_one_that_does_not_exist(steps):
    member = steps.cast.grid_member
    assert post(steps, member, body(steps, member), county=330523).status_code == 404


def test_who_reports_nothing_finds_no_door(steps):
    assert post(steps, steps.cast.leader, body(steps, steps.cast.leader)).status_code == 404


def test_a_call_needs_no_photograph_and_is_answered_masked(steps):
    officer = steps.cast.hotline_officer
    given = {"kind": steps.kind, "words": "来电反映", "place_words": "居仁社区东门", "village": steps.cast.village,
             "reporter_name": "张三丰", "reporter_phone": "13812345678"}  # fmt: skip
    made = post(steps, officer, given)
    assert made.status_code == 201, made.content
    assert "13812345678" not in made.content.decode()
    case = Case.objects.get(county=330521)
    assert (case.reporter_name, case.reporter_phone, case.channel) == ("张三丰", "13812345678", "hotline")


def test_what_is_settled_on_the_spot_is_reported_with_both_photographs(steps):
    member = steps.cast.grid_member
    given = {"kind": steps.cast.minor_kind.code, "words": "灭火器已补齐", "site_id": str(steps.site.id),
             "before_ids": [str(one) for one in steps.photo(member)],
             "after_ids": [str(one) for one in steps.photo(member)]}  # fmt: skip
    made = steps.cast.api(member).post("/api/v1/cases/330521/settle_on_spot", given)
    assert made.status_code == 201, made.content
    assert made.json()["is_settled_on_spot"] is True


def test_likely_duplicates_are_offered_and_may_be_joined(steps):
    first = steps.reported()
    member = steps.cast.grid_member
    api = steps.cast.api(member)
    offered = api.get("/api/v1/cases/330521/similar", kind=steps.kind, site_id=str(steps.site.id)).json()
    assert [one["case_id"] for one in offered] == [str(first.id)]
    made = post(steps, member, body(steps, member, joins=str(first.id)))
    assert (made.json()["state"], made.json()["merged_into_id"]) == ("merged", str(first.id))
    assert api.get("/api/v1/cases/330523/similar", kind=steps.kind).status_code == 404
