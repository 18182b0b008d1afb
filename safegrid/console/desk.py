"""What waits for a user: every count by the selector of the context that owns it, opening the list that it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, Count, QuerySet, Value
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from safegrid.cases import access as case_access
from safegrid.cases import selectors as cases
from safegrid.duties import selectors as duties
from safegrid.foundation.keys import cross_county
from safegrid.foundation.scope import Actor
from safegrid.grids import selectors as grids
from safegrid.patrols import selectors as patrols
from safegrid.sites import selectors as sites
from safegrid.statistics import selectors as statistics

Rows = QuerySet[Any, Any]
KEEPERS = frozenset({"lead_officer", "lead_chief", "leader", "town_officer"})
WORKERS = frozenset({"lead_officer", "department_officer", "town_officer", "grid_member", "site_contact"})
WATCHERS = KEEPERS | {"department_officer", "auditor"}
PATROLLED = frozenset({"lead_officer", "town_officer", "grid_member"})
TURN_SHOWN = 8
# Acts that need no further word: a row of the desk carries them as a button.
ONE_KEY = frozenset({"receive", "confirm_on_spot"})


@dataclass(frozen=True)
class Block:
    """One count. ``rows``: what a user has of it in one county; ``tone``: its colour when there is any."""

    name: str
    label: Any
    roles: frozenset[str]
    rows: Callable[[Actor, int], Rows]
    url_name: str
    query: tuple[tuple[str, str], ...]
    tone: str
    icon: str


@dataclass(frozen=True)
class Turn:
    """A case on which the user has to act, and the acts that one key does: (verb, label)."""

    case: Any
    keys: list[tuple[str, Any]]


@dataclass(frozen=True)
class Tally:
    """A block with its number, and the address of the list."""

    label: str
    number: int
    url: str
    tone: str
    icon: str


def _turn_in(state: str) -> Callable[[Actor, int], Rows]:
    return lambda user, county: cases.my_turn(user, county).filter(state=state)


def _cases(name: str, label: Any, roles: frozenset[str], rows: Any, tone: str, icon: str, **query: str) -> Block:
    return Block(name, label, roles, rows, "cases:list", tuple(query.items()), tone, icon)


BLOCKS = (
    _cases("my_turn", _("轮到我办理"), WORKERS, cases.my_turn, "blue", icon="clipboard-check", queue="my_turn"),
    _cases("near", _("临近时限"), WATCHERS, cases.near_limit, "yellow", icon="clock", queue="near_limit"),
    _cases("overdue", _("已超时限"), WATCHERS, cases.overdue, "red", icon="clock-exclamation", queue="overdue"),
    _cases("returned", _("部门退回待改派"), frozenset({"lead_officer"}), _turn_in("returned"), "orange",
           icon="arrow-back-up", queue="my_turn", state="returned"),
    _cases("disputed", _("争议待裁定"), frozenset({"lead_officer"}), _turn_in("disputed"), "orange",
           icon="scale", queue="my_turn", state="disputed"),
    _cases("rechecks", _("待我复查"), frozenset({"grid_member", "town_officer", "department_officer"}),
           _turn_in("rectified"), "blue", icon="refresh", queue="my_turn", state="rectified"),
    Block("changes", _("台账变更待审核"), frozenset({"town_officer"}),
          lambda user, county: sites.waiting_changes(user).filter(county=county),
          "sites:change_list", (("state", "waiting"),), "blue", icon="file-pencil"),
    Block("visits_due", _("今天应巡查"), PATROLLED, patrols.visits_due, "patrols:planned", (("timing", "due"),), "blue",
          icon="route"),
    Block("visits_overdue", _("巡查已超期"), PATROLLED, patrols.visits_overdue, "patrols:planned", (("timing", "overdue"),), "red",
          icon="calendar-x"),
    Block("no_department", _("对象无主管部门"), KEEPERS,
          lambda user, county: duties.sites_without_department(user).filter(county=county),
          "duties:gaps", (), "orange", icon="gavel"),
    Block("conflicts", _("条块责任冲突"), KEEPERS,
          lambda user, county: duties.sites_in_conflict(user).filter(county=county),
          "duties:conflicts", (), "orange", icon="alert-triangle"),
    Block("stale", _("资料过期"), frozenset({"town_officer", "lead_officer", "lead_chief"}),
          lambda user, county: sites.stale(user).filter(county=county),
          "sites:list", (("stale", "yes"),), "orange", icon="clock-exclamation"),
    Block("no_grid", _("对象不在任何网格"), KEEPERS,
          lambda user, county: grids.sites_without_grid(user).filter(county=county),
          "grids:sites_without_grid", (), "orange", icon="hexagons"),
    Block("no_member", _("网格无人在岗"), KEEPERS,
          lambda user, county: grids.grids_without_member(user).filter(county=county),
          "grids:list", (("without_member", "yes"),), "orange", icon="user-off"),
    Block("no_officers", _("网格缺责任人或联系人"), KEEPERS,
          lambda user, county: grids.grids_lacking_officers(user).filter(county=county),
          "grids:list", (("lacking_officers", "yes"),), "orange", icon="users"),
)  # fmt: skip

# What those who work above counties see instead, added up by statistics: label → the list, its query, tone, icon.
ABOVE: dict[str, tuple[str, tuple[tuple[str, str], ...], str, str]] = {
    "未结案件": ("statistics:overview", (), "blue", "clipboard-list"),
    "临近时限": ("cases:list", (("timing", "near"),), "yellow", "clock"),
    "已超时限": ("cases:list", (("timing", "overdue"),), "red", "clock-exclamation"),
}


def counts(user: Actor, unread: int) -> list[Tally]:
    """Return the counts of the user's roles, all read with one query; ``unread`` notices come last."""
    shown = [(block, url) for block in _blocks(user) if (url := _url(block.url_name, block.query))]
    numbers = _numbers(user, [block for block, _ in shown])
    found = [Tally(str(block.label), numbers.get(block.name, 0), url, block.tone, block.icon) for block, url in shown]
    found += [
        Tally(str(_(label)), number, _url(name, (*query, ("place", place))), tone, icon)
        for label, number, place in statistics.desk_figures(user)
        for name, query, tone, icon in [ABOVE[label]]
    ]
    inbox = _url("notices:inbox", (("read", "no"),))
    return [*found, Tally(str(_("未读通知")), unread, inbox, "blue", icon="bell")] if inbox else found


def all_turns(tallies: Iterable[Tally]) -> Tally | None:
    """Return the count of the user's turns, which opens the list of all of them."""
    url = _url("cases:list", (("queue", "my_turn"),))
    return next((one for one in tallies if one.url == url), None)


def has_turns(user: Actor) -> bool:
    """Say whether cases can ever wait for the user: others' desks show no empty list of them."""
    return any(holding.kind in WORKERS for holding in user.holdings())


def turn(user: Actor) -> list[Turn]:
    """Return the cases on which the user has to act, the most urgent first, as many as a desk shows."""
    if not has_turns(user):
        return []
    found = [
        case for county in _counties(user) for case in cases.my_turn(user, county).prefetch_related("site")[:TURN_SHOWN]
    ]
    found.sort(key=lambda case: (case.due_at is None, case.due_at, case.number))
    # The acts are asked of the case as it is stored, before anything in it is hidden.
    turns = [Turn(case, _keys(user, case)) for case in found[:TURN_SHOWN]]
    for one in turns:
        cases.shown(user, one.case)
    return turns


def _keys(user: Actor, case: Any) -> list[tuple[str, Any]]:
    return [(row.verb, row.label) for row in case_access.usable(user, case, ONE_KEY)]


def _blocks(user: Actor) -> Iterator[Block]:
    kinds = {holding.kind for holding in user.holdings()}
    return (block for block in BLOCKS if block.roles & kinds)


def _counties(user: Actor) -> list[int]:
    return sorted({holding.county for holding in user.holdings() if holding.county is not None})


def _numbers(user: Actor, blocks: list[Block]) -> dict[str, int]:
    parts = [_counted(block, block.rows(user, county)) for county in _counties(user) for block in blocks]
    if not parts:
        return {}
    first, *others = parts
    found: dict[str, int] = {}
    with cross_county("someone may work in several counties; every part names its own"):
        for name, number in first.union(*others, all=True) if others else first:
            found[name] = found.get(name, 0) + number
    return found


def _counted(block: Block, rows: Rows) -> Any:
    named = rows.order_by().annotate(block=Value(block.name, output_field=CharField())).values("block")
    return named.annotate(number=Count("pk")).values_list("block", "number")


def _url(name: str, query: tuple[tuple[str, str], ...]) -> str:
    """Return the list's address; "" where the installation has no such page."""
    try:
        address = reverse(name)
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(query)}" if query else address
