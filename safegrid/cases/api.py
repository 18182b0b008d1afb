"""Cases over the API. The verbs' endpoints are made from the one table: a new row is a new operation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from safegrid.cases import access, finding, indices, intake, schemas, selectors, services
from safegrid.cases.workflow import ROWS
from safegrid.foundation.api import Page, current_user, idempotent, paginate
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.scope import Actor
from safegrid.sites import selectors as sites

router = Router(tags=["cases"])
# Shown once, and so only on a page: answers of writes are kept for repeats (docs/contract.md).
ON_PAGES_ONLY = frozenset({"unmask_reporter"})
VERBS = tuple(dict.fromkeys(row.verb for row in ROWS if row.sources and row.verb not in ON_PAGES_ONLY))


@router.get("/cases/{county}", response=Page[schemas.CaseOut], summary="案件列表")
def list_cases(
    request: HttpRequest,
    county: int,
    queue: Literal["", "my_turn", "near_limit", "overdue"] = "",
    state: str = "",
    kind: str = "",
    severity: str = "",
    nature: str = "",
    channel: str = "",
    department_id: UUID | None = None,
    site_id: UUID | None = None,
    town: str = "",
    village: str = "",
    timing: Literal["", "near", "overdue", "badly_overdue"] = "",
    is_supervised: bool | None = None,
    is_listed_major: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    words: str = "",
    cursor: str = "",
    limit: int = 50,
) -> Any:
    """The latest first; in a queue the most urgent first. ``since``/``until``: moments of report, with a time zone."""
    user = current_user(request)
    given = {
        "queue": queue, "state": state, "kind": kind, "severity": severity, "nature": nature, "channel": channel,
        "department_id": department_id, "site_id": site_id, "town": town, "village": village, "timing": timing,
        "is_supervised": is_supervised, "is_listed_major": is_listed_major, "since": since, "until": until, "words": words,
    }  # fmt: skip
    if wrong := {name: "请带上时区" for name in ("since", "until") if (moment := given[name]) and not moment.tzinfo}:  # type: ignore[union-attr]
        raise InvalidInput(wrong)
    if _is_only_a_site(user) and (hidden := {"channel", "words"} & {name for name, value in given.items() if value}):
        raise InvalidInput(dict.fromkeys(sorted(hidden), "您的岗位不能按这一项查询"))
    rows = finding.narrowed(access.visible(user).filter(county=county), user, county, given)
    order = finding.order_of(queue)
    return paginate(rows, cursor=cursor, limit=limit, order=order).of(lambda case: selectors.shown(user, case))


def _is_only_a_site(user: Actor) -> bool:
    return {holding.kind for holding in user.holdings()} <= {"site_contact"}


@router.get("/cases/{county}/similar", response=list[schemas.SimilarOut], summary="可能是同一件事的案件")
def list_similar(
    request: HttpRequest,
    county: int,
    kind: str,
    site_id: UUID | None = None,
    longitude: float | None = None,
    latitude: float | None = None,
) -> Any:
    """For whoever is about to report: open cases of the same kind at the same site or nearby."""
    user = current_user(request)
    _may_report(user, county)
    site = sites.site_for(user, county, site_id) if site_id else None
    if site is not None and longitude is None:
        longitude, latitude = site.longitude, site.latitude
    return selectors.similar(county, kind, site_id, longitude, latitude)


@router.get("/cases/{county}/indices", response=list[schemas.LineOut], summary="案件指标")
def list_indices(
    request: HttpRequest, county: int, since: date, until: date, by: str = "", excused: bool = False
) -> Any:
    """Figures of the cases reported in a period.

    ``by``: member, village, town, grid, department, kind, severity, channel, day, week, month; empty: one line for all.
    """
    user = current_user(request)
    if not any(access.reaches_county(one, county) for one in user.holdings()):
        raise NotVisible
    return [
        schemas.line(one) for one in indices.indices(user, county, since=since, until=until, by=by, excused=excused)
    ]


@router.post("/cases/{county}", response={201: schemas.CaseOut}, summary="上报")
@idempotent
def report(request: HttpRequest, county: int, payload: schemas.ReportIn) -> Any:
    user = current_user(request)
    _may_report(user, county)
    values = payload.dict()
    values["site"] = _site(user, county, values.pop("site_id"))
    if not values["channel"]:
        values["channel"] = intake.channels_of(user)[0][0]
    made = services.report(acting_user=user, county=county, **values)
    return Status(201, selectors.shown(user, made))


@router.post("/cases/{county}/settle_on_spot", response={201: schemas.CaseOut}, summary="当场整改上报")
@idempotent
def settle_on_spot(request: HttpRequest, county: int, payload: schemas.OnSpotIn) -> Any:
    user = current_user(request)
    _may_report(user, county)
    values = payload.dict()
    values["site"] = _site(user, county, values.pop("site_id"))
    made = services.settle_on_spot(acting_user=user, county=county, **values)
    return Status(201, selectors.shown(user, made))


@router.get("/cases/{county}/{case_id}", response=schemas.CaseDetail, summary="一个案件")
def get_case(request: HttpRequest, county: int, case_id: UUID) -> Any:
    user = current_user(request)
    case = selectors.case_for(user, county, case_id)
    rows = [row for row in access.verbs_for(user, case) if row.verb in VERBS]
    return schemas.detail(user, case, rows)


def _site(user: Actor, county: int, site_id: UUID | None) -> Any:
    try:
        return sites.site_for(user, county, site_id) if site_id else None
    except NotVisible:
        raise InvalidInput({"site_id": "没有这个监管对象，或它不在您的管辖范围内"}) from None


def _may_report(user: Actor, county: int) -> None:
    """Raise ``NotVisible`` for whoever reports nothing in the county: both answer alike."""
    reporters = [one for one in user.holdings() if one.kind in intake.REPORTERS]
    if not any(access.reaches_county(one, county) for one in reporters):
        raise NotVisible


def _endpoint(verb: str) -> Callable[..., Any]:
    """Return the view of one verb: it reads the case as the user sees it and calls the service of the same name."""

    def view(request: HttpRequest, county: int, case_id: UUID, payload: Any) -> Any:
        user = current_user(request)
        case = selectors.case_for(user, county, case_id)
        done = getattr(services, verb)(acting_user=user, case=case, **payload.dict())
        return selectors.shown(user, done)

    body: type[Schema] = schemas.verb_body(verb)
    kinds = {"request": HttpRequest, "county": int, "case_id": UUID, "payload": body}
    view.__name__ = view.__qualname__ = verb
    view.__annotations__ = dict(kinds)
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    view.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, positional, annotation=kind) for name, kind in kinds.items()]
    )
    return view


for _verb in VERBS:
    _label = next(row.label for row in ROWS if row.verb == _verb)
    router.post(f"/cases/{{county}}/{{case_id}}/{_verb}", response=schemas.CaseOut, summary=_label)(
        idempotent(_endpoint(_verb))
    )
