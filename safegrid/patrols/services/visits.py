"""Recording a visit: the answers and the cases they report, in one transaction, once however often the phone sends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from safegrid.cases import services as cases
from safegrid.files import services as files
from safegrid.foundation import clock, events, trace
from safegrid.foundation.bulk import insert_objects
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.ids import uuid7
from safegrid.foundation.scope import Actor
from safegrid.foundation.statements import Prepared
from safegrid.grids.selectors import grid_of_site, member_of, posted_grids
from safegrid.handbook.selectors import hazard_kind, items_of
from safegrid.patrols.access import can
from safegrid.patrols.answers import Answer, checked, is_finding
from safegrid.patrols.codes import is_code_of
from safegrid.patrols.models import CheckIn, PlannedVisit, Visit, VisitAnswer, VisitOutcome
from safegrid.patrols.services.plans import fulfil
from safegrid.regions.datum import distance_m
from safegrid.sites.access import sees
from safegrid.sites.selectors import positions

FAR_M = 200.0
CLOCK_TOLERANCE = timedelta(minutes=10)
CHANNEL = "patrol"


@transaction.atomic
def record_visit(
    *,
    acting_user: Actor | None,
    device_id: UUID,
    site: Any,
    outcome: str,
    visited_at: datetime,
    checklist: Any = None,
    answers: Sequence[Answer] = (),
    longitude: float | None = None,
    latitude: float | None = None,
    accuracy_m: float | None = None,
    far_reason: str = "",
    person_met: str = "",
    words: str = "",
    attachment_ids: Sequence[UUID] = (),
    qr: str = "",
    signature_id: UUID | None = None,
    task_id: UUID | None = None,
) -> Visit:
    """Record a member's visit to a site of the member's grids, with the position checked in at (WGS 84 degrees).

    ``device_id`` is the phone's own id of the visit: sent again, it returns the visit as first recorded and changes nothing.
    Every finding reports a case, settles one on the spot, joins another finding's, or, when minor, may stay with the visit.
    Farther than 200 m from the site a reason is required, unless ``qr`` is what the code at the site says. ``signature_id``: the
    picture of the signature of ``person_met``. ``task_id``: the planned visit that this one is. A site that has left the member's
    grids meanwhile may have been visited before. Raises ``InvalidInput``, ``NotPermitted``, ``NotVisible``.
    """
    user = _visitor(acting_user, site)
    first = _SENT_BEFORE.one(county=site.county, device_id=device_id)
    if first is not None:
        return _same(first, user)
    member = _member(user, site, visited_at)
    _require_place(longitude, latitude)
    distance = _distance(site, longitude, latitude)
    _require_code(site, qr)
    _require(outcome, visited_at, checklist, site, None if qr else distance, far_reason, words)
    _require_lengths(far_reason=far_reason, person_met=person_met, words=words)
    answered = checked(items_of(checklist), answers) if outcome == VisitOutcome.DONE else []
    where = {"longitude": longitude, "latitude": latitude, "accuracy_m": accuracy_m, "distance_m": distance,
             "checked_in_by": _checked_in_by(qr, longitude)}  # fmt: skip
    visit = _visit(site, member, device_id=device_id, outcome=outcome, visited_at=visited_at, far_reason=far_reason,
                   checklist=checklist if outcome == VisitOutcome.DONE else None, person_met=person_met, words=words,
                   findings=sum(is_finding(item, answer) for item, answer in answered), **where)  # fmt: skip
    if not insert_objects([visit], unless=("county", "device_id")):  # the same one came in at the same moment
        return _same(Visit.objects.get(county=site.county, device_id=device_id), user)
    files.attach(acting_user=acting_user, target=visit, attachment_ids=list(attachment_ids), purpose="visit")
    if signature_id is not None:
        files.attach(acting_user=acting_user, target=visit, attachment_ids=[signature_id], purpose="signature")
    rows = _answer_rows(acting_user, visit, answered)
    planned = fulfil(visit, task_id)
    _record(acting_user, visit, rows, planned)
    events.publish("patrols.visited", visit=visit)
    return visit


def _visit(site: Any, member: Any, **facts: Any) -> Visit:
    return Visit(county=site.county, site=site, member_id=member.id, member_user_id=member.user_id, grid_id=site.grid_id,
                 town=site.town, village=site.village, recorded_at=clock.now(), **facts)  # fmt: skip


_SENT_BEFORE = Prepared(lambda county, device_id: Visit.objects.filter(county=county, device_id=device_id))
VISITORS = ("grid_member",)


def _visitor(acting_user: Actor | None, site: Any) -> Actor:
    if acting_user is None or not can(acting_user, "record_visit", site.county):
        raise NotPermitted("只有网格员可以记录巡查")
    return acting_user


def _member(user: Actor, site: Any, visited_at: datetime) -> Any:
    member = member_of(user)
    if member is None or member.county != site.county:
        raise NotVisible
    if not sees(user, VISITORS, site) and not _was_own(member, site, visited_at):
        raise NotVisible
    return member


def _was_own(member: Any, site: Any, visited_at: datetime) -> bool:
    """Say whether the site was in a grid of the member's when it was visited; on the day it left it may have been either's."""
    day = visited_at.astimezone(clock.SHANGHAI).date()
    if day >= clock.today() - timedelta(days=1) and any(
        now.is_directly_supervised for now in positions(site.county, site_ids=[site.id])
    ):
        return False
    days = (day, day - timedelta(days=1))
    return any(grid_of_site(site.county, site.id, one) in posted_grids(site.county, member.id, one) for one in days)


def _require_code(site: Any, qr: str) -> None:
    if qr and not is_code_of(site.county, site.id, qr):
        raise InvalidInput({"qr": "扫到的不是这个监管对象的二维码，请核对对象后重新扫码，或改用定位签到"})


def _checked_in_by(qr: str, longitude: float | None) -> str:
    if qr:
        return CheckIn.QR.value
    return CheckIn.POSITION.value if longitude is not None else CheckIn.NONE.value


def _same(visit: Visit, user: Actor) -> Visit:
    if visit.member_user_id != user.id:
        raise Conflict("这个巡查编号已被其他网格员使用，请联系管理员")
    return visit


LENGTHS = {"far_reason": 200, "person_met": 60, "words": 500}


def _require_lengths(**given: str) -> None:
    problems = {name: f"不超过 {LENGTHS[name]} 个字" for name, text in given.items() if len(text) > LENGTHS[name]}
    if problems:
        raise InvalidInput(problems)


def _require_place(longitude: float | None, latitude: float | None) -> None:
    if (longitude is None) != (latitude is None):
        raise InvalidInput({"longitude": "经度、纬度须同时填写"})
    if longitude is not None and latitude is not None and not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise InvalidInput({"longitude": "经度应在 -180 到 180 之间，纬度应在 -90 到 90 之间"})


def _distance(site: Any, longitude: float | None, latitude: float | None) -> float | None:
    if None in (longitude, latitude, site.longitude, site.latitude):
        return None
    return float(distance_m(longitude, latitude, site.longitude, site.latitude))


def _require(outcome: str, visited_at: datetime, checklist: Any, site: Any, distance: float | None, far_reason: str,
             words: str) -> None:  # fmt: skip
    problems = {}
    if outcome not in VisitOutcome.values:
        problems["outcome"] = "请选择巡查结果"
    if visited_at > clock.now() + CLOCK_TOLERANCE:
        problems["visited_at"] = "巡查时间晚于当前时间，请检查手机时钟"
    if distance is not None and distance > FAR_M and not far_reason.strip():
        problems["far_reason"] = f"签到位置距对象约 {distance:.0f} 米，请说明原因"
    if outcome == VisitOutcome.DONE:
        if checklist is None:
            problems["checklist"] = "请按检查表巡查"
        elif checklist.county != site.county or checklist.site_type != site.site_type or checklist.state == "draft":
            problems["checklist"] = "这份检查表不适用于该对象，请更新后重填"
    elif outcome in (VisitOutcome.REFUSED, VisitOutcome.MOVED) and not words.strip():
        problems["words"] = "请说明情况"
    if problems:
        raise InvalidInput(problems)


def _answer_rows(acting_user: Actor | None, visit: Visit, answered: Sequence[tuple[Any, Answer]]) -> list[VisitAnswer]:
    """Write the answers and report their findings; the findings that go together come after the one they belong to."""
    reported: dict[UUID, UUID] = {}
    for item, answer in answered:
        if is_finding(item, answer) and item.hazard_kind and not answer.together_with:
            case_id = _report(acting_user, visit, item, answer)
            if case_id is not None:
                reported[item.id] = case_id
    rows = []
    for position, (item, answer) in enumerate(answered):
        finding = is_finding(item, answer)
        rows.append(
            VisitAnswer(
                id=uuid7(),
                county=visit.county,
                visit_id=visit.id,
                item_id=item.id,
                item_code=item.code,
                text=item.text,
                hazard_kind=item.hazard_kind,
                value=answer.value[:300],
                is_finding=finding,
                words=answer.words[:300],
                put_right_on_spot=answer.put_right_on_spot,
                case_id=reported.get(answer.together_with or item.id) if finding else None,
                position=position,
                answered_at=visit.visited_at,
            )
        )
    VisitAnswer.objects.bulk_create(rows)
    for row, (item, answer) in zip(rows, answered, strict=True):
        if item.id not in reported:  # else its photographs are the case's
            photos = [*answer.attachment_ids, *answer.after_ids]
            files.attach(acting_user=acting_user, target=row, attachment_ids=photos, purpose="answer")
    return rows


def _report(acting_user: Actor | None, visit: Visit, item: Any, answer: Answer) -> UUID | None:
    """Report one finding as a case and return its id; None where a minor one stays with the visit."""
    if answer.keep_on_visit:
        if hazard_kind(visit.county, item.hazard_kind).severity != "minor":
            raise InvalidInput({f"answers.{item.code}": f"“{item.text}”不是轻微问题，必须上报"})
        return None
    common: dict[str, Any] = {
        "acting_user": acting_user,
        "county": visit.county,
        "kind": item.hazard_kind,
        "channel": CHANNEL,
        "words": answer.words.strip() or f"巡查发现：{item.text} 不符合",
        "site": visit.site,
        "origin_id": visit.id,
        "found_at": min(visit.visited_at, visit.recorded_at),  # a phone's clock may run a little ahead
    }
    if answer.put_right_on_spot:
        case = cases.settle_on_spot(**common, before_ids=answer.attachment_ids, after_ids=answer.after_ids)
    else:
        case = cases.report(**common, attachment_ids=answer.attachment_ids)
    return case.id


def _record(acting_user: Actor | None, visit: Visit, rows: Sequence[VisitAnswer], planned: PlannedVisit | None) -> None:
    where = {"longitude": visit.longitude, "latitude": visit.latitude, "accuracy_m": visit.accuracy_m}
    with trace.context(place=where if visit.longitude is not None else None):
        trace.record(
            acting_user=acting_user,
            action="patrols.record_visit",
            target=visit,
            role="grid_member",
            changes={
                "site": visit.site_id,
                "outcome": visit.outcome,
                "checked_in_by": visit.checked_in_by,
                "planned": planned.id if planned is not None else None,
                "visited_at": visit.visited_at,
                "distance_m": round(visit.distance_m) if visit.distance_m is not None else None,
                "far_reason": visit.far_reason,
                "answers": {row.item_code: row.value for row in rows},
                "cases": [row.case_id for row in rows if row.case_id],
            },
        )
