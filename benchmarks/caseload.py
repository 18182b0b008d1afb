"""Three years of a large county's cases, the same for the same seed, written straight into the tables."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from tqdm import tqdm

from benchmarks.county import COUNTY, County
from safegrid.cases import said
from safegrid.cases.models import Case, CaseTimer
from safegrid.foundation import bulk, clock
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import TraceRow
from safegrid.handbook.selectors import hazard_kinds
from safegrid.sites.models import Site

SEED, YEARS = 7, 3
OPEN_SHARE = 0.07  # among the latest fifth of the time a third is open
TRACED_SHARE, ACTS = 0.1, ("report", "register", "dispatch", "receive")
OPEN_STATES = (("reported", 12), ("verifying", 3), ("registered", 8), ("dispatched", 12), ("returned", 2), ("disputed", 1),
               ("handling", 40), ("suspended", 2), ("rectified", 14), ("rechecked", 6))  # fmt: skip
STAGES = {"reported": "accept", "verifying": "verify", "registered": "dispatch", "dispatched": "receive",
          "returned": "dispatch", "handling": "handle", "rectified": "recheck", "rechecked": "close"}  # fmt: skip
ENDED = (("closed", 94), ("rejected", 4), ("merged", 1), ("cancelled", 1))
TIMINGS = (("on_time", 78), ("near", 10), ("overdue", 9), ("badly_overdue", 3))
SEVERITIES = (("minor", 58), ("general", 38), ("major", 4))
CHANNELS = (("patrol", 60), ("member", 20), ("inspection", 10), ("hotline", 6), ("public", 4))
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass
class Caseload:
    """The generator. ``sites`` are (id, town, village, grid, longitude, latitude, department)."""

    county: County
    number: int
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))
    sites: list[tuple[Any, ...]] = field(default_factory=list)

    def write(self, sites: int) -> None:
        """Write ``sites`` sites and the cases with running timers; acts in the trace for the latest tenth."""
        self.now = clock.now()
        _insert(Site, tqdm(self._sites(sites), "sites", sites, mininterval=2))
        # Read now: while COPY runs, its connection answers nothing else.
        kinds = [
            (kind.code, kind.nature) for kind in hazard_kinds(COUNTY) if kind.is_leaf and kind.nature != "accident"
        ]
        timers: list[dict[str, Any]] = []
        acts: list[dict[str, Any]] = []
        _insert(Case, tqdm(self._cases(kinds, timers, acts), "cases", self.number, mininterval=2))
        said.keep_missing(COUNTY)
        _insert(CaseTimer, timers)
        _insert(TraceRow, acts)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")

    def _sites(self, number: int) -> Iterator[dict[str, Any]]:
        for one in range(number):
            village = self.rng.choice(self.county.villages)
            west, south, east, north = village.area.bounds
            department = self._department()
            row = (uuid7(), village.town, village.code, village.grid.id, self.rng.uniform(west, east),
                   self.rng.uniform(south, north), department)  # fmt: skip
            self.sites.append(row)
            yield {
                "id": row[0], "county": COUNTY, "code": f"D{one:07d}", "name": f"测算县第{one}号企业有限公司",
                "site_type": "enterprise", "industry": "2631", "town": row[1], "village": row[2], "grid_id": row[3],
                "longitude": row[4], "latitude": row[5], "department_id": department, "created_at": self.now,
                "updated_at": self.now,
            }  # fmt: skip

    def _department(self) -> UUID:
        bodies = self.county.departments
        # The first bodies have most of the work, as everywhere.
        found: UUID = bodies[min(int(self.rng.expovariate(0.4)), len(bodies) - 1)].id
        return found

    def _cases(
        self, kinds: list[tuple[str, str]], timers: list[dict[str, Any]], acts: list[dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        weights = [1 / (rank + 1) for rank in range(len(kinds))]
        member = self.county.people["grid_member"].id
        home = self.county.villages[0].grid.id
        start, span = self.now - timedelta(days=365 * YEARS), timedelta(days=365 * YEARS)
        for one in range(self.number):
            reported_at = start + span * ((one + self.rng.random()) / self.number)
            row = self._case(one, reported_at, self.rng.choices(kinds, weights)[0])
            if row["grid_id"] == home:
                row["reporter_id"] = member
                row["rechecker_id"] = member if row["state"] == "rectified" else None
            if row["due_at"] is not None:
                timers.append(self._timer(row))
            if one >= self.number * (1 - TRACED_SHARE):
                acts.extend(self._acts(row))
            yield row

    def _case(self, one: int, reported_at: datetime, kind: tuple[str, str]) -> dict[str, Any]:
        site, town, village, grid, longitude, latitude, department = self.rng.choice(self.sites)
        is_late = one > self.number * 0.8
        is_open = self.rng.random() < (OPEN_SHARE * 4.6 if is_late else OPEN_SHARE * 0.1)
        state = self._pick(OPEN_STATES if is_open else ENDED)
        later = [reported_at + timedelta(hours=hours) for hours in (4, 8, 200, 240)]
        routed = state not in ("reported", "verifying", "registered", "rejected", "merged", "cancelled")
        timing = self._pick(TIMINGS) if state in STAGES else "on_time"
        due_at = self._due(timing) if state in STAGES else None
        return {
            "id": _id_at(reported_at, self.rng), "county": COUNTY, "state": state,
            "number": f"{COUNTY}-{reported_at:%y%m%d}-{_digits(one)}", "kind": kind[0], "nature": kind[1],
            "severity": self._pick(SEVERITIES), "channel": self._pick(CHANNELS),
            "words": f"检查发现消防通道被杂物堵塞，灭火器过期，现场编号{one}", "place_kind": "site", "site": site,
            "grid_id": grid, "town": town, "village": village, "longitude": longitude, "latitude": latitude,
            "reporter_role": "grid_member", "reported_at": reported_at,
            "registered_at": later[0] if routed or state == "registered" else None,
            "dispatched_at": later[1] if routed else None, "department": department if routed else None,
            "department_since": later[1] if routed else None,
            "rectified_at": later[2] if state in ("rectified", "rechecked", "closed") else None,
            "closed_at": later[3] if state == "closed" else None, "stage": STAGES.get(state, ""), "due_at": due_at,
            "timing": timing, "was_overdue": timing in ("overdue", "badly_overdue"), "updated_at": reported_at,
        }  # fmt: skip

    def _due(self, timing: str) -> datetime:
        hours = {"on_time": (48, 400), "near": (1, 48), "overdue": (-200, -1), "badly_overdue": (-900, -200)}[timing]
        return self.now + timedelta(hours=self.rng.uniform(*hours))

    def _pick(self, weighted: Sequence[tuple[str, int]]) -> str:
        return self.rng.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]

    def _timer(self, row: dict[str, Any]) -> dict[str, Any]:
        limit = {"value": 10, "unit": "working_days"}
        began = row["updated_at"]
        return {
            "id": uuid7(), "county": COUNTY, "case": row["id"], "stage": row["stage"], "department_id": row["department"],
            "limit": limit, "original_limit": limit, "started_at": began, "resumed_at": began, "due_at": row["due_at"],
            "state": row["timing"], "next_at": row["due_at"],
        }  # fmt: skip

    def _acts(self, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for step, verb in enumerate(ACTS):
            yield {
                "id": uuid7(), "county": COUNTY, "at": row["reported_at"] + timedelta(hours=step * 4),
                "actor": "lead_officer", "role": "lead_officer", "action": f"cases.{verb}", "object_type": "cases.case",
                "object_id": row["id"], "changes": {"state": ["reported", "registered"]}, "row_hash": os.urandom(32),
                "sealed_in": 1,
            }  # fmt: skip


def _insert(model: type[models.Model], rows: Any) -> None:
    """Write rows given as values by field name; what a row leaves out has the model's default."""
    fields = model._meta.concrete_fields
    defaults = {one.name: None if one.null else one.get_default() for one in fields if one.name != "id"}
    names = ["id", *defaults]
    bulk.insert(
        model, names, ([row["id"], *(row.get(name, value) for name, value in defaults.items())] for row in rows)
    )


def _id_at(moment: datetime, rng: random.Random) -> UUID:
    """Return a UUIDv7 as it would have been made at ``moment``."""
    random_bits = rng.getrandbits(74)
    high, low = random_bits >> 62, random_bits & ((1 << 62) - 1)
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def _digits(number: int) -> str:
    return "".join(DIGITS[(number >> shift) & 31] for shift in (20, 15, 10, 5, 0))
