"""A new data key: every sealed value is opened with the key before and sealed anew, while everybody goes on working."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.db.models import BinaryField, ExpressionWrapper, F, Value

from safegrid.foundation.crypto import SealedTextField, decrypt, encrypt, is_sealed_with_present_key
from safegrid.foundation.keys import cross_county

BATCH = 1_000
MOST_NAMED = 100  # values that no key opens, named one by one; the rest is counted


@dataclass
class Resealed:
    """What became of the sealed values: ``seen`` of them, ``changed`` now, ``closed`` to both keys."""

    seen: int = 0
    changed: int = 0
    closed: int = 0
    named: list[tuple[str, UUID]] = field(default_factory=list)


def sealed_columns() -> list[tuple[type[models.Model], str]]:
    """Return every column of the installation that holds sealed text."""
    return [
        (model, column.name)
        for model in apps.get_models(include_auto_created=True)
        for column in model._meta.concrete_fields
        if isinstance(column, SealedTextField)
    ]


def values(model: type[models.Model], name: str) -> int:
    """Return how many values a column holds that are not empty."""
    with cross_county("the data key is the installation's"):
        return _rows(model, name).count()


def reseal(model: type[models.Model], name: str, step: Callable[[int], object] = bool) -> Resealed:
    """Seal every value of a column with the data key of today; ``step`` is told how many rows each batch had.

    Each batch of 1,000 commits by itself. What the key opens already is left alone, so that a run that was broken off is
    simply begun again; a value that somebody changed meanwhile is sealed with the new key already and stays as it is.
    """
    found = Resealed()
    for batch in _batches(model, name):
        with transaction.atomic():
            for row in batch:
                _reseal_one(model, name, row, found)
        step(len(batch))
    return found


def _reseal_one(model: type[models.Model], name: str, row: Any, found: Resealed) -> None:
    sealed = bytes(row["sealed"])
    found.seen += 1
    if is_sealed_with_present_key(sealed):
        return
    try:
        anew = encrypt(decrypt(sealed))
    except ValueError:
        found.closed += 1
        if len(found.named) < MOST_NAMED:
            found.named.append((f"{model._meta.db_table}.{name}", row["pk"]))
        return
    where = {"pk": row["pk"], "sealed": sealed} | ({"county": row["county"]} if _is_owned(model) else {})
    found.changed += _rows(model, name).filter(**where).update(**{name: Value(anew, output_field=BinaryField())})


def _batches(model: type[models.Model], name: str) -> Iterator[list[Any]]:
    after: Any = None
    columns = ("pk", "sealed", "county") if _is_owned(model) else ("pk", "sealed")
    while True:
        rows = _rows(model, name).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        with cross_county("the data key is the installation's"):
            batch = list(rows.values(*columns)[:BATCH])
        if not batch:
            return
        yield batch
        after = batch[-1]["pk"]


def _rows(model: type[models.Model], name: str) -> models.QuerySet[Any]:
    """Return the rows that have a value, which stands beside them as it is stored."""
    stored = ExpressionWrapper(F(name), output_field=BinaryField())
    return model._default_manager.annotate(sealed=stored).exclude(sealed=b"")


def _is_owned(model: type[models.Model]) -> bool:
    return any(column.name == "county" for column in model._meta.concrete_fields)
