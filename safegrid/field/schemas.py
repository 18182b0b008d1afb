"""What phones send and get."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import AwareDatetime, Field

from safegrid.field.moments import FARTHEST_MS

MOST_OPERATIONS = 50
MOST_BYTES = 15 * 1024 * 1024


class SignInIn(Schema):
    """``code``: of the authenticator, or a recovery code, where one is asked for."""

    username: str = Field(max_length=60)
    password: str = Field(max_length=200)
    code: str = Field("", max_length=40)
    device_id: UUID
    device_name: str = Field("", max_length=200)


class MemberOut(Schema):
    id: UUID
    code: str
    name: str
    is_full_time: bool
    employer: str
    town: str
    town_name: str


class MeOut(Schema):
    """Who is signed in. ``member`` of grid members, ``village`` (12 digits) of committees."""

    id: UUID
    name: str
    username: str
    roles: list[str]
    county: int
    county_name: str
    member: MemberOut | None
    village: str


class SignedIn(Schema):
    me: MeOut
    server_time: datetime


class StateOut(Schema):
    """``active``: the session merely ended; ``signed_out``: forget everything; ``unknown``."""

    state: str


class OperationIn(Schema):
    """One act. ``offset_ms``: server less phone, as known when it was made; ``depends_on``: acts that must have been done."""

    id: UUID
    kind: str = Field(max_length=60)
    device_time: AwareDatetime
    offset_ms: int | None = Field(None, ge=-FARTHEST_MS, le=FARTHEST_MS)
    depends_on: list[UUID] = Field(default_factory=list, max_length=50)
    payload: dict[str, Any] = Field(default_factory=dict)


class OperationsIn(Schema):
    """Acts in the order made. ``device_now``: the phone's clock when sending. Each operation is read on its own."""

    device_now: AwareDatetime
    operations: list[OperationIn] = Field(min_length=1, max_length=MOST_OPERATIONS)


class Batch(Schema):
    """``OperationsIn`` with its operations unread: one that cannot be read must not hold the others up."""

    device_now: AwareDatetime
    operations: list[dict[str, Any]] = Field(min_length=1, max_length=MOST_OPERATIONS)


class AnswerOut(Schema):
    """``status``: done, later, conflict or refused; see docs/field.md."""

    id: UUID
    status: str
    result: dict[str, Any] = {}
    code: str = ""
    words: str = ""
    fields: dict[str, str] = {}
    missing: list[UUID] = []


class AnswersOut(Schema):
    server_time: datetime
    answers: list[AnswerOut]


class UploadIn(Schema):
    """A photo to come: ``size`` in bytes, ``sha256`` of them, position in WGS 84 degrees, ``camera_sha256`` of the picture
    as the camera gave it, before it was made smaller."""

    id: UUID
    size: int = Field(gt=0, le=MOST_BYTES)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    media_type: str = Field("", max_length=60)
    taken_at: AwareDatetime | None = None
    longitude: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)
    latitude: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    accuracy_m: float | None = Field(None, ge=0, allow_inf_nan=False)
    camera_sha256: str = Field("", pattern="^([0-9a-f]{64})?$")


class UploadOut(Schema):
    """``received``: how many bytes are here; ``done``: the photo is whole and kept."""

    received: int
    done: bool


class Changes(Schema):
    rows: list[dict[str, Any]]
    gone: list[str]


class PullOut(Schema):
    """What changed since ``cursor`` was given; see docs/field.md. ``unavailable``: feeds that could not be read now."""

    cursor: str
    more: bool
    reset: bool
    server_time: datetime
    feeds: dict[str, Changes]
    unavailable: list[str]
