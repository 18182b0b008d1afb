"""What a visit finds: cases in the same transaction, settled on the spot, joined, or kept when minor."""

from datetime import timedelta
from uuid import uuid4

import pytest

from safegrid.cases.models import Case
from safegrid.files.models import AttachmentUse
from safegrid.files.selectors import attachments_of
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotVisible, Refused
from safegrid.foundation.models import TraceRow
from safegrid.handbook.catalogue import CATALOGUE
from safegrid.handbook.models import HazardKind
from safegrid.patrols.hooks import may_open_answer_files, may_open_visit_files
from safegrid.patrols.models import Visit, VisitAnswer
from safegrid.patrols.selectors import visit_for


def cases(round_):
    return list(Case.objects.filter(county=round_.cast.county).order_by("number"))


def nothing_kept(round_):
    county = round_.cast.county
    for model in (Visit, VisitAnswer, Case, AttachmentUse):
        assert not model.objects.filter(county=county).exists()
    actions = set(TraceRow.objects.filter(county=county).values_list("action", flat=True))
    assert not {action for action in actions if not action.startswith("files.")}


def test_a_finding_reports_a_case_with_its_photos_and_both_know_each_other(round_):
    photos = round_.photo()
    visit = round_.record(round_.answer("EXIT", words="纸箱堵住东侧出口", attachment_ids=photos))
    (case,) = cases(round_)
    assert (case.kind, case.channel, case.words) == ("FIRE-EXIT-BLOCKED", "patrol", "纸箱堵住东侧出口")
    assert (case.origin_id, case.site_id, case.reporter_id) == (
        visit.id,
        round_.cast.site.id,
        round_.cast.grid_member.id,
    )
    assert round_.rows(visit)["EXIT"].case_id == case.id
    assert round_.rows(visit)["EXTINGUISHER"].case_id is None
    assert visit.findings == 1
    assert [one.id for one in attachments_of(case)] == photos
    row = TraceRow.objects.get(county=visit.county, action="patrols.record_visit")
    assert row.changes["cases"] == [str(case.id)]


def test_without_words_the_item_speaks_for_the_finding(round_):
    round_.record(round_.answer("EXIT"))
    assert round_.items["EXIT"].text in cases(round_)[0].words


def test_several_findings_report_several_cases(round_):
    visit = round_.record(round_.answer("EXIT"), round_.answer("EXTINGUISHER"))
    rows = round_.rows(visit)
    assert {rows["EXIT"].case_id, rows["EXTINGUISHER"].case_id} == {case.id for case in cases(round_)}
    assert len(cases(round_)) == visit.findings == 2


def test_a_case_that_is_refused_takes_the_whole_visit_back(round_):
    with pytest.raises(InvalidInput):
        round_.record(round_.answer("EXIT"), round_.answer("EXTINGUISHER", attachment_ids=()))
    nothing_kept(round_)


def test_somebody_elses_photo_takes_the_whole_visit_back(round_):
    stolen = round_.photo(round_.cast.town_officer)
    with pytest.raises(InvalidInput):
        round_.record(round_.answer("EXIT"), attachment_ids=stolen)
    nothing_kept(round_)


def test_a_finding_may_go_with_another_findings_case_and_keeps_its_own_photos(round_):
    other = round_.items["EXIT"].id
    own = round_.photo()
    visit = round_.record(round_.answer("EXTINGUISHER", together_with=other, attachment_ids=own), round_.answer("EXIT"))
    (case,) = cases(round_)
    rows = round_.rows(visit)
    assert rows["EXIT"].case_id == rows["EXTINGUISHER"].case_id == case.id
    assert visit.findings == 2
    assert [one.id for one in attachments_of(rows["EXTINGUISHER"])] == own


@pytest.mark.parametrize("other", ["yes", "kept", "together"])
def test_it_may_not_go_with_what_reports_no_case(round_, other):
    exit_, extinguisher = round_.items["EXIT"].id, round_.items["EXTINGUISHER"].id
    target = {
        "yes": round_.answer("EXTINGUISHER", "yes"),
        "kept": round_.answer("EXTINGUISHER", keep_on_visit=True),
        "together": round_.answer("EXTINGUISHER", together_with=exit_),
    }[other]
    with pytest.raises(InvalidInput) as refused:
        round_.record(round_.answer("EXIT", together_with=extinguisher), target)
    assert "answers.EXIT" in refused.value.fields
    nothing_kept(round_)


def test_an_answer_in_order_belongs_to_no_case(round_):
    answer = round_.answer("EXTINGUISHER", "yes", together_with=round_.items["EXIT"].id)
    visit = round_.record(round_.answer("EXIT"), answer)
    assert round_.rows(visit)["EXTINGUISHER"].case_id is None


def minor(round_, code):
    HazardKind.objects.filter(county=round_.cast.county, code=code).update(severity="minor", may_settle_on_spot=True)
    CATALOGUE.changed(round_.cast.county)


def test_a_minor_finding_may_stay_with_the_visit_with_its_photos(round_):
    minor(round_, "FIRE-EXTINGUISHER")
    photos = round_.photo()
    visit = round_.record(round_.answer("EXTINGUISHER", keep_on_visit=True, attachment_ids=photos))
    row = round_.rows(visit)["EXTINGUISHER"]
    assert (row.is_finding, row.case_id, cases(round_)) == (True, None, [])
    assert [one.id for one in attachments_of(row)] == photos


def test_a_general_finding_must_be_reported(round_):
    with pytest.raises(InvalidInput) as refused:
        round_.record(round_.answer("EXIT", keep_on_visit=True))
    assert "answers.EXIT" in refused.value.fields
    nothing_kept(round_)


def test_put_right_on_the_spot_it_waits_for_the_station_with_both_photos(round_):
    minor(round_, "FIRE-EXTINGUISHER")
    before, after = round_.photo(), round_.photo()
    round_.record(round_.answer("EXTINGUISHER", put_right_on_spot=True, attachment_ids=before, after_ids=after))
    (case,) = cases(round_)
    assert (case.is_settled_on_spot, case.state) == (True, "reported")
    assert {one.purpose: one.id for one in attachments_of(case)} == {"before": before[0], "after": after[0]}


def test_put_right_on_the_spot_asks_for_the_photo_after(round_):
    with pytest.raises(InvalidInput) as refused:
        round_.record(round_.answer("EXTINGUISHER", put_right_on_spot=True))
    assert "answers.EXTINGUISHER" in refused.value.fields


def test_what_may_not_be_settled_on_the_spot_takes_the_visit_back(round_):
    HazardKind.objects.filter(county=round_.cast.county, code="FIRE-EXIT-BLOCKED").update(may_settle_on_spot=False)
    CATALOGUE.changed(round_.cast.county)
    with pytest.raises(Refused):
        round_.record(round_.answer("EXIT", put_right_on_spot=True, after_ids=round_.photo()))
    nothing_kept(round_)


def test_a_kind_retired_since_the_checklist_was_published_is_reported_all_the_same(round_):
    HazardKind.objects.filter(county=round_.cast.county, code="FIRE-EXIT-BLOCKED").update(is_active=False)
    CATALOGUE.changed(round_.cast.county)
    visit = round_.record(round_.answer("EXIT"), visited_at=clock.now() - timedelta(days=6))
    (case,) = cases(round_)
    assert (case.kind, case.found_at) == ("FIRE-EXIT-BLOCKED", visit.visited_at)


def test_a_photo_item_is_answered_by_its_photo(round_):
    photos = round_.photo()
    visit = round_.record(round_.answer("PHOTO", "", attachment_ids=photos))
    assert [one.id for one in attachments_of(round_.rows(visit)["PHOTO"])] == photos


def test_photos_are_opened_by_those_who_may_read_the_visit(round_):
    cast = round_.cast
    visit = round_.record(round_.answer("PHOTO", "", attachment_ids=round_.photo()), attachment_ids=round_.photo())
    answer = round_.rows(visit)["PHOTO"]
    people = {
        "grid_member": True, "town_officer": True, "lead_officer": True, "leader": True, "upper_level": True,
        "lead_department_officer": True, "fire_officer": False, "next_grid_member": False, "other_town_officer": False,
        "site_contact": False, "outsider": False,
    }  # fmt: skip
    assert {p: may_open_visit_files(getattr(cast, p), cast.county, visit.id) for p in people} == people
    assert {p: may_open_answer_files(getattr(cast, p), cast.county, answer.id) for p in people} == people
    photo = attachments_of(visit)[0]
    assert cast.client(cast.town_officer).get(photo.url).status_code == 200
    assert cast.client(cast.outsider).get(photo.url).status_code == 404


def test_a_visit_that_is_not_there_opens_nothing(round_):
    assert not may_open_answer_files(round_.cast.lead_officer, round_.cast.county, uuid4())
    with pytest.raises(NotVisible):
        visit_for(round_.cast.lead_officer, round_.cast.county, uuid4())
