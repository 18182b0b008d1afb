"""A visit is recorded whole or not at all: by whom, where, with which checklist, and once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from safegrid.cases.models import Case
from safegrid.files.selectors import attachments_of
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.models import TraceRow
from safegrid.handbook import services as handbook
from safegrid.patrols.answers import Answer
from safegrid.patrols.models import Visit, VisitAnswer
from safegrid.sites.models import Site


def refused(round_, *answers, error=InvalidInput, **more):
    """Record what must be refused; assert that nothing was kept, and return the error."""
    with pytest.raises(error) as caught:
        round_.record(*answers, **more)
    county = round_.cast.county
    assert not Visit.objects.filter(county=county).exists()
    assert not VisitAnswer.objects.filter(county=county).exists()
    assert not Case.objects.filter(county=county).exists()
    assert not TraceRow.objects.filter(county=county, action="patrols.record_visit").exists()
    return caught.value


def test_a_visit_keeps_who_where_when_and_every_answer(round_):
    cast = round_.cast
    visit = round_.record(attachment_ids=round_.photo(), words="一切正常")
    kept = Visit.objects.get(county=cast.county, id=visit.id)
    assert (kept.site_id, kept.member_user_id, kept.grid_id) == (cast.site.id, cast.grid_member.id, cast.grid.id)
    assert (kept.town, kept.village, kept.checklist_id) == (cast.town, cast.village, cast.checklist.id)
    assert kept.distance_m < 1
    assert kept.findings == 0
    assert {code: row.value for code, row in round_.rows(visit).items()} == {
        "EXIT": "yes",
        "EXTINGUISHER": "yes",
        "STAFF": "12",
    }
    assert [one.purpose for one in attachments_of(kept)] == ["visit"]


def test_the_trace_tells_place_answers_and_role(round_):
    visit = round_.record()
    row = TraceRow.objects.get(county=visit.county, action="patrols.record_visit")
    assert (row.object_id, row.actor_id, row.role) == (visit.id, round_.cast.grid_member.id, "grid_member")
    assert row.changes["answers"] == {"EXIT": "yes", "EXTINGUISHER": "yes", "STAFF": "12"}
    assert row.place["longitude"] == pytest.approx(visit.longitude)


def test_far_from_the_site_a_reason_is_asked_for_and_kept(round_):
    far = {"longitude": round_.cast.site.longitude + 0.01}
    error = refused(round_, **far)
    assert "米" in error.fields["far_reason"]
    visit = round_.record(**far, far_reason="企业大门在园区另一侧")
    assert visit.distance_m == pytest.approx(957, abs=20)
    assert visit.far_reason == "企业大门在园区另一侧"


def test_a_site_without_coordinates_asks_no_reason(round_):
    site = round_.cast.site
    Site.objects.filter(county=site.county, id=site.id).update(longitude=None, latitude=None)
    site.refresh_from_db()
    assert round_.record(longitude=121.5, latitude=30.5).distance_m is None


@pytest.mark.parametrize(("field", "more"), [
    ("longitude", {"longitude": None}), ("longitude", {"latitude": 91.0}), ("outcome", {"outcome": "asleep"}),
    ("checklist", {"checklist": None}), ("words", {"outcome": "refused"}), ("words", {"outcome": "moved", "words": " "}),
    ("words", {"words": "长" * 501}), ("person_met", {"person_met": "长" * 61}),
])  # fmt: skip
def test_a_missing_or_wrong_field_is_named(round_, field, more):
    assert field in refused(round_, **more).fields


def test_a_visit_from_the_future_is_refused_but_a_phone_may_run_a_little_ahead(round_):
    assert "visited_at" in refused(round_, visited_at=clock.now() + timedelta(minutes=11)).fields
    assert round_.record(visited_at=clock.now() + timedelta(minutes=9))


def test_the_checklist_must_be_one_for_the_site(round_):
    cast = round_.cast
    assert "checklist" in refused(round_, site=cast.shop).fields
    draft = handbook.draft_checklist(
        acting_user=None, county=cast.county, code="ENTERPRISE", name="新", site_type="enterprise", industry_prefix="",
        items=[{"code": "A", "text": "甲"}],
    )  # fmt: skip
    assert "checklist" in refused(round_, checklist=draft, answers=[]).fields


def test_a_version_replaced_while_the_phone_was_offline_still_counts(round_):
    cast = round_.cast
    draft = handbook.draft_checklist(
        acting_user=None, county=cast.county, code="ENTERPRISE", name="新", site_type="enterprise", industry_prefix="",
        items=[{"code": "A", "text": "甲"}],
    )  # fmt: skip
    handbook.publish_checklist(acting_user=None, checklist=draft)
    cast.checklist.refresh_from_db()
    assert round_.record().checklist_id == cast.checklist.id


@pytest.mark.parametrize("outcome", ["closed", "refused", "moved"])
def test_a_visit_that_came_to_nothing_has_no_answers(round_, outcome):
    visit = round_.record(outcome=outcome, words="大门上锁，邻居称已停业")
    assert (visit.outcome, visit.checklist_id, round_.rows(visit)) == (outcome, None, {})


def test_every_mandatory_item_is_asked_for_by_name(round_):
    items = round_.items
    error = refused(round_, answers=[Answer(items["EXIT"].id, "yes"), Answer(items["STAFF"].id, "许多")])
    assert set(error.fields) == {"answers.EXTINGUISHER", "answers.STAFF"}
    assert "尚未回答" in error.fields["answers.EXTINGUISHER"]


def test_answers_twice_of_another_checklist_or_of_no_sense_are_refused(round_):
    items = round_.items
    assert "answers" in refused(round_, Answer(items["EXIT"].id, "yes"), Answer(items["EXIT"].id, "yes")).fields
    assert "answers" in refused(round_, Answer(uuid4(), "yes")).fields
    assert "answers.EXIT" in refused(round_, Answer(items["EXIT"].id, "maybe")).fields


def test_a_site_of_somebody_elses_grid_or_of_another_county_looks_nonexistent(round_):
    cast = round_.cast
    for site in (cast.next_site, cast.other_site):
        refused(round_, site=site, error=NotVisible)
    refused(round_, site=cast.foreign_site, error=NotPermitted)


def test_a_directly_supervised_site_is_not_visited(round_):
    site = round_.cast.site
    Site.objects.filter(county=site.county, id=site.id).update(is_directly_supervised=True)
    refused(round_, error=NotVisible)


@pytest.mark.parametrize(
    "person", ["lead_officer", "town_officer", "fire_officer", "committee", "site_contact", "outsider"]
)
def test_only_members_record_visits(round_, person):
    refused(round_, acting_user=getattr(round_.cast, person), error=NotPermitted)


def test_the_system_records_none(round_):
    refused(round_, acting_user=None, error=NotPermitted)


def test_sent_again_the_first_visit_stands_whatever_the_repeat_says(round_):
    given = round_.given(round_.answer("EXIT"))
    first = round_.record(**given)
    again = round_.record(**{**given, "words": "补充", "answers": round_.answers(), "outcome": "closed"})
    assert again.id == first.id
    assert (again.words, again.outcome, again.findings) == ("", "done", 1)
    county = round_.cast.county
    assert Visit.objects.filter(county=county).count() == 1
    assert VisitAnswer.objects.filter(county=county).count() == 3
    assert Case.objects.filter(county=county).count() == 1
    assert TraceRow.objects.filter(county=county, action="patrols.record_visit").count() == 1


def test_sent_again_after_the_site_has_changed_hands_it_is_still_acknowledged(round_):
    cast, given = round_.cast, round_.given()
    first = round_.record(**given)
    Site.objects.filter(county=cast.county, id=cast.site.id).update(grid_id=cast.next_grid.id)
    assert round_.record(**given).id == first.id


def test_another_member_with_the_same_number_meets_a_conflict(round_):
    cast, given = round_.cast, round_.given()
    round_.record(**given)
    with pytest.raises(Conflict):
        round_.record(**{**given, "acting_user": cast.next_grid_member, "site": cast.next_site})
