"""System checks: a model that breaks a data rule stops the start (architecture.md, data rules 1 to 4 and 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import models

from safegrid.foundation.keys.fields import CountyForeignKey
from safegrid.foundation.keys.models import CountyModel, LocalModel, ReferenceModel, UpperModel

KINDS = (CountyModel, ReferenceModel, UpperModel, LocalModel)


@register()
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
        for constraint in meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and "county" not in constraint.fields:
                yield f"{constraint.name}: a unique constraint of an owned table contains county"


def _broken_key(model: type[models.Model], field: Any) -> Iterator[str]:
    owned, target = issubclass(model, CountyModel), field.remote_field.model
    if isinstance(field, models.OneToOneField):
        yield f"{field.name}: one-to-one keys are unique without county; use a key and a constraint"
    if field.remote_field.on_delete in (models.CASCADE, models.SET_NULL, models.SET_DEFAULT) and owned:
        yield f"{field.name}: nothing is deleted along with something else"
    if owned and isinstance(target, type) and issubclass(target, CountyModel) != isinstance(field, CountyForeignKey):
        yield f"{field.name}: between owned tables the key is a CountyForeignKey, and only there"
    if owned and target._meta.label == settings.AUTH_USER_MODEL and field.db_constraint:
        yield f"{field.name}: a key to users carries no database constraint"
