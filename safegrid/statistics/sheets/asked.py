"""One question for figures: whose, of which place and period; what several sheets need is read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from safegrid.accounts.selectors import names_of as people
from safegrid.cases import words
from safegrid.cases.facts import EXCUSABLE
from safegrid.foundation.scope import Actor
from safegrid.grids import selectors as grids
from safegrid.handbook import selectors as handbook
from safegrid.orgs import selectors as orgs
from safegrid.regions import selectors as regions
from safegrid.statistics import reading
from safegrid.statistics.models import CaseSummary, PlaceSummary, VisitSummary
from safegrid.statistics.reading import Counts, Period
from safegrid.statistics.sheets.shape import Line, share

MONTHS = 13  # of trends: this month, and the same one a year ago
GROUPED = ("kind", "severity", "channel", "department")  # the last only for counties and below
GROUP_MEASURES = (
    "reported", "registered", "closed", "open_now", "overdue_now", "handled", "should_handle", "handled_in_time",
    "excused_handled_in_time", "excused_should_handle", "should_close", "closed_in_time", "excused_closed_in_time",
    "excused_should_close", "dispatched", "sent_right", "reworked", "ever_handled", "excused_overdue_now",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """``place`` is one that the user reads (``access.place_for``). ``excused``: overruns with an accepted appeal are in time."""

    user: Actor
    place: str
    period: Period
    excused: bool = False

    @property
    def county(self) -> int | None:
        return reading.county_of(self.place)

    @cached_property
    def place_name(self) -> str:
        return regions.name_of(self.place) if self.place else "全国"

    @cached_property
    def keeping(self) -> tuple[datetime | None, int | None]:
        """For which moment the figures hold, and a county that they are of."""
        return reading.keeping(self.place)

    def named(self, measure: str) -> str:
        """Return the column that holds a measure as asked: with or without exemptions."""
        return f"excused_{measure}" if self.excused and measure in EXCUSABLE else measure

    def count(self, counts: Counts, measure: str) -> int:
        return counts[self.named(measure)]

    def rate(self, counts: Counts, over: str, under: str) -> float | None:
        return share(self.count(counts, over), self.count(counts, under))

    @cached_property
    def _over_time(self) -> tuple[list[Counts], dict[date, Counts]]:
        periods = [self.period, self.period.a_month_before(), self.period.a_year_before()]
        return reading.over_time(self.place, periods, self.period.months(MONTHS))

    @property
    def totals(self) -> list[Counts]:
        """The sums of cases of the period, the same a month and a year before."""
        return self._over_time[0]

    @property
    def months(self) -> dict[date, Counts]:
        return self._over_time[1]

    @cached_property
    def ever(self) -> Counts:
        """What is open now, whenever it was reported."""
        return reading.ever(self.place, ("open_now", "near_now", "over_now", "badly_over_now", "rung_1", "rung_2", "rung_3",
                                         "overdue_now", "excused_overdue_now"))  # fmt: skip

    @cached_property
    def here(self) -> tuple[Counts, dict[date, Counts]]:
        """What the place has and lacks now, and had a month and a year ago."""
        before = (self.period.a_month_before().until, self.period.a_year_before().until)
        return reading.now_and_then(self.place, list(before))

    @cached_property
    def part_names(self) -> dict[str, str]:
        """The parts of the place, by code."""
        if len(self.place) >= 12:
            return {}
        return {row.code: row.name for row in regions.children(self.place)}

    @cached_property
    def case_parts(self) -> dict[str, Counts]:
        return reading.parts(CaseSummary, self.place, self.period) if len(self.place) < 12 else {}

    @cached_property
    def place_parts(self) -> dict[str, Counts]:
        return reading.parts(PlaceSummary, self.place, None) if len(self.place) < 12 else {}

    @cached_property
    def _groups(self) -> dict[str, dict[str, Counts]]:
        return {}

    def load_groups(self, wanted: Iterable[str]) -> None:
        """Read several groupings (of ``GROUPED``) at once; what is not kept for such a place has no groups."""
        kept = ("kind",) if len(self.place) >= 12 else GROUPED if self.county is not None else GROUPED[:-1]
        new = [by for by in wanted if by not in self._groups]
        self._groups.update({by: {} for by in new})
        if readable := tuple(by for by in new if by in kept):
            self._groups.update(reading.several_groups(self.place, readable, self.period, GROUP_MEASURES))

    def group(self, by: str) -> dict[str, Counts]:
        """Return the sums of the groups of one grouping, by key."""
        self.load_groups([by])
        return self._groups[by]

    @cached_property
    def by_grid(self) -> dict[str, Counts]:
        return self._below_towns(CaseSummary, "grid")

    @cached_property
    def cases_by_member(self) -> dict[str, Counts]:
        return self._below_towns(CaseSummary, "member")

    @cached_property
    def visits_by_member(self) -> dict[str, Counts]:
        return self._below_towns(VisitSummary, "member")

    def _below_towns(self, model: Any, by: str) -> dict[str, Counts]:
        if len(self.place) not in (6, 9):
            return {}
        measures = ("reported", "registered", "valid", "open_now", "overdue_now") if model is CaseSummary else ()
        return reading.groups(model, self.place, by, self.period, measures)

    # Names

    def kind_name(self, code: str) -> str:
        return self._kind_names.get(code, code)

    @cached_property
    def _kind_names(self) -> dict[str, str]:
        county = self.county or self.keeping[1]
        return handbook.kind_names(county) if county else {}

    def names(self, by: str, keys: Iterable[str]) -> dict[str, str]:
        """Return what the keys of a grouping are called."""
        known = list(keys)
        if by == "kind":
            return {key: self.kind_name(key) for key in known}
        if by in ("severity", "channel"):
            return words.SEVERITIES if by == "severity" else words.CHANNELS
        ids = [UUID(key) for key in known if key]
        county = self.county
        if county is None:
            return {}
        if by == "department":
            return {str(key): name for key, name in orgs.names_of(county, ids).items()}
        found = grids.names_of(county, ids) if by == "grid" else people(ids)
        return {str(key): name for key, name in found.items()}

    def part_lines(self, counts: dict[str, Counts], values: Any) -> Iterator[Line]:
        """Yield a line for every part of the place; ``values(counts)`` gives its figures, of nothing where there is nothing."""
        names = self.part_names | {code: code for code in counts if code not in self.part_names}
        for code, name in names.items():
            yield Line(code, name, values(counts.get(code)), place=code)
