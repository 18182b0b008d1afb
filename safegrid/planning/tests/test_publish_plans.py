"""From an approved plan to grids: the chief's verbs, publication from a day, sites and cases that follow, postings proposed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from safegrid.accounts.models import User
from safegrid.cases.models import Case
from safegrid.foundation import cache, clock, trace
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible, Refused, WrongState
from safegrid.foundation.testing import run_queue
from safegrid.grids import selectors as grid_selectors
from safegrid.grids import services as grids
from safegrid.grids.models import Grid, SiteGrid
from safegrid.orgs.services import open_department
from safegrid.planning import publication, selectors, services
from safegrid.planning.models import PostingProposal
from safegrid.planning.tests.conftest import OTHER_TOWN, TODAY, TOWN, A, C, D, square
from safegrid.sites.models import Site
from safegrid.wiring import connect
from tests.doors import signed_in


@pytest.fixture(autouse=True)
def _wired():
    connect()


@pytest.fixture
def approved(ready, chief):
    return services.approve_scenario(acting_user=chief, scenario=ready)


def published(scenario, chief, day=None):
    services.publish_scenario(acting_user=chief, scenario=scenario, valid_from=day or clock.today())
    run_queue()
    scenario.refresh_from_db()
    return scenario


@pytest.fixture
def member(land):
    open_department(acting_user=None, county=land, code="EMB", name="应急管理局")

    def make(village: str, **values):
        user = User.objects.create_user(f"m{User.objects.count()}", name="王网格", place=TOWN)
        made = grids.enrol_member(acting_user=None, county=land, user=user, code=f"M{User.objects.count()}",
                                  employer="街道办", town=TOWN, home_village=village, **values)  # fmt: skip
        for kind in ("exam", "undertaking", "equipment"):
            grids.enter_evidence(acting_user=None, member=made, kind=kind, number=f"{kind}{made.code}", issued_on=TODAY)
        return made

    return make


def one_grid_each(county, town=TOWN):
    """Say of every site of the town that grid work covers how many grids it has today, and check the copy on the site."""
    counts = {}
    for site in Site.objects.filter(county=county, town=town, status="active", is_directly_supervised=False):
        rows = [one for one in SiteGrid.objects.filter(county=county, site_id=site.id, valid_from__lte=clock.today())
                if one.valid_to is None or one.valid_to >= clock.today()]  # fmt: skip
        counts[site.id] = len(rows)
        assert site.grid_id == (rows[0].grid_id if rows else None)
    return set(counts.values())


def test_from_sites_to_published_grids(ready, chief, lead):
    assert one_grid_each(ready.county) == {1}
    services.approve_scenario(acting_user=chief, scenario=ready)
    published(ready, chief)
    assert ready.state == "published", ready.message
    open_now = {one.code for one in grid_selectors.open_at(ready.county, TOWN)}
    assert open_now == {one.code for one in selectors.grids_of(ready)}
    assert one_grid_each(ready.county) == {1}
    load = {one.grid_id: one.sites for one in selectors.grids_of(ready)}
    assert grid_selectors.site_counts(ready.county, list(load)) == load
    actions = {one.action for one in trace.trace_of(ready)}
    assert {"planning.approve", "planning.publish", "planning.take_effect", "planning.settle"} <= actions


def test_grids_that_go_on_keep_code_and_id_and_get_a_new_version(approved, chief):
    before = {one.code: one.id for one in grid_selectors.open_at(approved.county, TOWN)}
    published(approved, chief)
    kept = [one for one in selectors.grids_of(approved) if one.keeps]
    assert kept
    for one in kept:
        assert before[one.code] == one.grid_id
    moved = next(one for one in kept if one.village == A) if any(one.village == A for one in kept) else None
    if moved is not None:
        grid = Grid.objects.get(county=approved.county, id=moved.grid_id)
        assert [one.number for one in grid_selectors.versions(grid)] == [2, 1]
    alone = Grid.objects.get(county=approved.county, code=f"{C}01")
    assert [one.number for one in grid_selectors.versions(alone)] == [1]


def test_a_plan_for_a_coming_day_waits_for_it(approved, chief, time, scatter):
    scatter(C, 2, longitude=None, latitude=None)
    scatter(A, 3, longitude=None, latitude=None)
    before = {one.code for one in grid_selectors.pieces(approved.county)}
    published(approved, chief, TODAY + timedelta(days=10))
    assert approved.state == "published"
    assert {one.code for one in grid_selectors.pieces(approved.county)} == before
    cache.forget_everything()
    time.advance(timedelta(days=10))
    grids.take_effect(approved.county)
    approved.refresh_from_db()
    assert approved.settled_at is not None
    assert {one.code for one in grid_selectors.pieces(approved.county)} == {
        one.code for one in selectors.grids_of(approved)
    }


def test_sites_that_no_boundary_can_place_follow_the_plan(draft, lead, chief, scatter):
    lost = scatter(A, 4, longitude=None, latitude=None)
    outside = scatter(A, 2, box=(119.9, 30.3, 119.91, 30.31))
    services.start_run(acting_user=lead, scenario=draft)
    run_queue()
    draft.refresh_from_db()
    services.approve_scenario(acting_user=chief, scenario=draft, words="坐标待补")
    published(draft, chief)
    assert one_grid_each(draft.county) == {1}
    rows = SiteGrid.objects.filter(
        county=draft.county, site_id__in=[one.id for one in (*lost, *outside)], valid_to=None
    )
    assert {one.assigned_by for one in rows} == {"hand"}
    assert all(draft.name in one.reason for one in rows)


def test_approval_is_the_chiefs_and_never_the_authors(ready, lead, chief, person, land):
    with pytest.raises(NotPermitted):
        services.approve_scenario(acting_user=lead, scenario=ready)
    from safegrid.accounts.models import Role

    Role.objects.create(user=lead, kind="lead_chief", place=str(land), valid_from=TODAY)
    lead.forget_holdings()
    with pytest.raises(Refused, match="自己"):
        services.approve_scenario(acting_user=lead, scenario=ready)
    services.approve_scenario(acting_user=chief, scenario=ready)
    assert (ready.state, ready.approved_by_id) == ("approved", chief.id)
    with pytest.raises(WrongState):
        services.approve_scenario(acting_user=chief, scenario=ready)


def test_grids_over_tolerance_must_be_explained(draft, lead, chief, scatter):
    scatter(A, 1)  # 121 alike in three grids
    services.change_scenario(acting_user=lead, scenario=draft, changes={"tolerance": 0.001})
    services.start_run(acting_user=lead, scenario=draft)
    run_queue()
    draft.refresh_from_db()
    assert draft.figures["over_tolerance"] > 0
    with pytest.raises(InvalidInput) as missing:
        services.approve_scenario(acting_user=chief, scenario=draft)
    assert set(missing.value.fields) == {"words"}
    services.approve_scenario(acting_user=chief, scenario=draft, words="单元太大，暂按此执行")
    assert draft.approval_words == "单元太大，暂按此执行"


def test_an_approval_can_be_taken_back_with_a_reason(approved, chief, lead):
    with pytest.raises(InvalidInput):
        services.send_back_scenario(acting_user=chief, scenario=approved, reason=" ")
    with pytest.raises(NotPermitted):
        services.send_back_scenario(acting_user=lead, scenario=approved, reason="再看看")
    services.send_back_scenario(acting_user=chief, scenario=approved, reason="再看看")
    assert (approved.state, approved.approved_by_id) == ("ready", None)


def test_publication_needs_an_approval_and_a_day_to_come(ready, chief, lead):
    with pytest.raises(WrongState):
        services.publish_scenario(acting_user=chief, scenario=ready, valid_from=TODAY)
    services.approve_scenario(acting_user=chief, scenario=ready)
    with pytest.raises(InvalidInput):
        services.publish_scenario(acting_user=chief, scenario=ready, valid_from=TODAY - timedelta(days=1))
    with pytest.raises(NotPermitted):
        services.publish_scenario(acting_user=lead, scenario=ready, valid_from=TODAY)


def test_grids_opened_since_the_run_stop_the_publication(approved, chief):
    services.publish_scenario(acting_user=chief, scenario=approved, valid_from=TODAY)
    grids.open_grid(acting_user=None, county=approved.county, code="X1", name="飞来网格", town=TOWN, village="",
                    boundary=square(D))  # fmt: skip
    run_queue()
    approved.refresh_from_db()
    assert approved.state == "approved"
    assert "X1" in approved.message
    with pytest.raises(Refused, match="重新计算"):
        services.publish_scenario(acting_user=chief, scenario=approved, valid_from=TODAY)


def test_a_neighbours_grid_in_the_way_takes_everything_back(approved, chief):
    Grid.objects.filter(county=approved.county, code=f"{C}01").update(town=OTHER_TOWN)
    row = Grid.objects.get(county=approved.county, code=f"{C}01")
    before = {one.code for one in grid_selectors.open_at(approved.county)}
    approved.swap(state="publishing", published_from=TODAY, published_by_id=chief.id)
    publication.publish(approved.county, approved.id)
    approved.refresh_from_db()
    assert approved.state == "approved"
    assert {one.code for one in grid_selectors.open_at(approved.county)} == before
    assert row.closed_on is None


def test_a_publication_delivered_twice_happens_once(approved, chief):
    published(approved, chief)
    version = approved.version
    publication.publish(approved.county, approved.id)
    approved.refresh_from_db()
    assert approved.version == version


def test_the_next_publication_supersedes_the_last(approved, chief, lead):
    published(approved, chief)
    again = services.copy_scenario(acting_user=lead, scenario=approved, name="第二版", changes={"tolerance": 0.2})
    services.start_run(acting_user=lead, scenario=again)
    run_queue()
    again.refresh_from_db()
    assert again.figures["moved_sites"] < 60
    services.approve_scenario(acting_user=chief, scenario=again)
    published(again, chief)
    approved.refresh_from_db()
    assert (again.state, approved.state) == ("published", "superseded")
    assert one_grid_each(approved.county) == {1}


def test_members_are_proposed_and_the_town_confirms(approved, chief, town_officer, member, person):
    people = [member(A), member(A), member(C)]
    grid = Grid.objects.get(county=approved.county, code=f"{C}01")
    grids.post_member(acting_user=None, member=people[2], grid=grid)
    published(approved, chief)
    waiting = selectors.proposals_of(town_officer, approved)
    assert {one.id for one in people[:2]} <= {one.member_id for one in waiting} <= {one.id for one in people}
    assert grid.id not in {one.grid_id for one in waiting}
    with pytest.raises(NotVisible):
        selectors.proposal_for(person("town_officer", OTHER_TOWN), approved.county, waiting[0].id)
    with pytest.raises(NotPermitted):
        services.confirm_posting(acting_user=chief, proposal=waiting[0])
    services.confirm_posting(acting_user=town_officer, proposal=waiting[0])
    assert grid_selectors.member_answering(approved.county, waiting[0].grid_id).id == waiting[0].member_id
    with pytest.raises(WrongState):
        services.confirm_posting(acting_user=town_officer, proposal=waiting[0])
    assert trace.trace_of(waiting[0])[-1].action == "planning.confirm_posting"


def test_a_declined_proposal_says_why_and_posts_nobody(approved, chief, town_officer, member):
    member(A)
    published(approved, chief)
    row = PostingProposal.objects.filter(county=approved.county).first()
    with pytest.raises(InvalidInput):
        services.decline_posting(acting_user=town_officer, proposal=row, reason="")
    services.decline_posting(acting_user=town_officer, proposal=row, reason="已另有安排")
    assert row.state == "declined"
    assert grid_selectors.member_answering(approved.county, row.grid_id) is None


def test_a_member_without_papers_is_refused_and_the_proposal_waits(approved, chief, town_officer, member):
    made = member(A)
    for paper in list(grid_selectors.evidence_of(made)):
        grids.revoke_evidence(acting_user=None, evidence=paper, reason="过期")
    published(approved, chief)
    row = PostingProposal.objects.filter(county=approved.county).first()
    with pytest.raises(Refused, match="不能上岗"):
        services.confirm_posting(acting_user=town_officer, proposal=row)
    row.refresh_from_db()
    assert row.state == "waiting"


def test_open_cases_come_into_the_new_grids_and_closed_ones_stay(approved, chief):
    at = {"county": approved.county, "kind": "FIRE", "severity": "general", "nature": "hazard", "channel": "member",
          "words": "堵塞", "town": TOWN, "village": A, "reported_at": clock.now(), "updated_at": clock.now()}  # fmt: skip
    before, made = {}, {}
    for number, site in enumerate(Site.objects.filter(county=approved.county, village=A)[:40]):
        where = {"grid_id": site.grid_id, **at}
        before[site.id] = site.grid_id
        made[site.id] = (
            Case.objects.create(**where, number=f"{number}a", state="reported", place_kind="site", site=site),
            Case.objects.create(**where, number=f"{number}b", state="reported", place_kind="point",
                                longitude=site.longitude, latitude=site.latitude),
            Case.objects.create(**where, number=f"{number}c", state="closed", place_kind="site", site=site),
        )  # fmt: skip
    published(approved, chief)
    now = {site.id: site.grid_id for site in Site.objects.filter(county=approved.county, id__in=before)}
    assert any(now[site] != before[site] for site in before)
    for site, cases in made.items():
        for case in cases:
            case.refresh_from_db()
        assert [case.grid_id for case in cases] == [now[site], now[site], before[site]]


def test_while_another_plan_waits_for_its_day_it_is_said_from_when_one_may_go_on(approved, lead, chief):
    other = services.copy_scenario(acting_user=lead, scenario=approved, name="另一方案")
    day = clock.today() + timedelta(days=10)
    published(approved, chief, day)
    services.start_run(acting_user=lead, scenario=other)
    run_queue()
    other.refresh_from_db()
    with pytest.raises(Refused, match=f"自 {day} 起启用"):
        services.approve_scenario(acting_user=chief, scenario=other)


def test_only_who_decides_on_proposals_is_offered_to(approved, member, lead, chief):
    member(A)
    published(approved, chief)

    def heads(user) -> str:
        return signed_in(user).get(reverse("planning:postings")).content.decode()

    assert "/decline/" in heads(lead)
    assert heads(chief).count("<th") == heads(lead).count("<th") - 2
