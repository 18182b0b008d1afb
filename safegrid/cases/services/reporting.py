"""How a case comes in: reported, or reported as settled on the spot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from safegrid.cases import access, said
from safegrid.cases.models import Case, Channel, Stage
from safegrid.cases.selectors import similar
from safegrid.cases.services import _engine as engine
from safegrid.cases.services.numbers import insert
from safegrid.cases.services.places import Where, where
from safegrid.cases.timers import CaseTimers
from safegrid.cases.workflow import FIRST_REPORT_LIMIT, CaseRow
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, Refused
from safegrid.foundation.scope import Actor, held
from safegrid.handbook import selectors as handbook

SEVERITIES = ("minor", "general", "major")
# Through which channel a role reports, and from where a photograph cannot be asked for.
CHANNELS: dict[str, frozenset[str]] = {
    "grid_member": frozenset({Channel.PATROL, Channel.MEMBER}),
    "committee": frozenset({Channel.COMMITTEE}),
    "town_officer": frozenset({Channel.TOWN}),
    "department_officer": frozenset({Channel.INSPECTION}),
    "agency_expert": frozenset({Channel.AGENCY}),
    "hotline_officer": frozenset({Channel.HOTLINE}),
    "site_contact": frozenset({Channel.SELF_CHECK}),
    access.PUBLIC: frozenset({Channel.PUBLIC}),
    access.SYSTEM: frozenset(Channel) - {Channel.PUBLIC},
}
WITHOUT_PHOTO = frozenset({Channel.HOTLINE, Channel.PUBLIC, Channel.IMPORT, Channel.API})
ANYWHERE_IN_COUNTY = frozenset({"grid_member", "hotline_officer", "agency_expert"})


@transaction.atomic
def report(
    *,
    acting_user: Actor | None,
    county: int,
    kind: str,
    channel: str,
    words: str,
    site: Any = None,
    place_words: str = "",
    town: str = "",
    village: str = "",
    longitude: float | None = None,
    latitude: float | None = None,
    attachment_ids: Sequence[UUID] = (),
    severity: str = "",
    suspected_major: bool = False,
    reporter_name: str = "",
    reporter_phone: str = "",
    joins: UUID | None = None,
    origin_id: UUID | None = None,
    found_at: datetime | None = None,
) -> Case:
    """Report one hazard, illegal production, violation or accident, and return its new case.

    ``kind``: a hazard kind's code; its severity holds unless ``severity`` says otherwise. The place is ``site`` (a Site the
    user sees), else a WGS 84 position, else ``place_words`` with a town. ``joins``: the id of a case that ``similar``
    offered; the report is then kept as merged into it. ``origin_id``: the visit or tip-off it comes from. ``found_at``: when it
    was seen, where that was earlier than now (a phone without a network); limits run from now on, for nobody could act before.
    ``acting_user`` None is the system, or the public through its channel. Raises ``InvalidInput``, ``NotPermitted``.
    """
    place = where(county, site=site, longitude=longitude, latitude=latitude, place_words=place_words, town=town,
                  village=village)  # fmt: skip
    values = {"kind": kind, "channel": channel, "words": words, "place": place and place.place_kind,
              "place_words": place_words, "attachment_ids": list(attachment_ids), "severity": severity,
              "suspected_major": suspected_major, "reporter_name": reporter_name, "reporter_phone": reporter_phone,
              "longitude": longitude, "latitude": latitude, "joins": joins, "found_at": found_at}  # fmt: skip
    role = _role(acting_user, county, channel, place)
    row = engine.begin_new("report", acting_user=acting_user, role=role, values=values)
    if channel not in WITHOUT_PHOTO and not attachment_ids:
        raise InvalidInput({"attachment_ids": "请拍照上传"})
    assert place is not None  # begin_new has asked for it
    case = _new_case(acting_user, role, county, place, kind=kind, severity=severity, channel=channel, words=words,
                     found_at=found_at)  # fmt: skip
    case.is_suspected_major = suspected_major
    case.reporter_name, case.reporter_phone, case.origin_id = reporter_name, reporter_phone, origin_id
    if joins is not None:
        _join(case, joins)
    return _bring_in(row, case, acting_user, values, {"report": attachment_ids}, site)


@transaction.atomic
def settle_on_spot(
    *,
    acting_user: Actor | None,
    county: int,
    kind: str,
    words: str,
    before_ids: Sequence[UUID],
    after_ids: Sequence[UUID],
    channel: str = Channel.MEMBER,
    site: Any = None,
    place_words: str = "",
    town: str = "",
    village: str = "",
    longitude: float | None = None,
    latitude: float | None = None,
    origin_id: UUID | None = None,
    found_at: datetime | None = None,
) -> Case:
    """Report a minor hazard that was put right before the member's eyes, with photographs from before and after.

    Only kinds that the handbook lets be settled on the spot; the town station confirms or refuses. Raises as ``report``.
    """
    place = where(county, site=site, longitude=longitude, latitude=latitude, place_words=place_words, town=town,
                  village=village)  # fmt: skip
    values = {"kind": kind, "channel": channel, "words": words, "place": place and place.place_kind,
              "place_words": place_words, "before_ids": list(before_ids), "after_ids": list(after_ids),
              "longitude": longitude, "latitude": latitude, "found_at": found_at}  # fmt: skip
    role = _role(acting_user, county, channel, place)
    row = engine.begin_new("settle_on_spot", acting_user=acting_user, role=role, values=values)
    if not handbook.hazard_kind(county, kind).may_settle_on_spot:
        raise Refused("这类隐患不能当场整改了结，请按正常程序上报")
    assert place is not None
    case = _new_case(acting_user, role, county, place, kind=kind, severity="minor", channel=channel, words=words,
                     found_at=found_at)  # fmt: skip
    case.is_settled_on_spot, case.origin_id = True, origin_id
    return _bring_in(row, case, acting_user, values, {"before": before_ids, "after": after_ids}, site)


def _role(acting_user: Actor | None, county: int, channel: str, place: Where | None) -> str:
    """Return the role in which the user reports through ``channel`` from there; raise ``NotPermitted``."""
    if channel not in Channel.values:
        raise InvalidInput({"channel": "没有这个来源渠道"})
    if acting_user is None:
        return access.PUBLIC if channel == Channel.PUBLIC else access.SYSTEM
    for holding in held(acting_user, *[role for role, channels in CHANNELS.items() if channel in channels]):
        if holding.kind in ANYWHERE_IN_COUNTY or place is None:
            reaches = access.reaches_county(holding, county)
        elif holding.kind == "site_contact":
            reaches = place.site_id is not None and place.site_id == holding.site_id
        else:
            reaches = access.covers(holding, county, place.town, place.village)
        if reaches:
            return holding.kind
    raise NotPermitted("您的岗位不能从这里、以这个渠道上报")


def _new_case(acting_user: Actor | None, role: str, county: int, place: Where, *, kind: str, severity: str,
              channel: str, words: str, found_at: datetime | None) -> Case:  # fmt: skip
    node = handbook.hazard_kind(county, kind)
    # A visit asks what its published checklist asked: a kind retired since then is still what was found.
    if not node.is_active and channel != Channel.PATROL:
        raise InvalidInput({"kind": "这个隐患类别已停用，请另选"})
    if severity and severity not in SEVERITIES:
        raise InvalidInput({"severity": "严重程度只能是轻微、一般或重大"})
    now = clock.now()
    if found_at is not None and (found_at.tzinfo is None or found_at > now):
        raise InvalidInput({"found_at": "发现时间不能晚于现在"})
    return Case(
        county=county,
        state="reported",
        kind=kind,
        severity=severity or node.severity,
        nature=node.nature,
        is_accident=node.nature == "accident",
        channel=channel,
        words=words,
        reporter_id=acting_user.id if acting_user else None,
        reporter_role=role,
        reported_at=now,
        found_at=found_at,
        updated_at=now,
        **vars(place),
    )


def _join(case: Case, joins: UUID) -> None:
    offered = similar(case.county, case.kind, case.site_id, case.longitude, case.latitude,
                      case.found_at or case.reported_at)  # fmt: skip
    if joins not in {one.case_id for one in offered}:
        raise InvalidInput({"joins": "所选案件不在可并入的相似案件之列"})
    case.state, case.merged_into_id = "merged", joins


def _bring_in(row: CaseRow, case: Case, acting_user: Actor | None, values: Mapping[str, Any],
              photos: Mapping[str, Sequence[UUID]], site: Any) -> Case:  # fmt: skip
    timers = CaseTimers(case, case.reported_at, is_new=True)
    if case.state != "merged":
        timers.apply(row.effects, case.state, kind=case.kind, severity=case.severity, department_id=None)
        if case.is_accident:
            timers.run(Stage.FIRST_REPORT, FIRST_REPORT_LIMIT, None)
    for name, value in timers.case_fields(case.state).items():
        setattr(case, name, value)
    insert(case)
    said.keep(case, site.name if site is not None else "")
    timers.save()
    for purpose, ids in photos.items():
        engine.attach(acting_user, case, ids, purpose)
    facts = {"state": ["", case.state], "number": case.number, **engine.given(values)}
    engine.record(row.verb, acting_user, case.reporter_role, case, facts)
    engine.announce(row, case, acting_user, row.tell if case.state != "merged" else ())
    return case
