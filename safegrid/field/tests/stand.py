"""What phones are offered in the tests of the engine: a few real verbs and real rows, whatever the contexts offer besides."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from ninja import Schema
from pydantic import Field as Limits

from safegrid.cases import services as cases
from safegrid.cases.access import visible as visible_cases
from safegrid.foundation import clock
from safegrid.foundation.fieldwork import Feed, Operation, Task, TaskKind
from safegrid.patrols import services as patrols
from safegrid.sites.access import visible as visible_sites
from safegrid.sites.selectors import site_for


class ReportIn(Schema):
    words: str = Limits(max_length=300)
    site_id: UUID
    photos: list[UUID] = []


class VisitIn(Schema):
    site_id: UUID


def report(user, county, payload, received):
    made = cases.report(
        acting_user=user, county=county, kind="FIRE-EXIT-BLOCKED", channel="member", words=payload.words,
        site=site_for(user, county, payload.site_id), attachment_ids=received.attachments(payload.photos),
    )  # fmt: skip
    return {"id": made.id, "number": made.number, "at": received.happened_at}


def visit(user, county, payload, received):
    made = patrols.record_visit(
        acting_user=user, device_id=received.id, site=site_for(user, county, payload.site_id), outcome="closed",
        visited_at=received.happened_at,
    )  # fmt: skip
    return {"id": made.id}


def fault(user, county, payload, received):
    visit(user, county, payload, received)
    raise ZeroDivisionError


def sites(user, county):
    for site in visible_sites(user).filter(county=county).order_by("code"):
        yield str(site.id), {"name": site.name, "employees": site.employees, "updated_at": site.updated_at}


def reports(user, county):
    for case in visible_cases(user).filter(county=county).order_by("number"):
        yield str(case.id), {"number": case.number, "words": case.words}


def due(user, county):
    for key, row in sites(user, county):
        limit = clock.now().replace(microsecond=0, second=0, minute=0) + timedelta(days=1)
        yield Task(id=key, title=row["name"], site_id=UUID(key), due_at=limit, data={"checklist": None})


OPERATIONS = (
    Operation("stand.report", "上报", ReportIn, report, lambda payload: payload.photos),
    Operation("stand.report_unasked", "上报", ReportIn, report),
    Operation("stand.visit", "巡查", VisitIn, visit),
    Operation("stand.fault", "出错", VisitIn, fault),
)
FEEDS = (Feed("sites", sites), Feed("cases", reports))
TASKS = (TaskKind("stand.visit", "巡查", due),)
