"""Fails SQL on an owned table that lacks a county predicate: such a query cannot run on a sharded database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.apps import apps

from safegrid.foundation.keys.models import CountyModel
from safegrid.foundation.keys.sql import untied

_marked: ContextVar[str] = ContextVar("cross_county", default="")


class MissingCounty(AssertionError):
    """The statement reads or writes an owned table without naming the county."""


@contextmanager
def cross_county(reason: str) -> Iterator[None]:
    """Mark the queries inside as meant to span counties; ``reason`` says why (roll-up, sign-in, queue sweep).

    A lazy queryset runs where it is evaluated, so evaluate it inside the block.
    """
    if not reason:
        raise ValueError("say why the query spans counties")
    token = _marked.set(reason)
    try:
        yield
    finally:
        _marked.reset(token)


@lru_cache(maxsize=1)
def owned_tables() -> frozenset[str]:
    """Return the table names of all owned models."""
    return frozenset(m._meta.db_table for m in apps.get_models(include_auto_created=True) if issubclass(m, CountyModel))


@lru_cache(maxsize=20_000)
def tables_without_county(sql: str) -> tuple[str, ...]:
    """Return the owned tables that ``sql`` reads or writes without a county predicate."""
    return untied(sql, owned_tables())


class CountyGuard:
    """A database execute wrapper: ``with connection.execute_wrapper(CountyGuard()): …``."""

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not _marked.get():
            missing = tables_without_county(str(sql))
            if missing:
                raise MissingCounty(f"no county predicate on {', '.join(missing)}: {sql}")
        return execute(sql, params, many, context)
