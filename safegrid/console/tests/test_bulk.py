"""Many rows at once: a preview that names what will happen and what will not, then the verb for each row by itself."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from safegrid.cases.models import Case
from safegrid.console.models import BulkLine, BulkRun
from safegrid.console.registers import runs
from safegrid.console.tests.test_pages import MOST_QUERIES
from safegrid.foundation import clock
from safegrid.foundation.cache import distrust_everything
from safegrid.foundation.models import TraceRow
from safegrid.foundation.testing import run_queue
from safegrid.notices.models import Notice
from safegrid.sites.models import ChangeRequest, Site
from tests.cast import Cast
from tests.faults.every_row import EveryRow

pytestmark = pytest.mark.django_db
SITES = "/sites/"


def ticked(*rows: Any) -> list[str]:
    return [f"{row.county}-{row.id}" for row in rows]


def begin(cast: Cast, address: str, name: str, rows: Any = (), person: str = "lead_officer", **more: str) -> str:
    """Tick rows of a list and press a button; return where it leads."""
    answer = cast.client(getattr(cast, person)).post(address, {"bulk": name, "row": ticked(*rows), **more})
    assert answer.status_code == 302
    return answer.headers["Location"]


def present(site: Site) -> Site:
    return Site.objects.get(county=site.county, id=site.id)


def test_a_list_offers_what_the_user_may_do_with_many_rows(cast: Cast):
    _ = cast.site
    page = cast.client(cast.lead_officer).get(SITES).content.decode()
    assert 'value="sites.assign"' in page
    assert f'value="330521-{cast.site.id}"' in page
    page = cast.client(cast.auditor).get(SITES).content.decode()
    assert "bulk-form" not in page
    assert 'type="checkbox" form=' not in page


def test_the_preview_names_who_will_be_refused_and_does_nothing(cast: Cast):
    own, shop = cast.site, cast.shop
    Site.objects.filter(county=cast.county, id=shop.id).update(is_directly_supervised=True)
    there = begin(cast, SITES, "sites.assign", [own, shop])
    page = cast.client(cast.lead_officer).get(there).content.decode()
    assert "共选择 2 条，将对其中 <strong>1</strong> 条" in page
    assert "直接监管、已注销或已迁出的监管对象不归任何网格" in page
    assert present(own).grid_id == cast.grid.id
    assert BulkRun.objects.get(county=cast.county).state == "draft"


def test_confirmed_each_row_goes_through_the_verb_and_the_trace(cast: Cast):
    own, shop, grid = cast.site, cast.shop, cast.next_grid
    Site.objects.filter(county=cast.county, id=shop.id).update(is_directly_supervised=True)
    there = begin(cast, SITES, "sites.assign", [own, shop])
    browser = cast.client(cast.lead_officer)
    page = browser.post(there, {"grid": str(grid.id), "reason": "归口"}, follow=True).content.decode()
    assert "共 2 条，已办理 1 条，未能办理 1 条" in page
    assert present(own).grid_id == grid.id
    assert present(shop).grid_id != grid.id
    traced = TraceRow.objects.filter(county=cast.county, action="grids.assign_site", actor_id=cast.lead_officer.id)
    assert own.id in set(traced.values_list("object_id", flat=True))
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get(f"{there}result.xlsx").getvalue())).active
    told = {row[0].value: (row[1].value, row[2].value or "") for row in sheet.rows}
    assert told[own.name] == ("已办理", "")
    assert told[shop.name][0] == "未能办理"


def test_a_second_click_does_nothing_twice(cast: Cast):
    there = begin(cast, SITES, "sites.assign", [cast.site])
    browser, values = cast.client(cast.lead_officer), {"grid": str(cast.next_grid.id), "reason": "归口"}
    browser.post(there, values)
    count = TraceRow.objects.filter(county=cast.county).count()
    assert browser.post(there, values).status_code == 302
    assert TraceRow.objects.filter(county=cast.county).count() == count


def test_a_form_with_faults_comes_back_and_nothing_begins(cast: Cast):
    there = begin(cast, SITES, "sites.assign", [cast.site])
    answer = cast.client(cast.lead_officer).post(there, {"grid": "", "reason": ""})
    assert answer.status_code == 422
    assert BulkRun.objects.get(county=cast.county).state == "draft"


def test_rows_one_does_not_see_are_as_good_as_not_ticked(cast: Cast):
    own, other = cast.site, cast.other_site
    begin(cast, SITES, "sites.assign", [own, other], person="town_officer")
    assert set(BulkLine.objects.filter(county=cast.county).values_list("row_id", flat=True)) == {own.id}
    answer = cast.client(cast.town_officer).post(SITES, {"bulk": "sites.assign", "row": ticked(other)}, follow=True)
    assert "请先勾选要办理的记录" in answer.content.decode()


@pytest.mark.parametrize(
    "row", ["", "x", "330521-x", "330521", "-1", "999999999999999999999-01a20000-0000-7000-8000-000000000001"]
)
def test_spoilt_ticks_are_nothing(cast: Cast, row: str):
    _ = cast.site
    answer = cast.client(cast.lead_officer).post(SITES, {"bulk": "sites.assign", "row": row}, follow=True)
    assert "请先勾选要办理的记录" in answer.content.decode()


@pytest.mark.parametrize(
    ("person", "name"),
    [("auditor", "sites.assign"), ("lead_officer", "nothing"), ("fire_officer", "sites.assign"), ("leader", "cases.supervise")],
)  # fmt: skip
def test_what_is_not_offered_is_refused(cast: Cast, person: str, name: str):
    user = getattr(cast, person)
    answer = cast.client(user).post(SITES, {"bulk": name, "row": ticked(cast.site)}, follow=True)
    assert "没有这项批量操作" in answer.content.decode()
    assert not BulkRun.objects.filter(county=cast.county).exists()


def test_all_that_match_the_filters_are_meant_and_no_others(cast: Cast):
    _ = cast.site, cast.shop, cast.next_site
    begin(cast, f"{SITES}?type=shop", "sites.direct", all="yes")
    shops = set(Site.objects.filter(county=cast.county, site_type="shop").values_list("id", flat=True))
    assert set(BulkLine.objects.filter(county=cast.county).values_list("row_id", flat=True)) == shops


def test_all_is_refused_where_a_filter_was_left_out(cast: Cast):
    _ = cast.site
    answer = cast.client(cast.lead_officer).post(
        f"{SITES}?type=ship", {"bulk": "sites.direct", "all": "yes"}, follow=True
    )
    assert "没有这个选项" in answer.content.decode()
    assert not BulkRun.objects.filter(county=cast.county).exists()


def test_rights_count_as_they_are_when_it_is_done(cast: Cast):
    there = begin(cast, SITES, "sites.assign", [cast.site])
    Site.objects.filter(county=cast.county, id=cast.site.id).update(is_directly_supervised=True)
    page = cast.client(cast.lead_officer).post(
        there, {"grid": str(cast.next_grid.id), "reason": "归口"}, follow=True
    ).content.decode()  # fmt: skip
    assert "已办理 0 条，未能办理 1 条" in page


def test_more_than_two_hundred_rows_go_to_the_queue_and_are_done_once(cast: Cast):
    owner = cast.lead_officer
    Notice.objects.bulk_create([
        Notice(county=cast.county, recipient_id=owner.id, kind="cases.report", title=f"通知{n}", key=str(n), created_at=clock.now())
        for n in range(230)
    ])  # fmt: skip
    there = begin(cast, "/notices/", "notices.read", all="yes")
    browser = cast.client(owner)
    page = browser.post(there, {}, follow=True).content.decode()
    assert "办理中" in page
    assert Notice.objects.filter(county=cast.county, read_at__isnull=False).count() == 0
    run_queue()
    assert "共 230 条，已办理 230 条" in browser.get(there).content.decode()
    run = BulkRun.objects.get(county=cast.county)
    assert not runs.carry_out(run.county, run.id), "redelivered, it finds nothing left"
    assert Notice.objects.filter(county=cast.county, read_at__isnull=True, recipient_id=owner.id).count() == 0


def test_a_run_broken_off_goes_on_where_it_was(cast: Cast):
    owner = cast.lead_officer
    rows = [Notice.objects.create(county=cast.county, recipient_id=owner.id, kind="cases.report", title=str(n), key=str(n),
                                  created_at=clock.now()) for n in range(5)]  # fmt: skip
    begin(cast, "/notices/", "notices.read", rows)
    run = BulkRun.objects.get(county=cast.county)
    runs.confirm_run(acting_user=owner, run=run, values={})
    assert runs.carry_out(run.county, run.id, most=2)
    assert runs.tally(run).done == 2
    assert runs.carry_out(run.county, run.id, most=2)
    assert not runs.carry_out(run.county, run.id, most=2)
    assert runs.tally(run).done == 5


def test_change_requests_are_accepted_and_refused_in_bulk(cast: Cast):
    _ = EveryRow(cast).change
    change = ChangeRequest.objects.get(county=cast.county)
    there = begin(cast, "/sites/changes/?state=waiting", "sites.refuse_change", [change], person="town_officer")
    browser = cast.client(cast.town_officer)
    assert browser.post(there, {"reason": ""}).status_code == 422
    assert "已办理 1 条" in browser.post(there, {"reason": "不属实"}, follow=True).content.decode()
    change.refresh_from_db()
    assert (change.state, change.review_reason) == ("refused", "不属实")
    again = begin(cast, "/sites/changes/", "sites.accept_change", [change], person="town_officer")
    page = browser.get(again).content.decode()
    assert "这条变更申请已经审核过" in page
    assert "确认办理" not in page


def test_leaders_supervise_cases_and_departments_receive_them(cast: Cast):
    case = Case.objects.get(county=cast.county, id=EveryRow(cast).case)
    there = begin(cast, "/cases/330521/", "cases.supervise", [case], person="leader")
    until = (clock.now() + timedelta(days=3)).astimezone(clock.SHANGHAI)
    values = {"instruction": "限期办结", "deadline": f"{until:%Y-%m-%dT%H:%M}"}
    page = cast.client(cast.leader).post(there, values, follow=True).content.decode()
    assert "已办理 1 条" in page, page
    assert Case.objects.get(county=cast.county, id=case.id).is_supervised
    Case.objects.filter(county=cast.county, id=case.id).update(department_id=cast.fire.id)
    there = begin(cast, "/cases/330521/", "cases.receive", [case], person="fire_officer")
    assert "不能“接收”" in cast.client(cast.fire_officer).get(there).content.decode()


def test_old_runs_are_forgotten_and_running_ones_kept(cast: Cast):
    run_id = EveryRow(cast).bulk_run
    assert runs.forget_old() == 0
    BulkRun.objects.filter(county=cast.county, id=run_id).update(created_at=clock.now() - timedelta(days=91))
    assert runs.forget_old() == 1
    assert not BulkLine.objects.filter(county=cast.county).exists()


def test_the_preview_keeps_to_the_budget(cast: Cast):
    there = begin(cast, SITES, "sites.assign", [cast.site, cast.shop, cast.next_site])
    browser = cast.client(cast.lead_officer)
    browser.get(there)
    distrust_everything()
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(there).status_code == 200
    work = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(work) <= MOST_QUERIES, work
