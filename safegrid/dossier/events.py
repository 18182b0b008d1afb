"""What happened at one site, in time order, gathered from the contexts that keep it, each through its own scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from django.urls import NoReverseMatch, reverse

from safegrid.cases import selectors as cases
from safegrid.cases.record import PHOTOS_FOR_THE_SITE
from safegrid.cases.selectors import Papers
from safegrid.cases.workflow import CASE
from safegrid.files.selectors import AttachmentView, attachments_of_many
from safegrid.foundation import clock, together
from safegrid.foundation.scope import Actor, held
from safegrid.grids.selectors import BesideSite, beside_site
from safegrid.handbook.selectors import kind_names
from safegrid.orgs import selectors as orgs
from safegrid.patrols.selectors import visits_of_site
from safegrid.sites.around import Around, around

MOST = 1000  # of each source: beyond them the oldest are left to the lists of the context itself
KINDS = (("visit", "巡查"), ("case", "案件"), ("order", "责令整改"), ("penalty", "行政处罚"), ("recheck", "复查"),
         ("file", "文件照片"), ("change", "台账变更"), ("grid", "网格归属"))  # fmt: skip
TONES = {"visit": "green", "case": "orange", "order": "yellow", "penalty": "red", "recheck": "blue", "change": "gray"}
TOLD_TO_THE_SITE = frozenset({
    "sites.register_site", "sites.change_site", "sites.close_site", "sites.reopen_site", "sites.mark_directly_supervised",
    "sites.end_direct_supervision", "sites.add_contact", "sites.change_contact",
})  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One entry of the record."""

    at: datetime
    kind: str
    title: str
    words: str = ""
    who: str = ""
    url: str = ""
    attachments: list[AttachmentView] = field(default_factory=list)

    @property
    def tone(self) -> str:
        return TONES.get(self.kind, "gray")

    @property
    def label(self) -> str:
        return dict(KINDS)[self.kind]


@dataclass(frozen=True)
class Beside:
    """What the registers of sites and of grids know of a site, read once for the head and the course of its record."""

    sites: Around
    grids: BesideSite


def beside(user: Actor, site: Any) -> Beside:
    """Return what stands beside a site that the user sees."""
    return Beside(around(user, site, limit=MOST), beside_site(user, site))


@dataclass(frozen=True)
class Viewer:
    """Whose eyes: the site's own contact sees neither who looked nor who reported."""

    user: Actor
    site: Any

    @property
    def is_the_site(self) -> bool:
        return not [one for one in held(self.user) if one.kind != "site_contact"]


@dataclass(frozen=True)
class Material:
    """The rows that a record is told from, each as far as the viewer sees it."""

    visits: list[Any]
    cases: list[Any]
    papers: dict[Any, Papers]
    files: dict[Any, list[AttachmentView]]
    beside: Beside


def _material(viewer: Viewer, known: Beside) -> Material:
    user, site = viewer.user, viewer.site
    visits, found = together.read(
        visits_of_site(user, site.county, site.id).select_related(None)[:MOST],
        cases.of_sites(user, site.county, [site.id])[:MOST],
    )
    shown = [cases.shown(user, row) for row in found]
    keys = [row.id for row in shown]
    hidden = [] if viewer.is_the_site else [site.id, *(row.id for row in visits)]
    files = attachments_of_many(site.county, [*keys, *hidden])
    return Material(visits, shown, cases.papers_of(site.county, keys), files, known)


def events(user: Actor, site: Any, kinds: frozenset[str] = frozenset(), known: Beside | None = None) -> list[Event]:
    """Return what the user may know of a site that the user sees, the latest first; ``kinds`` empty: all of them.

    ``known``: what ``beside`` found for this user, where the head of the record has read it.
    """
    viewer = Viewer(user, site)
    material = _material(viewer, known or beside(user, site))
    wanted = [one for source in SOURCES for one in source(viewer, material)]
    found = [one for one in wanted if not kinds or one.kind in kinds or ("file" in kinds and one.attachments)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _visits(viewer: Viewer, material: Material) -> Iterator[Event]:
    site, hides = viewer.site, viewer.is_the_site
    for row in material.visits:
        said = [row.words, f"发现问题 {row.findings} 项" if row.findings else ""]
        if row.person_met:
            said.append(f"现场人员：{row.person_met}")
        yield Event(
            row.visited_at, "visit", f"网格巡查：{row.get_outcome_display()}",
            "" if hides else "\n".join(one for one in said if one),
            url="" if hides else _url("patrols:detail", site.county, row.id),
            attachments=[] if hides else material.files.get(row.id, []),
        )  # fmt: skip


def _cases(viewer: Viewer, material: Material) -> Iterator[Event]:
    site = viewer.site
    kinds = kind_names(site.county)
    for row in material.cases:
        url = _url("cases:detail", site.county, row.id)
        shown = [
            one
            for one in material.files.get(row.id, [])
            if not viewer.is_the_site or one.purpose in PHOTOS_FOR_THE_SITE
        ]
        title = f"{kinds.get(row.kind, row.kind)}（{CASE.state[row.state].label}）"
        # To the site a case begins when an order is served, not when somebody reported it.
        at = row.order_served_at if viewer.is_the_site and row.order_served_at else row.reported_at
        yield Event(at, "case", title, row.words, row.number, url, shown)
        yield from _of_case(row, material.papers[row.id], url)


def _of_case(case: Any, papers: Papers, url: str) -> Iterator[Event]:
    issued: list[Any] = [*papers.orders, *papers.penalties]
    departments = orgs.names_of(case.county, [one.department_id for one in issued])
    for order in papers.orders:
        limit = order.deadline.astimezone(clock.SHANGHAI)
        text = f"{order.text}\n整改期限：{limit:%Y-%m-%d}"
        name = departments.get(order.department_id, "")
        yield Event(order.issued_at, "order", f"责令限期整改 {order.number}", text, name, url)
        if order.rectified_at:
            yield Event(order.rectified_at, "order", f"提交整改结果 {order.number}", order.rectification_words, "", url)
    for penalty in papers.penalties:
        text = "\n".join(one for one in (penalty.article, f"金额：{penalty.amount} 元", penalty.words) if one)
        name = departments.get(penalty.department_id, "")
        yield Event(penalty.decided_at, "penalty", f"行政处罚 {penalty.decision_number}", text, name, url)
    for recheck in papers.rechecks:
        if recheck.done_at:
            title = f"第 {recheck.round} 次复查：{recheck.get_result_display()}"
            yield Event(recheck.done_at, "recheck", title, recheck.words, case.number, url)
    if case.closed_at:
        yield Event(case.closed_at, "case", f"结案 {case.number}", "", "", url)


def _files(viewer: Viewer, material: Material) -> Iterator[Event]:
    site = viewer.site
    for file in [] if viewer.is_the_site else material.files.get(site.id, []):
        yield Event(file.taken_at or site.updated_at, "file", file.name or "文件", attachments=[file])


def _changes(viewer: Viewer, material: Material) -> Iterator[Event]:
    hides = viewer.is_the_site
    for item in material.beside.sites.history:
        if not item.action.startswith("sites.") or (hides and item.action not in TOLD_TO_THE_SITE):
            continue
        yield Event(item.at, "change", item.title, item.words, "" if hides else item.who)


def _grids(viewer: Viewer, material: Material) -> Iterator[Event]:
    site = viewer.site
    for row in material.beside.grids.assignments:
        at = datetime.combine(row.valid_from, time(), clock.SHANGHAI)
        title = f"归属网格：{row.grid.name}（{row.get_assigned_by_display()}）"
        is_seen = not viewer.is_the_site and row.grid_id in material.beside.grids.seen
        url = _url("grids:grid", site.county, row.grid_id) if is_seen else ""
        yield Event(at, "grid", title, "" if viewer.is_the_site else row.reason, url=url)


SOURCES: tuple[Callable[[Viewer, Material], Iterator[Event]], ...] = (_visits, _cases, _files, _changes, _grids)


def _url(name: str, *arguments: Any) -> str:
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""
