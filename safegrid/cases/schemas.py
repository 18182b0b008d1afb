"""Shapes of the API of cases; those of the verbs' bodies are made from the table and the fields it names."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field, create_model

from safegrid.cases import forms, record
from safegrid.cases.fields import FIELDS, Kind
from safegrid.cases.workflow import CASE, ROWS, CaseRow

TYPES: dict[Kind, Any] = {
    Kind.PHOTOS: list[UUID], Kind.DEGREES: float, Kind.MOMENT: datetime, Kind.DATE: date, Kind.MONEY: Decimal,
    Kind.YES_NO: bool, Kind.DEPARTMENT: UUID, Kind.USER: UUID, Kind.CASE: UUID, Kind.SITE: UUID, Kind.RULE: UUID,
    Kind.TIMER: UUID, Kind.APPEAL: UUID,
}  # fmt: skip

EMPTY: dict[Kind, Any] = {Kind.PHOTOS: [], Kind.YES_NO: False}


class CaseOut(Schema):
    """A case as the user may see it. To a site's contact reporter, channel and words are empty."""

    id: UUID
    county: int
    number: str
    state: str
    state_label: str
    version: int
    kind: str
    severity: str
    nature: str
    channel: str
    words: str
    place_kind: str
    place_words: str
    site_id: UUID | None
    grid_id: UUID | None
    town: str
    village: str
    longitude: float | None
    latitude: float | None
    reporter_role: str
    reported_at: datetime
    found_at: datetime | None
    registered_at: datetime | None
    dispatched_at: datetime | None
    rectified_at: datetime | None
    closed_at: datetime | None
    department_id: UUID | None
    verifier_id: UUID | None
    rechecker_id: UUID | None
    merged_into_id: UUID | None
    is_suspected_major: bool
    is_listed_major: bool
    is_settled_on_spot: bool
    is_supervised: bool
    is_accident: bool
    returns: int
    reworks: int
    stage: str
    due_at: datetime | None
    timing: str
    was_overdue: bool
    updated_at: datetime

    @staticmethod
    def resolve_state_label(case: Any) -> str:
        state = case["state"] if isinstance(case, dict) else case.state
        return CASE.state[state].label


class FieldOut(Schema):
    """A field of a verb: how it is entered (``kind``), and whether the verb is refused without it."""

    name: str
    label: str
    kind: str
    is_required: bool
    max_length: int


class VerbOut(Schema):
    """A verb that the user may use on the case now."""

    verb: str
    label: str
    targets: list[str]
    fields: list[FieldOut]


class TimerOut(Schema):
    """A stage being timed; ``share`` is the part of the limit that is used, 1 at the limit."""

    id: UUID
    stage: str
    label: str
    limit: str
    state: str
    share: float
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    is_paused: bool
    is_excused: bool


class ActOut(Schema):
    """One act upon the case, from the trace, in Chinese words."""

    at: datetime
    action: str
    title: str
    who: str
    words: str


class PhotoOut(Schema):
    id: UUID
    purpose: str
    media_type: str
    taken_at: datetime | None
    url: str
    thumbnail_url: str


class CaseDetail(CaseOut):
    """The case with its timers, what was done, its photographs, and what the user may do now."""

    timers: list[TimerOut]
    timeline: list[ActOut]
    attachments: list[PhotoOut]
    verbs: list[VerbOut]


class SimilarOut(Schema):
    """An open case that may be the same thing: all that a reporter may know of it."""

    case_id: UUID
    number: str
    kind: str
    state: str
    reported_at: datetime
    distance_m: float | None
    same_site: bool


class LineOut(Schema):
    """The figures of one group: counts by name, and the shares made of them."""

    key: str
    counts: dict[str, int]
    rates: dict[str, float | None]


class _PlaceIn(Schema):
    """Where: a site the user sees, else a WGS 84 position, else words with a town."""

    kind: str = Field(max_length=40)
    words: str = Field(max_length=1000)
    site_id: UUID | None = None
    longitude: float | None = None
    latitude: float | None = None
    place_words: str = Field("", max_length=200)
    town: str = ""
    village: str = ""
    found_at: datetime | None = Field(None, description="现场发现时间，早于上报时填写")


class ReportIn(_PlaceIn):
    """``channel``: by default the first of the user's roles. ``joins``: a case that ``similar`` offered."""

    channel: str = ""
    attachment_ids: list[UUID] = []
    severity: str = ""
    suspected_major: bool = False
    reporter_name: str = Field("", max_length=60)
    reporter_phone: str = Field("", max_length=20)
    joins: UUID | None = None


class OnSpotIn(_PlaceIn):
    before_ids: list[UUID]
    after_ids: list[UUID]


def verb_body(verb: str) -> type[Schema]:
    """Return the body of a verb: its fields, and the version of the case that the user saw.

    Only what every row of the verb asks for is required here; the table decides for the state the case is in.
    """
    rows = [row for row in ROWS if row.verb == verb]
    names = list(dict.fromkeys(name for row in rows for name in (*row.required, *row.optional)))
    made: dict[str, Any] = {}
    for name in names:
        field = FIELDS[name]
        kind = TYPES.get(field.kind, str)
        limit: dict[str, Any] = {"max_length": field.max_length} if field.max_length and kind is str else {}
        if all(name in row.required for row in rows):
            made[name] = (kind, Field(description=field.label, **limit))
        else:
            empty = EMPTY.get(field.kind, "" if kind is str else None)
            made[name] = (kind if empty is not None else kind | None, Field(empty, description=field.label, **limit))
    made["version"] = (int | None, Field(None, description="看到的版本；之后有人办理过则拒绝"))
    label = CASE.verb_labels[verb]
    name = "Case" + "".join(part.capitalize() for part in verb.split("_")) + "In"
    return create_model(name, __base__=Schema, __doc__=f"{label}。", **made)


def verb_out(row: CaseRow) -> dict[str, Any]:
    """Return a row of the table as ``VerbOut``."""
    fields = [
        {"name": one.name, "label": one.label, "kind": one.kind, "is_required": required, "max_length": one.max_length}
        for one, required in forms.fields_of(row)
    ]
    return {"verb": row.verb, "label": row.label, "targets": list(row.targets), "fields": fields}


def detail(user: Any, case: Any, rows: list[CaseRow]) -> dict[str, Any]:
    """Return a case read by ``selectors.case_for`` as ``CaseDetail``."""
    plain = CaseOut.from_orm(case).dict()
    photos = [one for _, files in record.photos(user, case) for one in files]
    return {
        **plain,
        "timers": record.timers(user, case),
        "timeline": record.timeline(user, case),
        "attachments": photos,
        "verbs": [verb_out(row) for row in rows],
    }


def line(one: Any) -> dict[str, Any]:
    """Return a line of ``indices`` as ``LineOut``."""
    return {"key": "" if one.key is None else str(one.key), "counts": dict(one.counts), "rates": one.rates}
