"""What one reader sees of each layer on a day: ``LAYERS`` names them; all of it comes from the contexts' ``visible(user)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from safegrid.cases import access as case_access
from safegrid.cases.map import open_on
from safegrid.console.onemap import heat, stock
from safegrid.console.onemap.kept import Moments
from safegrid.console.onemap.mercator import Tile
from safegrid.console.onemap.mvt import Feature, Value
from safegrid.console.onemap.points import Mask, Points
from safegrid.foundation import clock
from safegrid.foundation.scope import Actor, granted, held
from safegrid.foundation.web.pages import spanning
from safegrid.grids import access as grid_access
from safegrid.grids import selectors as grids
from safegrid.patrols import access as patrol_access
from safegrid.sites import access as site_access

Drawn = Mapping[str, list[Feature]]
SEEN = 3.0  # seconds for which a reader's scope is trusted, as catalogues are
LIVE = 10.0  # seconds for which cases and check-ins are; what this process writes shows at once
CHECKED_IN = timedelta(days=7)
PLACES_FROM, VILLAGES_FROM, NAMES_FROM = 5, 11, 12
SUPERVISING = frozenset({"lead_officer", "lead_chief", "leader", "town_officer", "auditor"})


@dataclass(frozen=True)
class Asked:
    """What is asked for: whose eyes, which county and day, and which types and grades of sites (none: all)."""

    user: Actor
    county: int
    day: date
    types: frozenset[str] = frozenset()
    grades: frozenset[int] = frozenset()
    days: int = heat.USUAL  # of the period that the heat of grids counts, up to ``day``

    @property
    def is_today(self) -> bool:
        return self.day == clock.today()


@dataclass(frozen=True)
class Layer:
    """``digest`` names what the reader would see of it anywhere: the same digest, the same tiles."""

    digest: str
    draw: Callable[[Tile], Drawn]
    count: int = field(default=0)


def _digest(*parts: object) -> str:
    return sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:20]


# Towns, villages and grids, with their names


@dataclass(frozen=True)
class _Grids:
    """The grids a reader sees, by id: name, code; and which of them nobody answers for."""

    named: dict[UUID, tuple[str, str]]
    uncovered: frozenset[UUID]
    digest: str


_grids: Moments[_Grids] = Moments(SEEN)


def visible_grids(asked: Asked) -> _Grids:
    """Return the grids the reader sees, and those without a member on the day."""

    def load() -> _Grids:
        with spanning(asked.user):
            rows = list(grid_access.visible(asked.user).filter(county=asked.county).values_list("id", "name", "code"))
            covered = set(grids.answering(asked.day).filter(county=asked.county).values_list("grid_id", flat=True))
        named = {key: (name, code) for key, name, code in sorted(rows)}
        uncovered = frozenset(named.keys() - covered)
        return _Grids(named, uncovered, _digest(*sorted(named.items()), *sorted(uncovered)))

    return _grids.get(asked.county, (asked.user.id, asked.day), load)


def places(asked: Asked) -> Layer:
    """Towns, villages, the grids in force that the reader sees, and one point for each name."""
    ground, drawn, seen = (
        stock.PLACES.get(asked.county),
        stock.grids_on(asked.county, asked.day),
        visible_grids(asked),
    )

    def grid_values(at: int) -> dict[str, Value]:
        key = drawn.ids[at]
        name, code = seen.named[key]
        return {"id": str(key), "name": name, "code": code, "uncovered": key in seen.uncovered}

    def draw(tile: Tile) -> Drawn:
        found = {"towns": _areas(ground.towns, tile), "villages": [], "grids": [], "labels": []}
        if tile.z >= VILLAGES_FROM:
            found["villages"] = _areas(ground.villages, tile)
        found["grids"] = [
            Feature(shape, grid_values(at)) for at, shape in drawn.areas.cut(tile) if drawn.ids[at] in seen.named
        ]
        found["labels"] = _labels(ground.towns, tile, "town")
        if tile.z >= NAMES_FROM:
            found["labels"] += _labels(ground.villages, tile, "village")
            found["labels"] += [
                Feature(at, {**grid_values(index), "level": "grid"})
                for index, at in drawn.areas.label_points(tile) if drawn.ids[index] in seen.named
            ]  # fmt: skip
        return found

    shown = sum(key in seen.named for key in drawn.ids)
    return Layer(_digest("places", ground.version, drawn.version, seen.digest), draw, shown)


def _areas(named: stock.Named, tile: Tile) -> list[Feature]:
    return [Feature(shape, {"id": named.codes[at], "name": named.names[at]}) for at, shape in named.areas.cut(tile)]


def _labels(named: stock.Named, tile: Tile, level: str) -> list[Feature]:
    return [
        Feature(at, {"id": named.codes[index], "name": named.names[index], "level": level})
        for index, at in named.areas.label_points(tile)
    ]


def hot_grids(asked: Asked) -> Layer:
    """The grids that reported cases in the period, by ``step`` of how many; for who reads the figures of their places."""
    counts = heat.counts(asked.user, asked.county, asked.day, asked.days)
    if not counts:
        return Layer("none", lambda _: {})
    drawn, seen = stock.grids_on(asked.county, asked.day), visible_grids(asked)
    hot = {at: counts[key] for at, key in enumerate(drawn.ids) if key in counts and key in seen.named}

    def values(at: int) -> dict[str, Value]:
        return {"id": str(drawn.ids[at]), "reported": hot[at], "step": heat.step_of(hot[at])}

    def draw(tile: Tile) -> Drawn:
        return {"heat": [Feature(shape, values(at)) for at, shape in drawn.areas.cut(tile) if at in hot]}

    return Layer(_digest("heat", drawn.version, *sorted(hot.items())), draw, len(hot))


# Sites


_scopes: Moments[tuple[Any, ...]] = Moments(SEEN)
_masks: Moments[tuple[Mask, str]] = Moments(3600.0)


def visible_sites(asked: Asked) -> tuple[stock.SiteStock, Mask, str]:
    """Return the county's sites, which of them the reader sees, and a digest of that.

    Asked of the database again when sites were written, or the reader's roles or grants, or the day, are others.
    """
    user, county = asked.user, asked.county
    whole = stock.sites_of(county)
    today = clock.today()

    def scope() -> tuple[Any, ...]:
        grants = granted(user, "grid", today) | granted(user, "site", today) if held(user, *GRANTED) else set()
        return (user.holdings(), frozenset(grants))

    def load() -> tuple[Mask, str]:
        with spanning(user):
            ids = list(site_access.visible(user).filter(county=county).values_list("id", flat=True))
        mask = whole.mask(ids)
        return mask, sha256(mask.tobytes()).hexdigest()[:20]

    key = (user.id, _scopes.get(county, user.id, scope), whole.version, today)
    mask, digest = _masks.get(county, key, load)
    return whole, mask, digest


GRANTED = ("grid_member", "agency_expert")  # roles whose sites are granted one by one


def _sites_of(asked: Asked, name: str, narrowed: Callable[[stock.SiteStock], Mask] | None = None) -> Layer:
    whole, mask, digest = visible_sites(asked)
    if narrowed is not None:
        mask = mask & narrowed(whole)
    if asked.types:
        mask = mask & whole.points.of_kinds(asked.types)
    if asked.grades:
        mask = mask & _ranked(whole.points, asked.grades)
    what = _digest(name, whole.version, digest, sorted(asked.types), sorted(asked.grades))
    return Layer(what, lambda tile: {name: whole.points.cut(tile, mask)}, int(mask.sum()))


def _ranked(points: Points, grades: frozenset[int]) -> Mask:
    chosen: Mask = sum((points.rank == grade for grade in grades), start=points.rank < 0)
    return chosen


def all_sites(asked: Asked) -> Layer:
    """Sites by type and grade of risk."""
    return _sites_of(asked, "sites")


def direct_sites(asked: Asked) -> Layer:
    """Sites that a department supervises directly."""
    return _sites_of(asked, "direct", lambda whole: whole.is_direct)


def sites_without_grid(asked: Asked) -> Layer:
    """Sites that grid work should cover and no grid holds."""
    return _sites_of(asked, "gaps", lambda whole: whole.lacks_grid)


# Cases and check-ins


SEVERITY = {"minor": 0, "general": 1, "major": 2}
ACCIDENT = 3
_points: Moments[tuple[Points, str]] = Moments(LIVE)


def open_cases(asked: Asked) -> Layer:
    """Cases open at the end of a day, where they have a position; ``kind`` tells the limit (today's only)."""

    def load() -> tuple[Points, str]:
        rows = case_rows(asked)
        ranks = [ACCIDENT if row[4] else SEVERITY.get(row[3], 1) for row in rows]
        kinds = [str(row[5]) if asked.is_today else "open" for row in rows]
        points = Points.of([row[1] for row in rows], [row[2] for row in rows], ranks, kinds, [row[0] for row in rows],
                           [row[6] for row in rows])  # fmt: skip
        return points, points.digest()

    points, digest = _points.get(asked.county, ("cases", asked.user.id, asked.day), load)
    return Layer(_digest("cases", digest), lambda tile: {"cases": points.cut(tile)}, len(points))


CASE_COLUMNS = ("id", "longitude", "latitude", "severity", "is_accident", "timing", "number")


def case_rows(asked: Asked) -> list[tuple[Any, ...]]:
    """Return ``CASE_COLUMNS`` of the cases open on the day that the reader sees and that have a position."""
    with spanning(asked.user):
        rows = case_access.visible(asked.user).filter(open_on(asked.day), county=asked.county, longitude__isnull=False)
        return list(rows.order_by("id").values_list(*CASE_COLUMNS))


def check_ins(asked: Asked) -> Layer:
    """Where each member last recorded a visit within a week before the end of the day; for who supervises them, and oneself."""

    def load() -> tuple[Points, str]:
        end = datetime.combine(asked.day + timedelta(days=1), time(), clock.SHANGHAI)
        with spanning(asked.user):
            rows = patrol_access.visible(asked.user, as_site=False).filter(county=asked.county, longitude__isnull=False)
            rows = rows.filter(visited_at__lt=end, visited_at__gte=end - CHECKED_IN)
            latest: dict[UUID, tuple[Any, ...]] = {}
            for row in rows.order_by("visited_at").values_list("member_id", "longitude", "latitude", "visited_at"):
                latest[row[0]] = row
            names = dict(grid_access.visible_members(asked.user).filter(county=asked.county, id__in=list(latest))
                         .values_list("id", "name"))  # fmt: skip
        shown = sorted(row for row in latest.values() if row[0] in names)
        words = [f"{names[row[0]]} {row[3].astimezone(clock.SHANGHAI):%m-%d %H:%M}" for row in shown]
        points = Points.of([row[1] for row in shown], [row[2] for row in shown], [0] * len(shown), ["member"] * len(shown),
                           [row[0] for row in shown], words)  # fmt: skip
        return points, points.digest()

    if not held(asked.user, *SUPERVISING, "grid_member"):
        return Layer("none", lambda _: {})
    points, digest = _points.get(asked.county, ("members", asked.user.id, asked.day), load)
    return Layer(_digest("members", digest), lambda tile: {"members": points.cut(tile)}, len(points))


LAYERS: dict[str, Callable[[Asked], Layer]] = {
    "places": places, "sites": all_sites, "direct": direct_sites, "gaps": sites_without_grid, "cases": open_cases,
    "members": check_ins, "heat": hot_grids,
}  # fmt: skip
