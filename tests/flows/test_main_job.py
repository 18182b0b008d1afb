"""The main job, from door to door: reported by a member, closed by the lead office, every act on the sealed trace."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from safegrid.accounts.models import User
from safegrid.cases.firing import fire_timers
from safegrid.cases.models import Case, CaseTimer
from safegrid.cases.services import load_default_ladder
from safegrid.duties.selectors import explain
from safegrid.foundation import clock, sealing
from safegrid.foundation.models import TraceRow
from safegrid.foundation.testing import run_queue
from tests.cast import Cast

MORNING = datetime(2025, 3, 5, 9, 0, tzinfo=clock.SHANGHAI)  # a Wednesday
_shades = count()


class Job:
    """What its people do, each through the API as they sign in."""

    def __init__(self, cast: Cast, time: clock.SimulatedClock) -> None:
        self.cast, self.time = cast, time
        _ = cast.kinds, cast.duty_rules, cast.site, cast.town_officer, cast.lead_officer, cast.fire_officer

    def door(self, user: User) -> Any:
        """Return the API as ``user`` meets it, newly signed in: hours pass between the acts, and sessions end."""
        return self.cast.api(user)

    def photo(self, user: User) -> str:
        """Upload one photograph; return its id."""
        n, file = next(_shades), io.BytesIO()
        Image.new("RGB", (16, 16), (n % 256, n // 256, 99)).save(file, "JPEG")
        upload = SimpleUploadedFile("现场.jpg", file.getvalue(), "image/jpeg")
        answer = self.door(user).client.post(
            f"/api/v1/files/{self.cast.county}", {"file": upload}, headers={"Idempotency-Key": f"photo-{n}"}
        )
        assert answer.status_code == 201, answer.content.decode()
        return str(answer.json()["id"])

    def report(self, **more: Any) -> dict[str, Any]:
        member = self.cast.grid_member
        body = {"kind": self.cast.general_kind.code, "words": "安全出口被纸箱堵住", "site_id": str(self.cast.site.id),
                "attachment_ids": [self.photo(member)], **more}  # fmt: skip
        answer = self.door(member).post(f"/api/v1/cases/{self.cast.county}", body)
        assert answer.status_code == 201, answer.content.decode()
        return dict(answer.json())

    def act(self, user: User, case: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
        """Let ``user`` use a verb half an hour later, on the version they saw."""
        self.time.advance(timedelta(minutes=30))
        seen = self.see(user, case)
        assert verb in {one["verb"] for one in seen["verbs"]}
        path = f"/api/v1/cases/{self.cast.county}/{case['id']}/{verb}"
        answer = self.door(user).post(path, {"version": seen["version"], **body})
        assert answer.status_code == 200, answer.content.decode()
        return dict(answer.json())

    def see(self, user: User, case: dict[str, Any]) -> dict[str, Any]:
        answer = self.door(user).get(f"/api/v1/cases/{self.cast.county}/{case['id']}")
        assert answer.status_code == 200, answer.content.decode()
        return dict(answer.json())

    def spot(self) -> dict[str, float]:
        return {"longitude": self.cast.site.longitude, "latitude": self.cast.site.latitude}

    def dispatched(self) -> dict[str, Any]:
        """Return a case that is on the desk of the department that the duty rules name."""
        case = self.report()
        self.act(self.cast.town_officer, case, "register", kind=case["kind"], severity=case["severity"])
        why = explain(county=self.cast.county, site=self.cast.site, hazard_kind=case["kind"])
        assert why.main is not None
        return self.act(
            self.cast.lead_officer, case, "dispatch", department_id=str(why.main.id), rule_id=str(why.rule_id)
        )

    def titles(self, user: User) -> list[str]:
        """Return what stands in the user's inbox, the oldest first, after the queue has done its work."""
        run_queue()
        notices = self.door(user).get("/api/v1/notices", limit=200).json()["items"]
        return [one["title"] for one in reversed(notices)]


@pytest.fixture
def job(cast):
    with clock.simulated(MORNING) as time:
        yield Job(cast, time)


def test_a_hazard_travels_from_report_to_close_and_every_act_is_on_the_sealed_trace(job):
    cast = job.cast
    case = job.report()
    assert (case["state"], case["town"], case["grid_id"]) == ("reported", cast.town, str(cast.grid.id))
    assert [one for one in job.titles(cast.town_officer) if case["number"] in one], "the town station was not told"

    job.act(cast.town_officer, case, "register", kind=case["kind"], severity="general", words="属实")
    assert [one for one in job.titles(cast.lead_officer) if case["number"] in one], "the lead office was not told"

    why = explain(county=cast.county, site=cast.site, hazard_kind=case["kind"])
    assert [step.department_name for step in why.steps if step.wins] == [why.main.name]
    # An industry prefix is more specific than a hazard kind: the paint factory is the lead department's.
    assert why.main.id == cast.lead_department.id
    handler = cast.lead_department_officer
    job.act(cast.lead_officer, case, "dispatch", department_id=str(why.main.id), rule_id=str(why.rule_id))
    assert [one for one in job.titles(handler) if case["number"] in one], "the department was not told"

    job.act(handler, case, "receive")
    deadline = (clock.now() + timedelta(days=1)).isoformat()
    job.act(handler, case, "order_rectification", text="一日内清理安全出口", deadline=deadline)
    job.act(handler, case, "feed_back", result="已清理", attachment_ids=[job.photo(handler)])
    failed = job.act(cast.town_officer, case, "recheck_fail", reason="通道仍有杂物",
                     attachment_ids=[job.photo(cast.town_officer)])  # fmt: skip
    assert (failed["state"], failed["reworks"]) == ("handling", 1)
    assert len([one for one in job.titles(handler) if case["number"] in one]) >= 2, (
        "the department was not told of rework"
    )

    job.act(handler, case, "feed_back", result="已彻底清理", attachment_ids=[job.photo(handler)])
    job.act(cast.town_officer, case, "recheck_pass", attachment_ids=[job.photo(cast.town_officer)], **job.spot())
    closed = job.act(cast.lead_officer, case, "close", words="整改到位")
    assert (closed["state"], closed["due_at"]) == ("closed", None)
    assert [one for one in job.titles(cast.grid_member) if case["number"] in one], "the reporter was not told"

    rows = TraceRow.objects.filter(county=cast.county, object_id=case["id"])
    assert list(rows.order_by("at", "id").values_list("action", flat=True)) == [
        "cases.report", "cases.register", "cases.dispatch", "cases.receive", "cases.order_rectification",
        "cases.feed_back", "cases.recheck_fail", "cases.feed_back", "cases.recheck_pass", "cases.close",
    ]  # fmt: skip
    shown = [one["action"] for one in job.see(cast.lead_officer, case)["timeline"]]
    assert sorted(shown) == sorted(rows.values_list("action", flat=True))
    assert sealing.seal(cast.county) >= rows.count()
    assert not rows.filter(sealed_in__isnull=True).exists()
    assert sealing.verify(cast.county).problems == []
    assert all(sealing.proof(cast.county, row.id).holds() for row in rows)


def test_the_second_who_reports_the_same_is_offered_the_first_and_may_join_it(job):
    cast = job.cast
    first = job.report()
    path = f"/api/v1/cases/{cast.county}/similar"
    query = {"kind": first["kind"], "site_id": str(cast.site.id)}
    offered = job.door(cast.grid_member).get(path, **query).json()
    assert [(one["case_id"], one["same_site"]) for one in offered] == [(first["id"], True)]
    assert job.door(cast.grid_member).get(path, **{**query, "kind": cast.minor_kind.code}).json() == []

    second = job.report(joins=first["id"])
    assert (second["state"], second["merged_into_id"]) == ("merged", first["id"])
    assert Case.objects.filter(county=cast.county).count() == 2  # nothing is lost: the second words are kept


def test_the_department_that_sits_on_a_case_is_reminded_then_its_chiefs_are(job):
    cast = job.cast
    load_default_ladder(cast.county)
    _ = cast.lead_chief, cast.leader
    case = job.dispatched()
    handler = cast.lead_department_officer
    job.act(handler, case, "receive")
    before = len(job.titles(handler))
    timer = CaseTimer.objects.get(county=cast.county, case_id=case["id"], stage="handle")

    for moment, timing, said in ((timer.near_at, "near", "处置即将到期"), (timer.due_at, "overdue", "处置已超期")):
        job.time.move_to(moment - timedelta(seconds=1))
        fire_timers()
        assert job.see(handler, case)["timing"] != timing, "too early"
        job.time.move_to(moment)
        fire_timers()
        assert job.see(handler, case)["timing"] == timing
        assert job.titles(handler)[before:] != []
        assert job.titles(handler)[-1] == f"{said}：{case['number']}"

    queue = f"/api/v1/cases/{cast.county}"
    assert [one["id"] for one in job.door(handler).get(queue, queue="overdue").json()["items"]] == [case["id"]]
    job.time.move_to(timer.due_at + timedelta(days=40))
    fire_timers()
    assert job.titles(cast.lead_chief) != []
    assert job.titles(cast.leader) != []
    done = job.act(handler, case, "feed_back", result="已清理", attachment_ids=[job.photo(handler)])
    assert done["was_overdue"], "the mark stays after the work was done"


def test_an_outsider_meets_the_case_at_no_door(job):
    case = job.dispatched()
    stranger = job.door(job.cast.outsider)
    for county in (job.cast.county, job.cast.foreign_county):
        assert stranger.get(f"/api/v1/cases/{county}/{case['id']}").status_code == 404
        assert stranger.post(f"/api/v1/cases/{county}/{case['id']}/receive", {}).status_code == 404
    assert stranger.get(f"/api/v1/cases/{job.cast.foreign_county}").json()["items"] == []
