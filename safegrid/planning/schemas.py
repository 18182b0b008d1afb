"""What the API of planning takes and gives. Loads in hours a year, shares not percent, metres and kilometres as named."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field


class ScenarioOut(Schema):
    id: UUID
    county: int
    town: str
    name: str
    purpose: str
    state: str
    version: int
    message: str
    figures: dict[str, Any]
    copied_from_id: UUID | None
    created_by_id: UUID | None
    created_at: datetime
    published_from: date | None


class MessageOut(Schema):
    """What was found before the run; a blocking one keeps it from starting. ``units``: numbers of base units."""

    code: str
    text: str
    remedy: str
    is_blocking: bool
    units: list[int]


class FigureOut(Schema):
    """A figure with its proven bound: no plan of the kind that ``holds_for`` tells is better than ``bound``."""

    key: str
    label: str
    value: float | None
    shown: str
    bound: float | None
    bound_shown: str
    is_proven: bool
    method: str
    holds_for: str


class PlannedGridOut(Schema):
    """``keeps``: today's grid that it continues; ``grid_id``: the grid it became when published."""

    number: int
    code: str
    name: str
    kind: str
    town: str
    village: str
    villages: list[str]
    hours: float
    deviation: float
    units: int
    sites: int
    full_time: int
    part_time: int
    walked_km: float
    keeps: UUID | None
    grid_id: UUID | None


class ScenarioDetail(ScenarioOut):
    parameters: dict[str, Any]
    findings: list[MessageOut]
    measured: list[FigureOut]
    planned: list[PlannedGridOut]


class UnitOut(Schema):
    number: int
    kind: str
    village: str
    village_name: str
    hours: float
    sites: int
    grid: int | None
    longitude: float
    latitude: float
    is_approximate: bool


class ProgressOut(Schema):
    """How far a run is; ``labels[unit]`` is the best plan so far."""

    state: str
    label: str
    is_over: bool
    stop_requested: bool
    seconds: float
    rounds: int
    labels: list[int]
    figures: dict[str, Any]
    message: str
    version: int


class ComparedLineOut(Schema):
    """One figure of the scenarios in the order asked; ``best`` are the columns that have the best value."""

    key: str
    label: str
    better: str
    cells: list[FigureOut]
    best: list[int]


class ComparisonOut(Schema):
    scenarios: list[ScenarioOut]
    lines: list[ComparedLineOut]


class ClusterOut(Schema):
    id: UUID
    name: str
    town: str
    villages: list[str]
    sites: int
    hours: float
    state: str
    reason: str

    @staticmethod
    def resolve_hours(row: Any) -> float:
        return round(float(row.minutes) / 60, 1)


class LeftOutOut(Schema):
    site_id: UUID
    name: str
    why: str


class EditOut(Schema):
    number: int
    kind: str
    words: str
    made_at: datetime
    undone_at: datetime | None


class ProposalOut(Schema):
    id: UUID
    scenario_id: UUID
    town: str
    grid_id: UUID
    member_id: UUID
    why: str
    state: str
    reason: str


class CreateIn(Schema):
    """``town`` empty: the whole county. ``parameters`` left out are the handbook's norms and the defaults."""

    name: str
    town: str = ""
    parameters: dict[str, Any] = {}


class CopyIn(Schema):
    name: str
    changes: dict[str, Any] = {}


class VersionIn(Schema):
    """``version``: the one that was seen; another one is a conflict. Left out, it is not compared."""

    version: int | None = None


class ChangeIn(VersionIn):
    name: str | None = None
    changes: dict[str, Any] = {}


class ReasonIn(VersionIn):
    reason: str = ""


class SearchIn(VersionIn):
    distance_m: float = 60.0
    at_least: int = 30


class NameIn(VersionIn):
    name: str = ""


class MoveIn(VersionIn):
    unit: int
    to_grid: int


class MergeIn(VersionIn):
    grids: list[int] = Field(max_length=10)


class SplitIn(VersionIn):
    units: list[int] = Field(max_length=100_000)


class ApproveIn(VersionIn):
    words: str = ""


class PublishIn(VersionIn):
    valid_from: date
