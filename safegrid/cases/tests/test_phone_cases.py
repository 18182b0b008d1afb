"""The cases on a phone: one's own with what became of them, and those a report could double."""

import json
from datetime import datetime, timedelta

import pytest

from safegrid.cases import services
from safegrid.cases.tests.phone import feed
from safegrid.foundation import clock, trace

COUNTY = 330521


def cases(user):
    return feed(user, COUNTY, "cases")


def test_own_reports_and_what_one_is_charged_with_are_on_the_phone(steps):
    own, others = steps.reported(), steps.reported(acting_user=steps.cast.committee, channel="committee")
    steps.reported(acting_user=steps.cast.fire_officer, channel="inspection")
    member = steps.cast.grid_member
    assert set(cases(member)) == {str(own.id)}
    given = services.assign_verification(acting_user=steps.cast.town_officer, case=others, verifier_id=member.id)
    row = cases(member)[str(given.id)]
    assert (row["part"], row["is_mine_now"], row["state_label"], row["version"]) == (
        ["verifier"],
        True,
        "核实中",
        given.version,
    )
    assert (cases(member)[str(own.id)]["part"], cases(member)[str(own.id)]["is_mine_now"]) == (["reporter"], False)


def test_a_row_says_all_that_the_screen_shows_and_is_plain(steps):
    found = clock.now() - timedelta(days=2)
    case = steps.reported(found_at=found)
    row = cases(steps.cast.grid_member)[str(case.id)]
    assert (row["number"], row["kind_name"], row["severity_label"], row["place"], row["site_id"]) == (
        case.number, steps.cast.general_kind.name, "一般", steps.site.name, str(steps.site.id),
    )  # fmt: skip
    assert [datetime.fromisoformat(row[name]) for name in ("found_at", "reported_at")] == [found, clock.now()]
    assert (len(row["photos"]), row["outcome"]) == (1, "")
    assert [(one["label"], one["who"]) for one in row["timeline"]] == [("上报", "网格员")]
    assert json.loads(json.dumps(row)) == row


def test_a_committee_sees_its_own_reports_and_its_villages(steps):
    mine = steps.reported(acting_user=steps.cast.committee, channel="committee")
    colleague = steps.cast.person("committee_2", "社区副主任", "committee", steps.cast.village)
    other = steps.cast.person("committee_3", "邻村主任", "committee", steps.cast.next_village)
    assert set(cases(steps.cast.committee)) == set(cases(colleague)) == {str(mine.id)}
    assert cases(other) == {}
    assert cases(colleague)[str(mine.id)]["part"] == []


@pytest.mark.parametrize("person", ["next_grid_member", "site_contact", "outsider", "town_officer", "lead_officer"])
def test_nobody_elses_phone_holds_them(steps, person):
    services.order_rectification(acting_user=steps.cast.fire_officer, case=steps.handling(), text="清理",
                                 deadline=clock.now() + timedelta(days=1))  # fmt: skip
    assert cases(getattr(steps.cast, person)) == {}
    assert feed(getattr(steps.cast, person), COUNTY, "nearby") == {}


def test_the_outcome_says_what_became_of_a_report(steps):
    member, station = steps.cast.grid_member, steps.cast.town_officer
    closed = steps.closed()
    rejected = services.reject(acting_user=station, case=steps.reported(), reason="不属实")
    first = steps.reported(acting_user=steps.cast.committee, channel="committee")
    middle = steps.reported(joins=first.id)
    merged = services.merge(acting_user=station, case=steps.reported(), into_id=first.id)
    outcomes = {key: row["outcome"] for key, row in cases(member).items()}
    assert outcomes[str(closed.id)] == "已结案：已清理"
    assert outcomes[str(rejected.id)] == "不予受理：不属实"
    assert outcomes[str(middle.id)] == outcomes[str(merged.id)] == f"已并入案件 {first.number}（待受理）"


def test_the_outcome_of_merged_ones_follows_to_the_end(steps):
    station = steps.cast.town_officer
    last = steps.reported(acting_user=steps.cast.committee, channel="committee")
    middle = steps.reported(acting_user=steps.cast.fire_officer, channel="inspection")
    first = services.merge(acting_user=station, case=steps.reported(), into_id=middle.id)
    services.merge(acting_user=station, case=middle, into_id=last.id)
    assert cases(steps.cast.grid_member)[str(first.id)]["outcome"] == f"已并入案件 {last.number}（待受理）"


def test_what_ended_stays_for_ninety_days(steps):
    closed, opened = steps.closed(), steps.reported()
    steps.time.move_to(clock.now() + timedelta(days=89))
    assert set(cases(steps.cast.grid_member)) == {str(closed.id), str(opened.id)}
    steps.time.move_to(clock.now() + timedelta(days=2))
    assert set(cases(steps.cast.grid_member)) == {str(opened.id)}


def test_the_timeline_tells_roles_and_no_looks_at_personal_data(steps):
    case = steps.reported()
    services.unmask_reporter(acting_user=steps.cast.lead_officer, case=case, reason="回访")
    services.register(acting_user=steps.cast.town_officer, case=case, kind=case.kind, severity=case.severity)
    timeline = cases(steps.cast.grid_member)[str(case.id)]["timeline"]
    assert [(one["label"], one["who"]) for one in timeline] == [("上报", "网格员"), ("立案", "乡镇安监站")]
    assert steps.cast.town_officer.name not in json.dumps(timeline, ensure_ascii=False)


def test_a_member_posted_elsewhere_keeps_own_reports_and_loses_what_was_given(steps):
    own = steps.reported()
    given = services.assign_verification(acting_user=steps.cast.town_officer, verifier_id=steps.cast.grid_member.id,
                                         case=steps.reported(acting_user=steps.cast.committee, channel="committee"))  # fmt: skip
    assert str(given.id) in cases(steps.cast.grid_member)
    from safegrid.foundation.models import ScopeGrant

    ScopeGrant.objects.filter(county=COUNTY, user_id=steps.cast.grid_member.id).update(
        valid_to=clock.today() - timedelta(days=1)
    )
    assert set(cases(steps.cast.grid_member)) == {str(own.id)}


def test_nearby_are_open_cases_of_own_grids_without_words_reporter_or_channel(steps):
    here = steps.reported(acting_user=steps.cast.committee, channel="committee", words="不能让别人看到的话")
    steps.reported(acting_user=steps.cast.next_grid_member, site=steps.cast.next_site)
    services.reject(acting_user=steps.cast.town_officer, case=steps.reported(), reason="不属实")
    rows = feed(steps.cast.grid_member, COUNTY, "nearby")
    assert set(rows) == {str(here.id)}
    assert set(rows[str(here.id)]) == {
        "number", "kind", "kind_name", "place", "site_id", "longitude", "latitude", "reported_at", "state_label",
    }  # fmt: skip
    assert "不能让别人看到的话" not in json.dumps(rows, ensure_ascii=False)
    assert feed(steps.cast.committee, COUNTY, "nearby") == {}


def test_nearby_is_what_the_kind_still_takes_for_a_double(steps):
    steps.reported()
    days = steps.cast.general_kind.duplicate_days
    steps.time.move_to(clock.now() + timedelta(days=days, seconds=-1))
    assert len(feed(steps.cast.grid_member, COUNTY, "nearby")) == 1
    steps.time.move_to(clock.now() + timedelta(seconds=2))
    assert feed(steps.cast.grid_member, COUNTY, "nearby") == {}


def test_three_hundred_cases_are_read_in_a_few_statements(steps, django_assert_max_num_queries):
    member = steps.cast.grid_member
    for _ in range(300):
        case = steps.in_state("handling", reporter_id=member.id, reporter_role="grid_member")
        trace.record(
            acting_user=member,
            action="cases.report",
            target=case,
            role="grid_member",
            changes={"state": ["", "reported"]},
        )
    cases(member)
    with django_assert_max_num_queries(8):
        assert len(cases(member)) == 300
    with django_assert_max_num_queries(3):
        assert len(feed(member, COUNTY, "nearby")) == 300
