"""The desk: each count is what the list behind it holds, for the roles that may open it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safegrid.cases.models import Case
from safegrid.console import desk
from safegrid.duties.models import DutyMatch
from safegrid.foundation import clock
from safegrid.notices.models import Notice
from tests.cast import Cast

NOON = datetime(2026, 3, 2, 12, tzinfo=clock.SHANGHAI)


def case(cast: Cast, state: str, **more: Any) -> Case:
    facts = {
        "county": cast.county, "number": f"AJ{Case.objects.filter(county=cast.county).count():05}",
        "kind": cast.general_kind.code, "severity": "general", "nature": "hazard", "channel": "patrol", "words": "x",
        "place_kind": "site", "site": cast.site, "town": cast.town, "village": cast.village, "reported_at": NOON,
        "state": state, "updated_at": NOON,
    }  # fmt: skip
    return Case.objects.create(**{**facts, **more})


def tallies(cast: Cast, user: Any) -> dict[str, int]:
    return {one.label: one.number for one in desk.counts(user, unread=0)}


def test_a_lead_officer_counts_what_was_returned_and_what_is_disputed(cast: Cast) -> None:
    case(cast, "returned")
    case(cast, "returned")
    case(cast, "disputed")
    found = tallies(cast, cast.lead_officer)
    assert found["部门退回待改派"] == 2
    assert found["争议待裁定"] == 1
    assert found["轮到我办理"] == 3


def test_near_and_overdue_are_counted_apart_and_closed_cases_not_at_all(cast: Cast) -> None:
    case(cast, "handling", timing="near")
    case(cast, "handling", timing="overdue")
    case(cast, "handling", timing="badly_overdue")
    case(cast, "closed", timing="overdue")
    found = tallies(cast, cast.leader)
    assert found["临近时限"] == 1
    assert found["已超时限"] == 2


def test_a_department_counts_its_own_cases_only(cast: Cast) -> None:
    case(cast, "dispatched", department=cast.fire)
    case(cast, "handling", department=cast.market)
    assert tallies(cast, cast.fire_officer)["轮到我办理"] == 1


def test_sites_without_department_and_grids_without_member_are_counted(cast: Cast) -> None:
    cast.far_grid  # noqa: B018  (made on first use)
    for site, state in ((cast.site, "none"), (cast.shop, "conflict"), (cast.next_site, "clear")):
        DutyMatch.objects.create(
            county=cast.county, site_id=site.id, state=state, town=site.town, village=site.village, matched_on=NOON
        )
    found = tallies(cast, cast.lead_officer)
    assert found["对象无主管部门"] == 1
    assert found["条块责任冲突"] == 1
    assert found["网格无人在岗"] >= 1


@pytest.mark.parametrize("person", ["grid_member", "site_contact", "system_admin", "reward_officer", "hotline_officer"])
def test_a_desk_has_no_block_of_other_roles(cast: Cast, person: str) -> None:
    found = tallies(cast, getattr(cast, person))
    assert not {"部门退回待改派", "对象无主管部门", "网格无人在岗", "临近时限"} & set(found)


def test_every_count_opens_the_list_that_it_counts(cast: Cast) -> None:
    cast.everything()
    browser = cast.client(cast.lead_officer)
    found = desk.counts(cast.lead_officer, unread=0)
    assert len(found) == 14
    for one in found:
        assert browser.get(one.url).status_code == 200, one.url


@pytest.mark.parametrize(("label", "rows"), [("部门退回待改派", 2), ("已超时限", 3), ("轮到我办理", 4)])
def test_the_list_behind_a_count_shows_as_many_rows(cast: Cast, label: str, rows: int) -> None:
    for timing in ("on_time", "overdue"):
        case(cast, "returned", timing=timing)
        case(cast, "disputed", timing=timing)
        case(cast, "handling", timing="badly_overdue" if timing == "overdue" else timing)
    one = next(one for one in desk.counts(cast.lead_officer, unread=0) if one.label == label)
    assert one.number == rows
    html = cast.client(cast.lead_officer).get(one.url).content.decode()
    assert html.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr") == rows


def test_unread_notices_are_counted_beside_the_bell(cast: Cast) -> None:
    for n in range(2):
        Notice.objects.create(
            county=cast.county, recipient_id=cast.lead_officer.id, kind="cases.dispatch", title="x", key=str(n),
            created_at=NOON,
        )  # fmt: skip
    html = cast.client(cast.lead_officer).get("/").content.decode()
    assert 'badge-notification text-red-fg">2<' in html


def test_the_most_urgent_case_comes_first_and_leads_to_its_page(cast: Cast) -> None:
    later = case(cast, "returned", due_at=NOON.replace(day=20))
    sooner = case(cast, "returned", due_at=NOON.replace(day=3))
    assert [one.case.id for one in desk.turn(cast.lead_officer)] == [sooner.id, later.id]
    html = cast.client(cast.lead_officer).get("/").content.decode()
    assert f"/cases/{cast.county}/{sooner.id}/" in html


def test_a_full_desk_takes_few_queries(cast: Cast) -> None:
    cast.everything()
    for n in range(12):
        case(cast, "returned", due_at=NOON.replace(day=n + 1))
    browser = cast.client(cast.lead_officer)
    browser.get("/")
    with CaptureQueriesContext(connection) as asked:
        browser.get("/")
    work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(work) <= 12, work


def test_only_who_can_ever_have_a_turn_is_shown_the_list_of_turns(cast):
    for person, shown in (("lead_officer", True), ("grid_member", True), ("leader", False), ("auditor", False)):
        page = cast.client(getattr(cast, person)).get("/").content.decode()
        assert ('id="turn"' in page) is shown, person
