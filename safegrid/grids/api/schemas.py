"""What the API of grids takes and gives. Boundaries are GeoJSON geometries, longitude first."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from safegrid.foundation.crypto import mask_phone


class GridOut(Schema):
    id: UUID
    county: int
    code: str
    name: str
    kind: str
    town: str
    village: str
    opened_on: date
    closed_on: date | None


class VersionOut(Schema):
    """A boundary's period and what was found when it was drawn; ``valid_to`` is its last day."""

    id: UUID
    number: int
    area_m2: float
    villages: list[str]
    warnings: list[str]
    is_approximate: bool
    source: str
    valid_from: date
    valid_to: date | None


class OfficerOut(Schema):
    """An officer of a grid; the phone masked."""

    id: UUID
    kind: str
    name: str
    title: str
    phone: str
    valid_from: date
    valid_to: date | None

    @staticmethod
    def resolve_phone(row: Any) -> str:
        return mask_phone(row.phone)


class PostingOut(Schema):
    id: UUID
    member_id: UUID
    grid_id: UUID
    role: str
    valid_from: date
    valid_to: date | None
    paused_since: date | None
    substitute_for_id: UUID | None
    gates: dict[str, Any]


class MemberOut(Schema):
    """A member; of the phone only the last digits."""

    id: UUID
    county: int
    code: str
    name: str
    phone_tail: str
    is_full_time: bool
    employer: str
    town: str
    home_village: str
    task_givers: list[str]
    skills: list[str]
    hired_on: date
    left_on: date | None


class GridDetail(GridOut):
    boundary: dict[str, Any] | None
    versions: list[VersionOut]
    officers: list[OfficerOut]
    postings: list[PostingOut]
    answering: UUID | None
    sites: int


class EvidenceOut(Schema):
    id: UUID
    kind: str
    number: str
    issued_on: date
    expires_on: date | None
    revoked_on: date | None


class LeaveOut(Schema):
    id: UUID
    first_day: date
    last_day: date
    reason: str
    substitute_id: UUID | None


class MemberDetail(MemberOut):
    postings: list[PostingOut]
    evidence: list[EvidenceOut]
    leaves: list[LeaveOut]


class GateOut(Schema):
    name: str
    label: str
    passed: bool
    words: str
    until: date | None


class AssignmentOut(Schema):
    grid_id: UUID
    assigned_by: str
    reason: str
    valid_from: date
    valid_to: date | None


class BoundaryIn(Schema):
    boundary: dict[str, Any]
    datum: str = "wgs84"
    valid_from: date | None = None
    is_approximate: bool = False
    source: str = Field("", max_length=200)


class GridIn(BoundaryIn):
    code: str
    name: str
    kind: str = "village"
    town: str
    village: str = ""


class FitOut(Schema):
    """How a boundary would fit. ``refusal`` is empty where it could stand."""

    villages: list[str]
    warnings: list[str]
    refusal: str


class GridChange(Schema):
    """``wishes``: languages and skills that the grid's member should have; left as they are where not given."""

    name: str
    kind: str
    wishes: list[str] | None = None


class EndIn(Schema):
    """``on``: the first day without it; today where left out."""

    reason: str = ""
    on: date | None = None


class ReasonIn(Schema):
    reason: str = ""


class OfficerIn(Schema):
    kind: str
    name: str = ""
    user_id: UUID | None = None
    title: str = ""
    phone: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


class PostIn(Schema):
    grid_id: UUID
    role: str = "primary"
    valid_from: date | None = None
    valid_to: date | None = None


class EvidenceIn(Schema):
    kind: str
    number: str
    issued_on: date
    expires_on: date | None = None


class LeaveIn(Schema):
    first_day: date
    last_day: date
    reason: str
    substitute_id: UUID | None = None


class MemberIn(Schema):
    """``username``: of an account that exists and bears the same name, or a new one (opened without a password)."""

    username: str
    phone: str = ""
    code: str
    name: str
    employer: str
    town: str
    home_village: str = ""
    is_full_time: bool = True
    task_givers: list[str] = []
    skills: list[str] = []
    hired_on: date | None = None


class MemberChange(Schema):
    name: str | None = None
    is_full_time: bool | None = None
    employer: str | None = None
    town: str | None = None
    home_village: str | None = None
    task_givers: list[str] | None = None
    skills: list[str] | None = None


class HandIn(Schema):
    grid_id: UUID
    reason: str


class ImportOut(Schema):
    """What an import did, or would do: ``report`` as of every import, and what wants a look."""

    report: dict[str, Any]
    warnings: list[str] = []
