"""Finding anything by what people have at hand: a name, a code, the last four digits of a phone, the number of a case.

Each kind costs one query, and only what the user sees is looked through. A number of a case and a code are found through their
indexes; words in cases through theirs (``cases.said``); names of sites by reading one county's, which takes milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse

from safegrid.accounts import access as account_access
from safegrid.cases import access as case_access
from safegrid.cases import finding
from safegrid.cases import selectors as cases
from safegrid.cases.web.common import is_only_a_site
from safegrid.cases.workflow import CASE
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.web.pages import spanning
from safegrid.grids import access as grid_access
from safegrid.grids import selectors as grids
from safegrid.orgs import access as org_access
from safegrid.sites import access as site_access
from safegrid.sites import selectors as sites

SHORTEST, LONGEST = 2, 60
MOST = 8
TAIL = re.compile(r"\d{4}")
SHORT_NUMBER = re.compile(r"\d{6}-\w+")


@dataclass(frozen=True)
class Hit:
    """One thing found: its name, a second line, and its page."""

    name: str
    more: str
    url: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind, at most ``MOST``; ``all_url``: the register that lists all of them, "" for none."""

    label: str
    hits: list[Hit]
    all_url: str


def find(user: Actor, words: str, most: int = MOST) -> list[Group]:
    """Return what the user sees by ``words``, grouped by kind, empty kinds left out; nothing for less than two characters."""
    words = " ".join(words.replace("\x00", " ").split())[:LONGEST]
    if len(words) < SHORTEST:
        return []
    with spanning(user):
        kinds = KINDS if held(user, *grid_access.WHOLE_PLACE, "system_admin") else FIELD_KINDS
        groups = [kind(user, words, most) for kind in kinds]
        return [group for group in groups if group.hits]


def county_of(user: Actor) -> int | None:
    """Return the one county of the user's roles, None for whoever works above counties or in several."""
    counties = {holding.county for holding in user.holdings()}
    return counties.pop() if len(counties) == 1 else None


def _sites(user: Actor, words: str, most: int) -> Group:
    rows = _here(user, site_access.visible(user))
    found = sites.matching(rows, words)
    if TAIL.fullmatch(words):
        found = rows.filter(sites.named_or_phoned(words, county_of(user)))
    return _group("监管对象", found.order_by("id"), most, _site, "sites:list", words)


def _site(row: Any) -> Hit:
    more = "，".join(part for part in (row.get_site_type_display(), row.code, row.address) if part)
    return Hit(row.shown_name, more, reverse("sites:detail", args=[row.county, row.id]))


def _cases(user: Actor, words: str, most: int) -> Group:
    rows, county = _here(user, case_access.visible(user)).prefetch_related("site"), county_of(user)
    number = words.upper()
    if county is not None and SHORT_NUMBER.fullmatch(number):
        number = f"{county}-{number}"
    if finding.NUMBER.fullmatch(number):
        found = rows.filter(number=number)
    elif is_only_a_site(user):
        found = rows.none()  # by the words of a report one could guess who reported
    else:
        try:
            found = finding.saying(rows, words, county)
        except InvalidInput:
            found = rows.none()
    listed = ("cases:county", [county]) if county is not None else ("cases:list", [])
    return _group("案件", found.order_by("-reported_at", "-id"), most, lambda row: _case(user, row), *listed[:1], words,
                  arguments=listed[1])  # fmt: skip


def _case(user: Actor, row: Any) -> Hit:
    cases.shown(user, row)
    where = row.site.shown_name if row.site is not None else row.place_words
    more = "，".join(part for part in (CASE.state[row.state].label, where, (row.words or "")[:30]) if part)
    return Hit(row.number, more, reverse("cases:detail", args=[row.county, row.pk]))


def _grids(user: Actor, words: str, most: int) -> Group:
    found = _here(user, grids.grids(user)).filter(Q(name__icontains=words) | Q(code__startswith=words))
    return _group("网格", found.order_by("code", "id"), most,
                  lambda row: Hit(row.name, row.code, reverse("grids:grid", args=[row.county, row.id])),
                  "grids:list", words)  # fmt: skip


def _members(user: Actor, words: str, most: int) -> Group:
    found = _here(user, grids.members(user)).filter(Q(name__icontains=words) | Q(code=words) | Q(phone_tail=words))
    return _group("网格员", found.order_by("code", "id"), most,
                  lambda row: Hit(row.name, f"{row.code}，手机尾号 {row.phone_tail or '—'}",
                                  reverse("grids:member", args=[row.county, row.id])), "grids:members", words)  # fmt: skip


def _departments(user: Actor, words: str, most: int) -> Group:
    found = _here(user, org_access.visible(user)).filter(Q(name__icontains=words) | Q(code__startswith=words))
    return _group("部门机构", found.order_by("code", "id"), most,
                  lambda row: Hit(row.name, row.code, reverse("orgs:department", args=[row.county, row.id])),
                  "orgs:departments", words)  # fmt: skip


def _accounts(user: Actor, words: str, most: int) -> Group:
    if not account_access.administers(user):
        return Group("账号", [], "")
    found = account_access.visible(user).filter(
        Q(name__icontains=words) | Q(username__istartswith=words) | Q(phone_tail=words)
    )
    return _group("账号", found.order_by("username"), most,
                  lambda row: Hit(row.name, row.username, reverse("account", args=[row.pk])), "account_list", words)  # fmt: skip


# Whoever sees no whole place knows colleagues and departments without searching: each kind costs a query.
FIELD_KINDS: tuple[Callable[[Actor, str, int], Group], ...] = (_cases, _sites, _grids)
KINDS = (*FIELD_KINDS, _members, _departments, _accounts)


def _here(user: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    county = county_of(user)
    return rows if county is None else rows.filter(county=county)


def _group(
    label: str,
    rows: QuerySet[Any],
    most: int,
    make: Callable[[Any], Hit],
    page: str,
    words: str,
    *,
    arguments: Iterable[Any] = (),
) -> Group:
    found = list(rows[: most + 1])
    url = f"{reverse(page, args=list(arguments))}?{urlencode({'words': words})}" if len(found) > most else ""
    return Group(label, [make(row) for row in found[:most]], url)
