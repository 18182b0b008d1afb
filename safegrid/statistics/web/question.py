"""What a page of figures is asked for, kept in its URL: place, period, with or without exemptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, QueryDict

from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.scope import Actor, is_place
from safegrid.foundation.web import FilterField, RegionFilter
from safegrid.regions import selectors as regions
from safegrid.statistics import access, selectors
from safegrid.statistics.sheets import Asked


@dataclass(frozen=True)
class Question:
    """``asked``: the question itself; ``problem``: what was left out of it and why; ``given``: as it stood in the URL."""

    asked: Asked
    problem: str
    given: QueryDict

    @property
    def query(self) -> dict[str, str]:
        """The question as parameters of a URL."""
        found = {"place": self.asked.place, "since": self.asked.period.since.isoformat(),
                 "until": self.asked.period.until.isoformat()}  # fmt: skip
        return {**found, "excused": "yes"} if self.asked.excused else found

    def url(self, path: str = "", **changed: Any) -> str:
        """Return an address with the question, changed where said; None leaves a parameter out."""
        query = {name: value for name, value in {**self.query, **changed}.items() if value is not None}
        return f"{path}?{urlencode(query)}"

    @property
    def place_fields(self) -> list[FilterField]:
        """One choice for each level of places below the user's own."""
        root = _root(self.asked.user, self.asked.place)
        given = QueryDict(mutable=True)
        codes = [
            self.asked.place[:digits] for digits in (2, 4, 6, 9, 12) if len(root) < digits <= len(self.asked.place)
        ]
        given.setlist("place", codes)
        return RegionFilter("place", "地区", children=self._children, root=root).fields(given)

    def _children(self, code: str) -> list[tuple[str, str]]:
        if code == self.asked.place:
            return list(self.asked.part_names.items())
        return [(row.code, row.name) for row in regions.children(code)]

    @property
    def periods(self) -> list[tuple[str, str, bool]]:
        """Return (label, address, whether it is the present one) of usual periods."""
        today = clock.today()
        first = today.replace(day=1)
        last_month = first - timedelta(days=1)
        usual = (
            ("本月", first, today),
            ("上月", last_month.replace(day=1), last_month),
            ("上月至今", last_month.replace(day=1), today),
            ("本季", date(today.year, (today.month - 1) // 3 * 3 + 1, 1), today),
            ("本年", date(today.year, 1, 1), today),
            ("近 12 个月", (first - timedelta(days=334)).replace(day=1), today),
        )
        now = (self.asked.period.since, self.asked.period.until)
        return [(label, self.url(since=since, until=until), (since, until) == now) for label, since, until in usual]


def question(request: HttpRequest, user: Actor) -> Question:
    """Read the question from the URL; ``Http404`` for a place outside the user's and for roles that read no figures."""
    given = request.GET
    excused = given.get("excused") == "yes"
    try:
        place = _place(user, given)
        try:
            since, until = (_day(given.get(name, "")) for name in ("since", "until"))
            return Question(selectors.asked(user, place, since, until, excused=excused), "", given)
        except InvalidInput as error:
            found = selectors.asked(user, place, excused=excused)
            return Question(found, f"{error.message}，已按默认时段显示", given)
    except (NotVisible, NotPermitted) as error:
        raise Http404(error.message) from error


def _place(user: Actor, given: QueryDict) -> str | None:
    """Return the place chosen: of one choice for each level the deepest that lies inside the shallower ones; None for none."""
    codes = [code for code in given.getlist("place") if code]
    if not codes:
        return None
    if not all(is_place(code) for code in codes):
        raise NotVisible("没有这个地区")
    shallowest = min(codes, key=len)
    inside = _root(user, shallowest)
    for code in sorted(codes, key=len):
        if code.startswith(inside):
            inside = code
    return access.place_for(user, inside)


def _root(user: Actor, place: str) -> str:
    """Return the user's own place in which ``place`` lies; ``place`` itself where there is none."""
    return next((own for own in access.places(user) if place.startswith(own)), place)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise InvalidInput({"since": "日期应如 2025-03-01"}) from error
