"""System checks: a model that breaks a data rule stops the start (architecture.md, data rules 1 to 4, 6 and 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import models

from safegrid.foundation.keys.fields import CountyField, CountyForeignKey
from safegrid.foundation.keys.models import CountyModel, CountyQuerySet, LocalModel, ReferenceModel, UpperModel

KINDS = (CountyModel, ReferenceModel, UpperModel, LocalModel)


@register("data_rules")
def data_rules(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    for model in apps.get_models(include_auto_created=True):
        if model.__module__.startswith("safegrid."):
            messages += [Error(words, obj=model, id="safegrid.E001") for words in broken_rules(model)]
    return messages


def broken_rules(model: type[models.Model]) -> Iterator[str]:
    """Yield, in words, every data rule that ``model`` breaks."""
    meta = model._meta
    if meta.auto_created:
        yield "automatic many-to-many tables are not allowed"
        return
    if sum(issubclass(model, kind) for kind in KINDS) != 1:
        yield "a model derives from exactly one of CountyModel, ReferenceModel, UpperModel, LocalModel"
    if meta.parents:
        yield "multi-table inheritance is not allowed"
    if not isinstance(meta.pk, models.UUIDField) or meta.pk.name != "id":
        yield "the primary key is the UUID field id"
    for field in meta.local_fields:
        if field.unique and not field.primary_key:
            yield f"{field.name}: unique=True is not allowed; write a constraint"
        if isinstance(field, models.ForeignKey):
            yield from _broken_key(model, field)
    if issubclass(model, CountyModel):
        yield from _broken_owned(model)


def _broken_owned(model: type[CountyModel]) -> Iterator[str]:
    meta = model._meta
    county = meta.get_field("county")
    if not isinstance(county, CountyField) or county.null:
        yield "county is CountyModel's own field, never null"
    if not all(isinstance(manager.all(), CountyQuerySet) for manager in (model._default_manager, model._base_manager)):
        yield "its managers give a CountyQuerySet"
    if meta.unique_together:
        yield "unique_together: write a constraint that contains county"
    if meta.local_many_to_many:
        yield "many-to-many: write a table of its own with two CountyForeignKeys"
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and "county" not in constraint.fields:
            yield f"{constraint.name}: a unique constraint of an owned table contains county"


def _broken_key(model: type[models.Model], field: Any) -> Iterator[str]:
    owned = issubclass(model, CountyModel)
    target: Any = field.remote_field.model
    if isinstance(target, str):
        return  # not resolved: Django's own checks say so
    to_owned = issubclass(target, CountyModel)
    if isinstance(field, models.OneToOneField):
        yield f"{field.name}: one-to-one keys are unique without county; use a key and a constraint"
    if field.remote_field.on_delete in (models.CASCADE, models.SET_NULL, models.SET_DEFAULT) and owned:
        yield f"{field.name}: nothing is deleted along with something else"
    if owned and to_owned != isinstance(field, CountyForeignKey):
        yield f"{field.name}: between owned tables the key is a CountyForeignKey, and only there"
    if to_owned and not owned:
        yield f"{field.name}: only owned tables point at owned tables; keep the id in a plain UUID column"
    if to_owned and target.is_high_volume:
        yield f"{field.name}: nothing points at a high-volume table"
    if owned and target._meta.label == settings.AUTH_USER_MODEL and field.db_constraint:
        yield f"{field.name}: a key to users carries no database constraint"
