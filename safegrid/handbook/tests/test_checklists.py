"""Checklists in versions: a published one never changes, one of each is published, the longest prefix is used."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible, Refused, SafeGridError
from safegrid.foundation.models import TraceRow
from safegrid.handbook import access, selectors, services
from safegrid.handbook.models import Checklist, ChecklistItem
from tests.cast import Cast

ITEM = {"code": "EXIT", "text": "安全出口是否畅通", "hazard_kind": "FIRE-EXIT-BLOCKED"}


def draft(cast, **values):
    given = {"acting_user": cast.lead_officer, "county": cast.county, "code": "ENTERPRISE", "name": "生产经营单位检查表（新）",
             "site_type": "enterprise", "industry_prefix": "", "items": [ITEM], **values}  # fmt: skip
    return services.draft_checklist(**given)


def publish(cast, checklist, user=None):
    return services.publish_checklist(acting_user=user or cast.lead_officer, checklist=checklist)


def content(checklist):
    items = ChecklistItem.objects.filter(county=checklist.county, checklist=checklist).order_by("position")
    return (checklist.name, checklist.site_type, [(i.code, i.text, i.hazard_kind, i.answer_kind) for i in items])


def test_a_draft_is_the_next_number_and_changes_nothing_in_use(cast):
    first = cast.checklist
    made = draft(cast)
    assert (made.number, made.state) == (2, "draft")
    assert selectors.checklist_for(cast.county, "enterprise", "2641") == first
    row = TraceRow.objects.get(county=cast.county, action="handbook.draft_checklist")
    assert row.changes == {"code": "ENTERPRISE", "number": 2, "items": ["EXIT"]}


def test_publishing_retires_the_version_before_and_keeps_its_words(cast):
    first = cast.checklist
    before = content(first)
    second = publish(cast, draft(cast))
    assert selectors.checklist_for(cast.county, "enterprise", "2641") == second
    assert [i.code for i in selectors.items_of(second)] == ["EXIT"]
    retired = Checklist.objects.get(county=cast.county, id=first.id)
    assert retired.state == "retired"
    assert content(retired) == before
    assert [i.code for i in selectors.items_of(retired)] == ["EXIT", "EXTINGUISHER", "STAFF", "PHOTO"]
    assert second.published_by_id == cast.lead_officer.id
    assert TraceRow.objects.filter(
        county=cast.county, action="handbook.publish_checklist", object_id=second.id
    ).exists()


def test_only_a_draft_is_published_and_a_refusal_retires_nothing(cast):
    first = cast.checklist
    second = publish(cast, draft(cast))
    with pytest.raises(Refused):
        publish(cast, first)
    with pytest.raises(Refused):
        publish(cast, second)
    assert Checklist.objects.get(county=cast.county, id=second.id).state == "published"


def test_a_checklist_that_is_not_there_is_not_visible(cast):
    _ = cast.checklist
    stranger = Checklist(county=cast.county, code="ENTERPRISE", number=9, name="x", site_type="enterprise")
    with pytest.raises(NotVisible):
        publish(cast, stranger)
    assert Checklist.objects.get(county=cast.county, id=cast.checklist.id).state == "published"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["draft", "publish_oldest", "publish_newest"]), max_size=8))
def test_at_most_one_version_is_published_and_published_words_never_change(cast, acts):
    _ = cast.checklist
    kept = {c.id: content(c) for c in Checklist.objects.filter(county=cast.county).exclude(state="draft")}
    for act in acts:
        drafts = list(Checklist.objects.filter(county=cast.county, state="draft").order_by("number"))
        if act == "draft":
            draft(cast, name=f"第{len(kept)}稿")
        elif drafts:
            publish(cast, drafts[0 if act == "publish_oldest" else -1])
        assert Checklist.objects.filter(county=cast.county, code="ENTERPRISE", state="published").count() == 1
        for one in Checklist.objects.filter(county=cast.county).exclude(state="draft"):
            assert kept.setdefault(one.id, content(one)) == content(one)


def test_the_longest_fitting_industry_prefix_is_used(cast):
    general = cast.checklist
    chemical = publish(cast, draft(cast, code="CHEM", industry_prefix="26"))
    paint = publish(cast, draft(cast, code="PAINT", industry_prefix="264"))
    found = {i: selectors.checklist_for(cast.county, "enterprise", i) for i in ("2641", "2631", "2031", "")}
    assert found == {"2641": paint, "2631": chemical, "2031": general, "": general}
    assert selectors.checklist_for(cast.county, "shop", "2641") is None


@pytest.mark.parametrize(("field", "values"), [
    ("code", {"code": "有 空格"}), ("name", {"name": ""}), ("site_type", {"site_type": "castle"}), ("items", {"items": []}),
    ("industry_prefix", {"industry_prefix": "C26"}), ("items", {"items": [ITEM, ITEM]}),
    ("items", {"items": [{**ITEM, "text": " "}]}), ("items", {"items": [{**ITEM, "hazard_kind": "NO"}]}),
    ("items", {"items": [{**ITEM, "code": ""}]}), ("items", {"items": [{**ITEM, "answer": "maybe"}]}),
    ("items", {"items": [{**ITEM, "text": "长" * 201}]}),
])  # fmt: skip
def test_a_wrong_field_of_a_draft_is_named_and_nothing_is_written(cast, field, values):
    _ = cast.checklist
    with pytest.raises(InvalidInput) as refused:
        draft(cast, **values)
    assert set(refused.value.fields) == {field}
    assert Checklist.objects.filter(county=cast.county).count() == 1


def test_the_fault_of_an_item_names_its_line(cast):
    _ = cast.kinds
    with pytest.raises(InvalidInput) as refused:
        draft(cast, items=[ITEM, {"code": "B", "text": ""}])
    assert refused.value.fields["items"] == "第 2 项没有内容"


def test_a_department_may_draft_and_the_lead_office_publishes(cast):
    _ = cast.kinds
    made = draft(cast, acting_user=cast.fire_officer)
    for person in (cast.fire_officer, cast.town_officer, cast.grid_member, cast.outsider):
        with pytest.raises(NotPermitted):
            publish(cast, made, person)
    for person in (cast.town_officer, cast.grid_member, cast.outsider):
        with pytest.raises(NotPermitted):
            draft(cast, acting_user=person)


def test_drafts_are_read_by_those_who_write_them_only(cast):
    first, made = cast.checklist, draft(cast)
    seen = {
        person: set(access.visible(getattr(cast, person), Checklist).filter(county=cast.county))
        for person in ("lead_officer", "fire_officer", "grid_member", "outsider")
    }
    assert seen == {
        "lead_officer": {first, made},
        "fire_officer": {first, made},
        "grid_member": {first},
        "outsider": set(),
    }
    with pytest.raises(NotVisible):
        selectors.checklist_for_user(cast.grid_member, cast.county, made.id)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["draft", "publish"])
def test_two_at_once_leave_one_number_each_and_one_published(transactional_db, act):
    cast = Cast()
    _ = cast.checklist, cast.lead_officer
    drafts = [draft(cast, name=f"稿{n}") for n in range(4)]
    gate = Barrier(4)

    def press(n):
        with closing(connections["default"]):
            gate.wait()
            try:
                return draft(cast, name="同时") if act == "draft" else publish(cast, drafts[n])
            except SafeGridError as error:
                return error

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(press, range(4)))
    assert all(isinstance(result, (Checklist, Conflict)) for result in results)
    assert any(isinstance(result, Checklist) for result in results)
    rows = Checklist.objects.filter(county=cast.county, code="ENTERPRISE")
    assert rows.filter(state="published").count() == 1
    assert len(set(rows.values_list("number", flat=True))) == rows.count()
