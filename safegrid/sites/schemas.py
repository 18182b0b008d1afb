"""What the API of sites takes and gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from safegrid.sites import selectors


class SiteOut(Schema):
    """One site. ``name`` of a household is masked; coordinates are WGS 84."""

    id: UUID
    county: int
    code: str
    name: str = Field(alias="shown_name")
    site_type: str
    industry: str
    scale: str
    employees: int | None
    risk_grade: str
    credit_code: str
    town: str
    village: str
    address: str
    opening_hours: str
    longitude: float | None
    latitude: float | None
    status: str
    is_directly_supervised: bool
    grid_id: UUID | None
    department_id: UUID | None
    is_demonstration: bool
    version: int
    updated_at: datetime


class SiteContactOut(Schema):
    """A contact; phone and ID number masked."""

    id: UUID
    name: str
    position: str
    phone: str
    id_number: str
    is_active: bool


class SiteDetailOut(SiteOut):
    industry_name: str
    contacts: list[SiteContactOut]
    warnings: list[str]
    verbs: list[str]


class SeeingIn(Schema):
    """Why a contact is to be seen in full."""

    reason: str = ""


class SeenContactOut(Schema):
    """A contact in full, for the person who asked; not to be kept."""

    name: str
    phone: str


class SiteHistoryOut(Schema):
    at: datetime
    action: str
    title: str
    words: str
    who: str


class SiteIn(Schema):
    """What a site's entry consists of. A position comes with the ``datum`` it is in: wgs84, cgcs2000, gcj02, bd09."""

    name: str = Field(max_length=200)
    site_type: str
    code: str = ""
    industry: str = ""
    scale: str = "none"
    employees: int | None = None
    risk_grade: str = "blue"
    credit_code: str = ""
    town: str = ""
    village: str = ""
    address: str = ""
    opening_hours: str = ""
    longitude: float | None = None
    latitude: float | None = None
    datum: str = ""


class SiteContactIn(Schema):
    name: str
    position: str = ""
    phone: str = ""
    id_number: str = ""


class SiteRegisterIn(SiteIn):
    contacts: list[SiteContactIn] = []


class SiteChange(Schema):
    """Only the fields sent are changed; ``version`` is the one that was read."""

    name: str | None = None
    site_type: str | None = None
    industry: str | None = None
    scale: str | None = None
    employees: int | None = None
    risk_grade: str | None = None
    credit_code: str | None = None
    town: str | None = None
    village: str | None = None
    address: str | None = None
    opening_hours: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    datum: str | None = None


class SiteChangeIn(Schema):
    version: int
    values: SiteChange


class SiteProposalValues(SiteChange):
    """``status``: active, paused, closed or moved."""

    status: str | None = None


class SiteProposalIn(Schema):
    values: SiteProposalValues
    words: str = ""


class SiteReasonIn(Schema):
    reason: str = ""
    version: int | None = None


class SiteCloseIn(SiteReasonIn):
    how: str = "closed"


class DirectSupervisionIn(Schema):
    reason: str
    authority: str = ""
    department_id: UUID | None = None
    valid_from: date | None = None


class DirectSupervisionEndIn(Schema):
    reason: str
    valid_to: date | None = None


class DirectSupervisionOut(Schema):
    id: UUID
    reason: str
    authority: str
    department_id: UUID | None
    valid_from: date
    valid_to: date | None


class SiteContactChange(Schema):
    name: str | None = None
    position: str | None = None
    phone: str | None = None
    id_number: str | None = None
    is_active: bool | None = None


class SiteChangeRequestOut(Schema):
    """A change request; ``values`` are those proposed."""

    id: UUID
    county: int
    site_id: UUID | None
    town: str
    village: str
    proposed: list[tuple[str, str, str]]
    words: str
    state: str
    proposed_by_id: UUID
    proposed_at: datetime
    review_reason: str

    @staticmethod
    def resolve_proposed(row: Any) -> list[tuple[str, str, str]]:
        return selectors.proposed_in_words(row)


class RegisterDifferenceOut(Schema):
    id: UUID
    county: int
    kind: str
    site_id: UUID | None
    credit_code: str
    name: str
    town: str
    village: str
    found: dict[str, Any]
    settled_as: str
    settled_how: str


class RegisterSettleIn(Schema):
    settle_as: str
    reason: str = ""
    values: SiteChange = SiteChange()
