"""Fails SQL on an owned table that lacks a county predicate: such a query cannot run on a sharded database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.apps import apps

from safegrid.foundation.keys.models import CountyModel

_marked: ContextVar[str] = ContextVar("cross_county", default="")
_TABLE = re.compile(r'(?:FROM|JOIN|UPDATE|,)\s+"(\w+)"(?:\s+(?:AS\s+)?"?(\w+)"?)?', re.IGNORECASE)
_EDGE = re.compile(r'"(\w+)"\."county" = \(?"(\w+)"\."county"\)?')
_LITERAL = re.compile(r'"(\w+)"\."county" (?:=|IN) \(?(?:%s|%\(|\?|\d|\(?SELECT)', re.IGNORECASE)
_KEYWORDS = {"where", "inner", "left", "on", "set", "order", "group", "limit", "for", "join", "having", "union", "using"}


class MissingCounty(AssertionError):
    """The statement reads or writes an owned table without naming the county."""


@contextmanager
def cross_county(reason: str) -> Iterator[None]:
    """Mark the queries inside as meant to span counties; ``reason`` says why (roll-up, sign-in, queue sweep)."""
    if not reason:
        raise ValueError("say why the query spans counties")
    token = _marked.set(reason)
    try:
        yield
    finally:
        _marked.reset(token)


@lru_cache(maxsize=1)
def owned_tables() -> frozenset[str]:
    return frozenset(m._meta.db_table for m in apps.get_models(include_auto_created=True) if issubclass(m, CountyModel))


@lru_cache(maxsize=20_000)
def tables_without_county(sql: str) -> tuple[str, ...]:
    """Return the owned tables of ``sql`` whose alias is tied, directly or through a join, to no county value."""
    if sql.lstrip().upper().startswith(("INSERT", "CREATE", "ALTER", "DROP", "PRAGMA", "SAVEPOINT", "RELEASE")):
        return ()
    aliases: dict[str, str] = {}
    for table, alias in _TABLE.findall(sql):
        if table in owned_tables():
            aliases[alias if alias and alias.lower() not in _KEYWORDS else table] = table
    known = set(_LITERAL.findall(sql))
    edges = _EDGE.findall(sql)
    grew = True
    while grew:
        reached = {a for a, b in edges if b in known} | {b for a, b in edges if a in known}
        grew = not reached <= known
        known |= reached
    return tuple(sorted({table for alias, table in aliases.items() if alias not in known}))


class CountyGuard:
    """A database execute wrapper: ``with connection.execute_wrapper(CountyGuard()): …``."""

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not _marked.get():
            missing = tables_without_county(sql)
            if missing:
                raise MissingCounty(f"no county predicate on {', '.join(missing)}: {sql}")
        return execute(sql, params, many, context)
