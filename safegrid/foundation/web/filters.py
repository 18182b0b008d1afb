"""Filters of lists: each reads its parameters of the URL, narrows the queryset and says how it is shown."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet
from django.http import QueryDict

from safegrid.foundation.clock import SHANGHAI
from safegrid.foundation.scope import Holding, place_q

Choices = Sequence[tuple[str, str]] | Callable[[], Sequence[tuple[str, str]]]
LONGEST_TEXT = 100


class UnreadableError(Exception):
    """A value in the URL makes no sense; the message tells the user, the filter is left out."""


@dataclass(frozen=True)
class FilterField:
    """One input. ``kind``: choice, text, date, flag. ``choices``: (value, label) without the empty one."""

    name: str
    label: str
    kind: str
    value: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    placeholder: str = "全部"


@dataclass(frozen=True)
class Filter(ABC):
    """``name``: the parameter in the URL; ``label``: what the user reads."""

    name: str
    label: str

    @abstractmethod
    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        """Return the rows that fit; raise ``UnreadableError`` for a value that makes no sense."""

    @abstractmethod
    def fields(self, given: QueryDict) -> list[FilterField]:
        """Return the inputs with what was given."""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True)
class ChoiceFilter(Filter):
    """One of several values of ``column`` (by default the filter's name)."""

    choices: Choices = ()
    column: str = ""

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        value = given.get(self.name, "")
        if not value:
            return queryset
        if value not in dict(listed(self.choices)):
            raise UnreadableError(f"“{self.label}”没有这个选项，已忽略")
        return queryset.filter(**{self.column or self.name: value})

    def fields(self, given: QueryDict) -> list[FilterField]:
        return [FilterField(self.name, self.label, "choice", given.get(self.name, ""), listed(self.choices))]


@dataclass(frozen=True)
class TextFilter(Filter):
    """Words that one of ``columns`` contains; ``columns`` are lookups (``name``, ``number__startswith``)."""

    columns: tuple[str, ...] = ()

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        words = given.get(self.name, "").strip()
        if not words:
            return queryset
        if len(words) > LONGEST_TEXT or "\0" in words:
            raise UnreadableError(f"“{self.label}”最多 {LONGEST_TEXT} 个字，已忽略")
        condition = Q(pk__in=[])
        for column in self.columns or (self.name,):
            condition |= Q(**{column if "__" in column else f"{column}__icontains": words})
        return queryset.filter(condition)

    def fields(self, given: QueryDict) -> list[FilterField]:
        return [FilterField(self.name, self.label, "text", given.get(self.name, ""), placeholder=self.label)]


@dataclass(frozen=True)
class BooleanFilter(Filter):
    """Yes or no; ``yes`` may be a condition of its own instead of a column."""

    column: str = ""
    yes: Q | None = None

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        value = given.get(self.name, "")
        if not value:
            return queryset
        if value not in {"yes", "no"}:
            raise UnreadableError(f"“{self.label}”应为是或否，已忽略")
        condition = self.yes if self.yes is not None else Q(**{self.column or self.name: True})
        return queryset.filter(condition if value == "yes" else ~condition)

    def fields(self, given: QueryDict) -> list[FilterField]:
        return [FilterField(self.name, self.label, "choice", given.get(self.name, ""), [("yes", "是"), ("no", "否")])]


@dataclass(frozen=True)
class DateRangeFilter(Filter):
    """From a day to a day, both included, in Asia/Shanghai; parameters ``<name>_from`` and ``<name>_to``."""

    column: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        column = self.column or self.name
        is_time = isinstance(queryset.model._meta.get_field(column), DateTimeField)
        first, last = (self._day(given.get(name, "")) for name in self.names)
        if first and last and first > last:
            raise UnreadableError(f"“{self.label}”的开始日期晚于结束日期，已忽略")
        if first:
            queryset = queryset.filter(**{f"{column}__gte": _midnight(first) if is_time else first})
        if last:
            end = last + timedelta(days=1)
            queryset = queryset.filter(**{f"{column}__lt": _midnight(end) if is_time else end})
        return queryset

    def _day(self, written: str) -> date | None:
        try:
            day = date.fromisoformat(written) if written else None
        except ValueError as error:
            raise UnreadableError(f"“{self.label}”应为日期，如 2025-03-01，已忽略") from error
        if day and not 1900 < day.year < 2200:
            raise UnreadableError(f"“{self.label}”的年份不合理，已忽略")
        return day

    def fields(self, given: QueryDict) -> list[FilterField]:
        first, last = self.names
        return [
            FilterField(first, f"{self.label}从", "date", given.get(first, "")),
            FilterField(last, f"{self.label}至", "date", given.get(last, "")),
        ]


@dataclass(frozen=True)
class RegionFilter(Filter):
    """A place below ``root``, chosen level by level: one select for each level, all under the same name.

    ``children``: code → (code, name) of the regions below it (``regions.selectors``). Rows have ``county`` and the columns
    ``town`` and ``village``. Of the values given, the deepest that lies inside the shallower ones counts.
    """

    children: Callable[[str], Sequence[tuple[str, str]]] = lambda _: ()
    root: str = ""
    town: str = "town"
    village: str = "village"

    def chosen(self, given: QueryDict) -> str:
        code = self.root
        for value in sorted(given.getlist(self.name), key=len):
            if re.fullmatch(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", value) and value.startswith(code):
                code = value
        return code

    def narrow(self, queryset: QuerySet[Any, Any], given: QueryDict) -> QuerySet[Any, Any]:
        code = self.chosen(given)
        if code == self.root:
            if any(given.getlist(self.name)):
                raise UnreadableError(f"“{self.label}”不在您的管辖范围内，已忽略")
            return queryset
        return queryset.filter(place_q(Holding("", code), town=self.town, village=self.village))

    def fields(self, given: QueryDict) -> list[FilterField]:
        shown: list[FilterField] = []
        chosen, parent = self.chosen(given), self.root
        while True:
            choices = list(self.children(parent)) if len(parent) < 12 else []
            if not choices:
                return shown
            value = next((code for code, _ in choices if chosen.startswith(code)), "")
            shown.append(FilterField(self.name, self.label, "choice", value, choices))
            if not value:
                return shown
            parent = value


def listed(choices: Choices) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in (choices() if callable(choices) else choices)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
