"""Postings through the gates, and what follows when a gate shuts, a member is away or leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from safegrid.accounts.models import Role, User
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible, Refused
from safegrid.foundation.models import ScopeGrant
from safegrid.foundation.scope import granted
from safegrid.grids import gates, selectors, services, tasks
from safegrid.grids.models import Posting
from safegrid.grids.tests.conftest import COUNTY, OTHER_TOWN, TODAY, TOWN
from safegrid.notices.models import Notice

pytestmark = pytest.mark.django_db


def user_of(member) -> User:
    return User.objects.get(pk=member.user_id)


def kinds_of(member) -> set[tuple[str, str]]:
    return {(held.kind, held.place) for held in user_of(member).holdings()}


@pytest.fixture
def post(lead):
    def make(member, grid, **values):
        return services.post_member(acting_user=lead, member=member, grid=grid, **values)

    return make


def test_a_posting_gives_the_role_in_the_town_and_sight_of_the_grid_alone(grid, member, post):
    first, second, one = grid(0), grid(1), member()
    assert kinds_of(one) == set()
    posting = post(one, first)
    assert kinds_of(one) == {("grid_member", TOWN)}
    assert set(selectors.grids(user_of(one))) == {first}
    assert set(posting.gates) == {"exam", "undertaking", "equipment"}
    assert all(gate["passed"] for gate in posting.gates.values())
    assert selectors.member_answering(COUNTY, first.id) == one
    assert selectors.member_answering(COUNTY, second.id) is None


@pytest.mark.parametrize("missing", ["exam", "undertaking", "equipment"])
def test_nobody_is_posted_without_each_paper(grid, member, post, missing):
    one = member(papers=[kind for kind in ("exam", "undertaking", "equipment") if kind != missing])
    with pytest.raises(Refused, match="没有有效的记录"):
        post(one, grid(0))
    assert kinds_of(one) == set()
    assert not Posting.objects.filter(county=COUNTY).exists()


def test_without_any_gate_nobody_is_posted(grid, member, post, monkeypatch):
    monkeypatch.setattr(gates, "_gates", {})
    with pytest.raises(Refused, match="没有配置任何上岗门禁"):
        post(member(), grid(0))


def test_a_gate_that_breaks_counts_as_shut_and_spoils_nothing(grid, member, post, monkeypatch):
    monkeypatch.setattr(gates, "_gates", dict(gates._gates))

    def broken(one, on):
        Posting.objects.raw("select nonsense from nowhere")[0]

    gates.register_gate("health", "体检", broken)
    with pytest.raises(Refused, match="体检：核验出错"):
        post(member(), grid(0))
    assert not Posting.objects.filter(county=COUNTY).exists()


def test_an_upper_context_replaces_a_gate_by_its_name(grid, member, post, monkeypatch):
    monkeypatch.setattr(gates, "_gates", dict(gates._gates))
    gates.register_gate("exam", "上岗考试", lambda *_: gates.Passed("考试 90 分"))
    assert post(member(papers=["undertaking", "equipment"]), grid(0)).gates["exam"]["words"] == "考试 90 分"


def test_a_paper_that_expires_pauses_the_posting_tells_and_a_new_one_resumes_it(
    grid, member, post, town_officer, next_day
):
    first, one = grid(0), member(expires_on=TODAY + timedelta(days=2))
    posting = post(one, first)
    next_day(2)
    tasks.settle_postings()
    assert kinds_of(one) == {("grid_member", TOWN)}  # its last day
    next_day()
    tasks.settle_postings()
    tasks.settle_postings()
    assert kinds_of(one) == set()
    posting.refresh_from_db()
    assert posting.paused_since == clock.today()
    assert selectors.member_answering(COUNTY, first.id) is None
    told = Notice.objects.filter(county=COUNTY, kind="grids.pause_posting")
    assert {notice.recipient_id for notice in told} >= {one.user_id, town_officer.id}
    assert told.filter(recipient_id=one.user_id).count() == 1
    for kind in ("exam", "undertaking", "equipment"):
        services.enter_evidence(
            acting_user=town_officer, member=one, kind=kind, number=f"新 {kind}", issued_on=clock.today()
        )
    assert kinds_of(one) == {("grid_member", TOWN)}
    posting.refresh_from_db()
    assert posting.paused_since is None
    assert Role.objects.filter(user_id=one.user_id).count() == 1


def test_a_revoked_paper_pauses_at_once(grid, member, post, town_officer):
    one = member()
    post(one, grid(0))
    services.revoke_evidence(acting_user=town_officer, evidence=selectors.evidence_of(one)[0], reason="查实代考")
    assert kinds_of(one) == set()
    with pytest.raises(Refused, match="已撤销"):
        services.revoke_evidence(acting_user=town_officer, evidence=selectors.evidence_of(one)[0], reason="再撤")


def test_a_posting_for_a_coming_day_begins_on_it_and_ends_after_its_last(grid, member, post, next_day):
    first, one = grid(0), member()
    day = clock.today() + timedelta(days=2)
    post(one, first, valid_from=day, valid_to=day)
    tasks.settle_postings()
    assert kinds_of(one) == set()
    next_day(2)
    tasks.settle_postings()
    assert kinds_of(one) == {("grid_member", TOWN)}
    assert selectors.member_answering(COUNTY, first.id) == one
    next_day()
    tasks.settle_postings()
    assert kinds_of(one) == set()
    assert selectors.member_answering(COUNTY, first.id) is None


def test_a_paper_that_lapses_before_the_first_day_shuts_the_gate(grid, member, post):
    one = member(expires_on=TODAY + timedelta(days=1))
    with pytest.raises(Refused, match="没有有效的记录"):
        post(one, grid(0), valid_from=TODAY + timedelta(days=2))


def test_one_primary_for_each_grid_and_deputies_besides(grid, member, post):
    first, one, two = grid(0), member("甲"), member("乙")
    post(one, first)
    with pytest.raises(Refused, match="主责网格员是甲"):
        post(two, first)
    post(two, first, role="deputy")
    assert [p.role for p in selectors.members_of_grid(COUNTY, first.id)] == ["primary", "deputy"]
    with pytest.raises(Refused, match="已派驻到这个网格"):
        post(two, first, role="deputy")


def test_ending_a_posting_ends_the_grant_and_with_the_last_one_the_role(grid, member, post, lead, next_day):
    first, second, one = grid(0), grid(1), member()
    a, b = post(one, first), post(one, second)
    next_day()
    services.end_posting(acting_user=lead, posting=a, reason="轮岗")
    assert granted(user_of(one), "grid", clock.today()) == {second.id}
    services.end_posting(acting_user=lead, posting=b, reason="轮岗")
    assert kinds_of(one) == set()
    with pytest.raises(Refused, match="已经结束"):
        services.end_posting(acting_user=lead, posting=b, reason="再来")
    post(member("接替"), first)


def test_a_substitute_answers_during_leave_sees_the_grid_then_and_not_after(grid, member, post, lead, next_day):
    first, one, other = grid(0), member("甲"), member("乙")
    post(one, first)
    day = clock.today() + timedelta(days=1)
    services.grant_leave(acting_user=lead, member=one, first_day=day, last_day=day + timedelta(days=1), reason="年休假",
                         substitute=other)  # fmt: skip
    assert selectors.member_answering(COUNTY, first.id) == one
    assert selectors.member_answering(COUNTY, first.id, on=day) == other
    next_day()
    tasks.settle_postings()
    assert set(selectors.grids(user_of(other))) == {first}
    next_day(2)
    tasks.settle_postings()
    assert selectors.member_answering(COUNTY, first.id) == one
    assert kinds_of(other) == set()


def test_a_member_back_early_ends_the_substitute(grid, member, post, lead, next_day):
    first, one, other = grid(0), member("甲"), member("乙")
    post(one, first)
    leave = services.grant_leave(acting_user=lead, member=one, first_day=clock.today(), reason="病假", substitute=other,
                                 last_day=clock.today() + timedelta(days=9))  # fmt: skip
    assert selectors.member_answering(COUNTY, first.id) == other
    next_day()
    services.end_leave(acting_user=lead, leave=leave)
    assert selectors.member_answering(COUNTY, first.id) == one
    assert kinds_of(other) == set()


def test_a_grid_whose_member_is_away_without_substitute_counts_as_without_member(grid, member, post, lead):
    first, one = grid(0), member()
    post(one, first)
    assert not selectors.grids_without_member(lead).exists()
    services.grant_leave(acting_user=lead, member=one, first_day=clock.today(), last_day=clock.today(), reason="事假")
    assert list(selectors.grids_without_member(lead)) == [first]


def test_a_substitute_must_pass_the_gates_and_be_somebody_else(grid, member, post, lead):
    one = member("甲")
    post(one, grid(0))
    days = {"first_day": clock.today(), "last_day": clock.today(), "reason": "事假"}
    with pytest.raises(Refused, match="代班人不能上岗"):
        services.grant_leave(acting_user=lead, member=one, substitute=member("无证", papers=()), **days)
    with pytest.raises(InvalidInput, match="不能是本人"):
        services.grant_leave(acting_user=lead, member=one, substitute=one, **days)
    services.grant_leave(acting_user=lead, member=one, **days)
    with pytest.raises(Refused, match="已请假"):
        services.grant_leave(acting_user=lead, member=one, **days)


def test_whoever_leaves_loses_postings_role_and_the_right_to_be_posted(grid, member, post, lead, next_day):
    first, one = grid(0), member()
    post(one, first)
    next_day()
    services.member_leaves(acting_user=lead, member=one, reason="辞职")
    assert kinds_of(one) == set()
    assert not ScopeGrant.objects.filter(county=COUNTY, user_id=one.user_id, valid_to__isnull=True).exists()
    assert list(selectors.grids_without_member(lead)) == [first]
    assert selectors.member_of(user_of(one)) is None
    with pytest.raises(Refused, match="已离岗"):
        post(one, first)


def test_postings_belong_to_the_grids_town_and_nobody_posts_oneself(grid, member, town_officer, other_town_officer):
    first, far, one = grid(0), grid(2), member()
    with pytest.raises(NotPermitted):
        services.post_member(acting_user=other_town_officer, member=one, grid=first)
    with pytest.raises(NotPermitted):
        services.post_member(acting_user=town_officer, member=one, grid=far)
    Role.objects.create(user=user_of(one), kind="town_officer", place=TOWN, valid_from=TODAY)
    with pytest.raises(Refused, match="不能给自己派驻"):
        services.post_member(acting_user=user_of(one), member=one, grid=first)
    with pytest.raises(Refused, match="不能为自己登记"):
        services.enter_evidence(acting_user=user_of(one), member=one, kind="exam", number="1", issued_on=TODAY)
    services.post_member(acting_user=town_officer, member=one, grid=first)


def test_members_are_seen_by_their_station_and_themselves(member, town_officer, other_town_officer, lead, grid, post):
    one = member()
    assert selectors.member_for(town_officer, COUNTY, one.id) == one
    assert set(selectors.members(lead)) == {one}
    with pytest.raises(NotVisible):
        selectors.member_for(other_town_officer, COUNTY, one.id)
    post(one, grid(0))
    assert selectors.member_for(user_of(one), COUNTY, one.id) == one
    assert selectors.member_of(user_of(one)) == one


def test_only_the_departments_named_may_give_a_member_tasks(member, department, lead):
    one = member()
    assert not selectors.may_give_task(one, department)
    services.change_member(acting_user=lead, member=one, values={"task_givers": ["EMB"]})
    assert selectors.may_give_task(one, department)
    with pytest.raises(InvalidInput, match="没有编码为 NONE"):
        services.change_member(acting_user=lead, member=one, values={"task_givers": ["NONE"]})


def test_enrolling_twice_or_without_employer_is_refused(member, person, lead):
    one = member()
    with pytest.raises(InvalidInput) as refusal:
        services.enrol_member(
            acting_user=lead, county=COUNTY, user=user_of(one), code=one.code, employer="", town="330521"
        )
    assert set(refusal.value.fields) == {"code", "user", "employer", "town"}
    with pytest.raises(NotPermitted):
        services.enrol_member(acting_user=person("town_officer", OTHER_TOWN), county=COUNTY, user=person(), code="X1",
                              employer="街道", town=TOWN)  # fmt: skip


def test_evidence_from_the_future_or_entered_twice_is_refused(member, lead):
    one = member(papers=())
    given = {"acting_user": lead, "member": one, "kind": "exam", "number": "1"}
    with pytest.raises(InvalidInput, match="不能晚于今天"):
        services.enter_evidence(**given, issued_on=TODAY + timedelta(days=1))
    services.enter_evidence(**given, issued_on=TODAY)
    with pytest.raises(InvalidInput, match="已登记"):
        services.enter_evidence(**given, issued_on=TODAY)


def test_a_member_s_languages_and_skills_are_kept_changed_and_limited(cast):
    user = cast.grid_member
    member = cast.member_of(user)
    services.change_member(acting_user=cast.town_officer, member=member, values={"skills": ["电工", "畲语", "电工"]})
    member.refresh_from_db()
    assert member.skills == ["电工", "畲语"]
    for wrong in (["一" * 21], [str(number) for number in range(11)], [" "]):
        with pytest.raises(InvalidInput) as refused:
            services.change_member(acting_user=cast.town_officer, member=member, values={"skills": wrong})
        assert set(refused.value.fields) == {"skills"}


def test_a_grid_says_what_it_wishes_of_its_member_and_keeps_it_through_other_changes(cast):
    grid = services.change_grid(
        acting_user=cast.lead_officer, grid=cast.grid, name="新名", kind="village", wishes=["畲语"]
    )
    assert grid.wishes == ["畲语"]
    grid = services.change_grid(acting_user=cast.lead_officer, grid=grid, name="又一名", kind="village")
    assert grid.wishes == ["畲语"]
    with pytest.raises(InvalidInput):
        services.change_grid(
            acting_user=cast.lead_officer, grid=grid, name="又一名", kind="village", wishes=["一" * 21]
        )
