"""The handbook on the phone: kinds, and the checklists that a visit may have been begun with."""

import json
from datetime import timedelta

import pytest

from safegrid.foundation import clock
from safegrid.foundation.ids import uuid7
from safegrid.handbook import field, services
from safegrid.patrols.answers import Answer
from safegrid.patrols.services import record_visit

COUNTY = 330521


def feed(user, name):
    return dict(next(one for one in field.FEEDS if one.name == name).rows(user, COUNTY))


def next_version(cast, checklist):
    items = [{"code": "EXIT", "text": "安全出口是否畅通", "hazard_kind": cast.general_kind.code, "answer": "yes_no"}]
    draft = services.draft_checklist(acting_user=None, county=COUNTY, code=checklist.code, name=checklist.name,
                                     site_type=checklist.site_type, industry_prefix="", items=items)  # fmt: skip
    return services.publish_checklist(acting_user=None, checklist=draft)


def test_everyone_of_the_county_keeps_the_kinds_retired_ones_marked(cast):
    kind = cast.minor_kind
    services.retire_kind(acting_user=None, county=COUNTY, code=kind.code, reason="并入")
    for user in (cast.grid_member, cast.committee):
        rows = feed(user, "kinds")
        assert set(rows) == set(cast.kinds)
        assert (rows[kind.code]["is_active"], rows[kind.code]["may_settle_on_spot"]) == (False, True)
        assert json.loads(json.dumps(rows)) == rows
    assert rows["FIRE"]["is_leaf"] is False


def test_legal_bases_are_told_as_they_are_read(cast):
    item = cast.checklist.items.get(code="EXIT")
    item.legal_basis = {"law": "消防法", "article": "第二十八条"}
    item.save()
    row = feed(cast.grid_member, "checklists")[str(cast.checklist.id)]
    assert [one["legal_basis"] for one in row["items"]] == ["《消防法》第二十八条", "", "", ""]
    told = [text for one in feed(cast.committee, "kinds").values() for text in one["legal_bases"]]
    assert told
    assert all(text.startswith("《") for text in told)


def test_an_outsider_keeps_nothing(cast):
    _ = cast.kinds, cast.checklist
    assert feed(cast.outsider, "kinds") == {}
    assert feed(cast.outsider, "checklists") == {}


def test_members_keep_published_checklists_with_their_items(cast):
    checklist = cast.checklist
    rows = feed(cast.grid_member, "checklists")
    assert set(rows) == {str(checklist.id)}
    row = rows[str(checklist.id)]
    assert (row["site_type"], row["is_published"]) == ("enterprise", True)
    assert [item["code"] for item in row["items"]] == ["EXIT", "EXTINGUISHER", "STAFF", "PHOTO"]
    assert {item["id"] for item in row["items"]} == {str(item.id) for item in checklist.items.all()}
    assert json.loads(json.dumps(rows)) == rows
    assert feed(cast.committee, "checklists") == {}


def test_a_draft_is_not_on_phones(cast):
    checklist = cast.checklist
    services.draft_checklist(acting_user=None, county=COUNTY, code="DRAFT", name="草稿", site_type="shop", industry_prefix="",
                             items=[{"code": "A", "text": "甲"}])  # fmt: skip
    assert set(feed(cast.grid_member, "checklists")) == {str(checklist.id)}


def test_a_retired_version_stays_for_forty_five_days(cast):
    first = cast.checklist
    with clock.simulated(clock.now()) as time:
        second = next_version(cast, first)
        assert set(feed(cast.grid_member, "checklists")) == {str(first.id), str(second.id)}
        assert feed(cast.grid_member, "checklists")[str(first.id)]["is_published"] is False
        time.move_to(clock.now() + timedelta(days=44))
        third = next_version(cast, second)
        assert set(feed(cast.grid_member, "checklists")) == {str(first.id), str(second.id), str(third.id)}
        time.move_to(clock.now() + timedelta(days=2))
        assert set(feed(cast.grid_member, "checklists")) == {str(second.id), str(third.id)}


@pytest.mark.parametrize("is_kind_retired", [False, True])
def test_a_visit_begun_with_a_version_that_retired_is_taken_with_its_findings(cast, steps, is_kind_retired):
    first, member = cast.checklist, cast.grid_member
    items = {item.code: item for item in first.items.all()}
    next_version(cast, first)
    if is_kind_retired:
        services.retire_kind(acting_user=None, county=COUNTY, code=cast.general_kind.code, reason="并入")
    begun = clock.now() - timedelta(days=20)
    answers = [Answer(items["EXIT"].id, "no", "堆满", attachment_ids=steps.photo(member)),
               Answer(items["EXTINGUISHER"].id, "yes"), Answer(items["STAFF"].id, "12")]  # fmt: skip
    visit = record_visit(acting_user=member, device_id=uuid7(), site=cast.site, checklist=first, outcome="done", visited_at=begun,
                         longitude=cast.site.longitude, latitude=cast.site.latitude, answers=answers)  # fmt: skip
    case = cast.site.cases.get()
    assert (visit.checklist_id, case.kind, case.found_at, case.reported_at) == (
        first.id,
        cast.general_kind.code,
        begun,
        clock.now(),
    )


def test_each_feed_takes_few_statements(cast, django_assert_max_num_queries):
    _ = cast.checklist, cast.grid_member
    feed(cast.grid_member, "kinds"), feed(cast.grid_member, "checklists")
    with django_assert_max_num_queries(4):
        feed(cast.grid_member, "kinds"), feed(cast.grid_member, "checklists")
