"""The handbook's pages: read by everybody in the county, written by the lead office, faults beside the fields."""

import pytest

from safegrid.handbook import selectors
from safegrid.handbook.models import Checklist, HazardKind

KINDS, LISTS, NORMS = "/handbook/kinds/", "/handbook/checklists/", "/handbook/norms/"


@pytest.fixture
def office(cast):
    _ = cast.checklist, cast.visit_norm
    return cast.client(cast.lead_officer)


def text(answer):
    return answer.content.decode()


def test_the_tree_is_searched_and_exported(cast, office):
    page = text(office.get(KINDS))
    assert "占用、堵塞、封闭疏散通道或者安全出口" in page
    found = text(office.get(KINDS, {"words": "FIRE-EXTING"}))
    assert cast.kinds["FIRE-EXTINGUISHER"].name in found
    assert cast.kinds["HEALTH-NOISE"].name not in found
    workbook = office.get(KINDS, {"export": "xlsx"})
    assert workbook["Content-Type"].startswith("application/vnd.openxmlformats")


def test_a_kind_shows_its_limits_with_where_they_come_from(cast, office):
    _ = cast.kinds
    HazardKind.objects.filter(county=cast.county, code="FIRE-EXIT-BLOCKED").update(limits={}, handle_max={})
    HazardKind.objects.filter(county=cast.county, code="FIRE").update(
        limits={"handle": {"value": 6, "unit": "working_days"}}
    )
    page = text(office.get(f"{KINDS}{cast.county}/FIRE-EXIT-BLOCKED/"))
    assert "6个工作日" in page
    assert f'href="{KINDS}{cast.county}/FIRE/"' in page
    assert "《消防法》第二十八条" in page


def test_everybody_in_the_county_reads_and_only_the_office_sees_the_verbs(cast, office):
    address = f"{KINDS}{cast.county}/FIRE/"
    assert "修改时限" in text(office.get(address))
    for person in (cast.grid_member, cast.leader, cast.fire_officer, cast.upper_level):
        answer = cast.client(person).get(address)
        assert answer.status_code == 200
        assert "修改时限" not in text(answer)
    assert cast.client(cast.outsider).get(address).status_code == 404


def test_limits_are_written_as_read_and_a_slip_is_shown_beside_its_stage(cast, office):
    address = f"{KINDS}{cast.county}/FIRE-EXIT-BLOCKED/limits/"
    answer = office.post(address, {"handle": "三天", "recheck": "2个工作日"})
    assert answer.status_code == 422
    assert "看不懂的时限" in text(answer)
    assert (
        office.post(address, {"handle": "3个工作日", "recheck": "2个工作日", "handle_max": "10日"}).status_code == 302
    )
    kind = selectors.hazard_kind(cast.county, "FIRE-EXIT-BLOCKED")
    assert kind.limits == {
        "handle": {"value": 3, "unit": "working_days"},
        "recheck": {"value": 2, "unit": "working_days"},
    }
    assert kind.handle_max == {"value": 10, "unit": "calendar_days"}


def test_a_kind_is_added_below_its_group_and_retired(cast, office):
    given = {
        "parent_code": "FIRE",
        "code": "FIRE-EBIKE",
        "name": "电动自行车进楼",
        "nature": "hazard",
        "severity": "general",
    }
    assert office.post(f"{KINDS}add/", {**given, "code": "FIRE"}).status_code == 422
    assert office.post(f"{KINDS}add/", given).status_code == 302
    rows = text(office.get(KINDS))
    assert (
        rows.index(cast.kinds["FIRE-EXTINGUISHER"].name)
        < rows.index("电动自行车进楼")
        < rows.index(cast.kinds["HEALTH-NOISE"].name)
    )
    address = f"{KINDS}{cast.county}/FIRE-EBIKE/retire/"
    assert office.post(address, {"reason": "重复"}).status_code == 302
    assert office.post(address, {"reason": "重复"}).status_code == 409


def test_others_do_not_write(cast, office):
    member = cast.client(cast.grid_member)
    assert member.get(f"{KINDS}add/").status_code == 404
    answer = member.post(f"{KINDS}{cast.county}/FIRE/limits/", {"handle": "3个工作日"})
    assert answer.status_code == 403
    assert member.post(f"{KINDS}{cast.county}/FIRE/retire/", {"reason": "x"}).status_code == 403
    assert member.post(NORMS, {"enterprise.orange.visits": "1", "enterprise.orange.minutes": "1"}).status_code == 403


def lines(*rows):
    names = ("code", "text", "hazard_kind", "answer", "mandatory", "how_to_judge", "what_to_do")
    return {
        f"item_{name}": [row.get(name, {"answer": "yes_no", "mandatory": "yes"}.get(name, "")) for row in rows]
        for name in names
    }


HEAD = {"code": "ENTERPRISE", "name": "生产经营单位检查表", "site_type": "enterprise", "industry_prefix": ""}


def test_the_next_version_is_written_in_the_table_and_published(cast, office):
    address = f"{LISTS}{cast.county}/{cast.checklist.id}/"
    assert "疏散通道、安全出口是否畅通" in text(office.get(f"{address}draft/"))
    rows = lines({"code": "EXIT", "text": "出口是否畅通", "hazard_kind": "FIRE-EXIT-BLOCKED"}, {"mandatory": "no"},
                 {"code": "STAFF", "text": "当班人数", "answer": "number", "mandatory": "no"})  # fmt: skip
    answer = office.post(f"{address}draft/", {**HEAD, "code": "OTHER", **rows})
    assert answer.status_code == 302
    draft = Checklist.objects.get(county=cast.county, state="draft")
    assert (draft.code, draft.number) == ("ENTERPRISE", 2)
    items = [(i.code, i.answer_kind, i.is_mandatory) for i in selectors.items_of(draft)]
    assert items == [("EXIT", "yes_no", True), ("STAFF", "number", False)]
    assert office.post(f"{LISTS}{cast.county}/{draft.id}/publish/").status_code == 302
    assert selectors.checklist_for(cast.county, "enterprise", "2641").id == draft.id
    assert "第 1 版" in text(office.get(f"{LISTS}{cast.county}/{draft.id}/"))


def test_a_fault_in_the_table_keeps_what_was_typed_and_more_lines_save_nothing(cast, office):
    address = f"{LISTS}{cast.county}/{cast.checklist.id}/draft/"
    rows = lines({"code": "EXIT", "text": "一个很特别的问题", "hazard_kind": "NO-SUCH"})
    answer = office.post(address, {**HEAD, **rows})
    assert answer.status_code == 422
    assert "第 1 项的隐患类别" in text(answer)
    assert "一个很特别的问题" in text(answer)
    more = office.post(address, {**HEAD, **rows, "more": "1"})
    assert more.status_code == 200
    assert "一个很特别的问题" in text(more)
    assert not Checklist.objects.filter(county=cast.county, state="draft").exists()


def test_a_first_version_of_a_new_checklist(cast, office):
    assert "保存为草稿" in text(office.get(f"{LISTS}draft/"))
    given = {**HEAD, "code": "SHOP", "name": "小商铺检查表", "site_type": "shop"}
    assert office.post(f"{LISTS}draft/", {**given, **lines({"code": "A", "text": "甲"})}).status_code == 302
    assert "小商铺检查表" in text(office.get(LISTS))
    assert "小商铺检查表" not in text(cast.client(cast.grid_member).get(LISTS))


def test_norms_are_set_in_place_all_or_nothing(cast, office):
    assert "40" in text(office.get(NORMS))
    wrong = office.post(NORMS, {"enterprise.orange.visits": "400", "enterprise.orange.minutes": "40"})
    assert wrong.status_code == 422
    assert "0 到 366" in text(wrong)
    assert office.post(NORMS, {"enterprise.orange.visits": "24", "enterprise.orange.minutes": "45"}).status_code == 302
    norm = selectors.visit_norm(cast.county, "enterprise", "orange")
    assert (norm.visits_a_year, norm.minutes) == (24, 45)
    assert cast.client(cast.upper_level).get(NORMS).status_code == 200
    assert cast.client(cast.outsider).get(NORMS, {"county": cast.county}).status_code == 404
