"""What becomes of each row of a table of sites: which site it is, what it changes, and the writing of a batch."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db import transaction

from safegrid.foundation import bulk
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import CREATED, UNCHANGED, UPDATED, Outcome, ParsedRow, refused
from safegrid.regions import selectors as regions
from safegrid.regions.datum import Datum, looks_swapped, to_wgs84
from safegrid.sites.access import can_at
from safegrid.sites.checks import PLACES
from safegrid.sites.intake_writing import Write, contacts_of, write
from safegrid.sites.models import Site
from safegrid.sites.places import PlaceError, Places

PLAIN = ("name", "site_type", "industry", "scale", "employees", "risk_grade", "credit_code", "address", "opening_hours",
         "status")  # fmt: skip
NO_POSITION = "没有坐标，不能按位置划入网格"
OUTSIDE = "坐标在本县各村范围之外"
ELSEWHERE = "坐标所在的村与所填的村（社区）不一致"
CROWDED = "与许多对象同一坐标，可能是按地名推算的位置"
CROWD = 10
FIRST = 200


class Bad(Exception):
    def __init__(self, message: str, column: str = "") -> None:
        super().__init__(message)
        self.outcome = refused(message, column)


@dataclass
class Intake:
    """One import's state; ``apply`` takes its batches in the order of the file. ``towns``: None for the whole county."""

    county: int
    acting_user: Actor | None
    towns: frozenset[str] | None
    datum: Datum
    writes: bool
    is_demonstration: bool = False
    source: str = ""
    remarks: Counter[str] = field(default_factory=Counter)
    first_remarks: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._places = Places.of(self.county)
        self._shaped = regions.has_village_shapes(self.county)
        self._may_mark = can_at(self.acting_user, "mark_directly_supervised", self.county)
        # Numbers only: a million rows must fit. Key of a row without a code, or credit code → its row, negative without code.
        self._seen: dict[int, int] = {}
        self._claimed: set[int] = set()  # hashes of the sites that rows so far were about
        self._points, self._point_rows = array("q"), array("q")
        self._written, self._look_again_at = 0, 2_000

    def apply(self, rows: list[ParsedRow]) -> Sequence[Outcome]:
        """Decide about every row of a batch, and write it unless this is a dry run."""
        with transaction.atomic() if self.writes else nullcontext():
            known = _Known(self.county, rows, lock=self.writes)
            found = self._positions(rows)
            outcomes: list[Outcome] = []
            writes: list[Write] = []
            for row, position in zip(rows, found, strict=True):
                try:
                    step = self._decide(row, position, known)
                except Bad as bad:
                    outcomes.append(bad.outcome)
                    continue
                self._remark_position(row, position, step)
                outcomes.append(CREATED if step.is_new else UPDATED if step.changes_anything else UNCHANGED)
                if self.writes and outcomes[-1] is not UNCHANGED:
                    writes.append(step)
            if writes:
                write(self.county, self.acting_user, writes, is_demonstration=self.is_demonstration, source=self.source)
                self._written += len(writes)
                if self._written >= self._look_again_at:
                    bulk.look_again(Site)
                    self._look_again_at = 4 * self._written
        return outcomes

    def _positions(self, rows: list[ParsedRow]) -> list[tuple[float, float, str] | None]:
        """Return for each row its position in WGS 84 and the village there ("" outside all), None without a position."""
        placed = [index for index, row in enumerate(rows) if row.values["longitude"] is not None]
        found: list[tuple[float, float, str] | None] = [None] * len(rows)
        if not placed:
            return found
        pairs = np.array([(rows[i].values["longitude"], rows[i].values["latitude"]) for i in placed], dtype=np.float64)
        xs, ys = to_wgs84(pairs[:, 0], pairs[:, 1], self.datum)
        xs, ys = np.round(xs, PLACES), np.round(ys, PLACES)
        villages: Sequence[str] = regions.locate_villages(self.county, xs, ys) if self._shaped else [""] * len(placed)  # type: ignore[arg-type]
        for index, x, y, village in zip(placed, xs.tolist(), ys.tolist(), villages, strict=True):
            found[index] = (x, y, village)
        return found

    def _decide(self, row: ParsedRow, position: tuple[float, float, str] | None, known: _Known) -> Write:
        values = row.values
        if position is not None and looks_swapped(values["longitude"], values["latitude"]):
            raise Bad("经度和纬度可能填反", "longitude")
        site = self._match(row, known)
        if site is not None:
            if hash(site.id) in self._claimed:
                raise Bad("前面已有一行是台账中的同一个对象，请合并为一行", "code")
            self._claimed.add(hash(site.id))
        new = {name: values[name] for name in PLAIN if values[name] is not None}
        new["town"], new["village"] = self._place(values, position, site)
        if position is not None:
            new |= {"longitude": position[0], "latitude": position[1], "declared_datum": self.datum.value}
        self._check_permission(new, site)
        if values["direct_authority"] and not self._may_mark:
            raise Bad("只有牵头部门可以登记直接监管", "direct_authority")
        if site is not None:
            new = {name: value for name, value in new.items() if value != getattr(site, name)}
        direct = (values["direct_authority"], values["direct_reason"])
        marks = bool(direct[0]) and (site is None or not site.is_directly_supervised)
        contact = (values["contact_name"], values["contact_phone"] or "")
        adds = bool(contact[0]) and (site is None or not known.has_contact(site, *contact))
        return Write(site, new, values["code"] or "", contact if adds else None, direct if marks else None)

    def _match(self, row: ParsedRow, known: _Known) -> Site | None:
        """Return the site a row is about, None for a new one; refuse what would be two sites or one site twice."""
        values, number = row.values, row.number
        code, credit = values["code"], values["credit_code"]
        if credit:
            earlier = self._seen.setdefault(hash(credit), number if code else -number)
            if abs(earlier) != number and (not code or earlier < 0):
                raise Bad(
                    f"与第 {abs(earlier)} 行信用代码相同；同一单位有多处场所的，请每行填写对象编码", "credit_code"
                )
        if code:
            return known.by_code.get(code)
        if credit:
            found = known.by_credit.get(credit, [])
        else:
            words = (values["name"], values["town"] or "", values["village"] or "", values["address"] or "")
            earlier = self._seen.setdefault(hash(words), -number)
            if abs(earlier) != number:
                raise Bad(f"与第 {abs(earlier)} 行名称、地址都相同；确属两个对象的，请填写对象编码", "name")
            found = self._by_name(values, known)
        if len(found) > 1:
            raise Bad("台账中有多个这样的对象，请填写对象编码以便区分", "code")
        return found[0] if found else None

    def _by_name(self, values: dict[str, Any], known: _Known) -> list[Site]:
        same = [site for site in known.by_name.get(values["name"], []) if site.address == (values["address"] or "")]
        if not values["town"] and not values["village"]:
            return same
        try:
            town, village = self._places.find(values["town"] or "", values["village"] or "")
        except PlaceError:
            return []  # refused a moment later, for its place
        return [site for site in same if site.town == town and village in ("", site.village)]

    def _place(self, values: dict[str, Any], position: Any, site: Site | None) -> tuple[str, str]:
        town, village = values["town"] or "", values["village"] or ""
        if town or village:
            try:
                found = self._places.find(town, village)
            except PlaceError as error:
                raise Bad(str(error), error.column) from error
            kept = site is not None and not village and site.town == found[0]
            return (site.town, site.village) if kept and site is not None else found
        if site is not None:
            return site.town, site.village
        if position is not None and position[2]:
            return position[2][:9], position[2]
        raise Bad(
            "请填写乡镇（街道）或村（社区）" + ("；坐标不在本县任何村内" if position and self._shaped else ""), "town"
        )

    def _check_permission(self, new: dict[str, Any], site: Site | None) -> None:
        if self.towns is None:
            return
        if new["town"] not in self.towns or (site is not None and site.town not in self.towns):
            raise Bad("不在您的管辖乡镇内", "town")

    def _remark_position(self, row: ParsedRow, position: tuple[float, float, str] | None, step: Write) -> None:
        if position is None:
            if step.is_new:
                self._remark(row.number, NO_POSITION)
            return
        self._points.append(hash(position[:2]))
        self._point_rows.append(row.number)
        if not self._shaped:
            return
        village = step.values.get("village", step.site.village if step.site else "")
        if not position[2]:
            self._remark(row.number, OUTSIDE)
        elif village and village != position[2]:
            self._remark(row.number, ELSEWHERE)

    def _remark(self, number: int, words: str) -> None:
        self.remarks[words] += 1
        if len(self.first_remarks) < FIRST:
            self.first_remarks.append((number, words))

    def remark_crowds(self) -> None:
        """At the end: remark the rows that share their position with nine others or more."""
        if not self._points:
            return
        _, inverse, counts = np.unique(
            np.frombuffer(self._points, dtype=np.int64), return_inverse=True, return_counts=True
        )
        for index in np.flatnonzero(counts[inverse] >= CROWD).tolist():
            self._remark(self._point_rows[index], CROWDED)


class _Known:
    """The sites that a batch may be about, and their contacts, read in a few statements."""

    def __init__(self, county: int, rows: list[ParsedRow], *, lock: bool) -> None:
        sites = Site.objects.filter(county=county)
        sites = sites.select_for_update() if lock else sites
        codes = _given(row.values["code"] for row in rows)
        bare = [row.values for row in rows if not row.values["code"]]
        credits = _given(values["credit_code"] for values in bare)
        names = _given(values["name"] for values in bare if not values["credit_code"])
        self.by_code = {site.code: site for site in sites.filter(code__in=codes)} if codes else {}
        self.by_credit: dict[str, list[Site]] = {}
        for site in sites.filter(credit_code__in=credits) if credits else ():
            self.by_credit.setdefault(site.credit_code, []).append(site)
        self.by_name: dict[str, list[Site]] = {}
        for site in sites.filter(credit_code="", name__in=names) if names else ():
            self.by_name.setdefault(site.name, []).append(site)
        lists = [list(self.by_code.values()), *self.by_credit.values(), *self.by_name.values()]
        ids = {site.id for sites in lists for site in sites}
        asked = any(row.values["contact_name"] for row in rows)
        self._contacts = contacts_of(county, ids) if ids and asked else {}

    def has_contact(self, site: Site, name: str, phone: str) -> bool:
        """Say whether the site already has this contact; an empty phone says nothing."""
        return any(one.name == name and phone in ("", one.phone) for one in self._contacts.get(site.id, ()))


def _given(values: Iterable[Any]) -> list[str]:
    return sorted({value for value in values if value})
