"""The four kinds of tables. Every model of SafeGrid derives from exactly one of these."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models

from safegrid.foundation.ids import uuid7
from safegrid.foundation.keys.fields import CountyField, CountyForeignKey


class Identified(models.Model):
    """Anything with a UUIDv7 key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class CountyQuerySet(models.QuerySet[Any]):
    """A queryset of an owned table: nothing is deleted, no row changes its county."""

    def of(self, county: int) -> Self:
        """Narrow to one county."""
        return self.filter(county=county)

    def delete(self) -> Any:
        raise TypeError("business data is never deleted; close its validity, or cancel it with a verb")

    def update(self, **values: Any) -> int:
        if "county" in values:
            raise TypeError("a row's county never changes")
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]


class CountyModel(Identified):
    """A row owned by one county (data rules 2 and 3)."""

    county = CountyField()
    objects = CountyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        row = super().from_db(db, field_names, values)
        row._county_read = row.__dict__.get("county")  # type: ignore[attr-defined]
        return row

    def save(self, *args: Any, **options: Any) -> None:
        self._refuse_foreign_county()
        super().save(*args, **options)
        self._county_read = self.county

    def _refuse_foreign_county(self) -> None:
        read = getattr(self, "_county_read", None)
        if read is not None and read != self.county:
            raise TypeError("a row's county never changes")
        for field in self._meta.concrete_fields:
            if isinstance(field, CountyForeignKey) and field.is_cached(self):
                parent = field.get_cached_value(self)
                if parent is not None and parent.county != self.county:
                    raise TypeError(f"{field.name} belongs to county {parent.county}, not {self.county}")

    def _do_update(self, base_qs: Any, *args: Any, **options: Any) -> Any:
        return super()._do_update(base_qs.filter(county=self.county), *args, **options)  # type: ignore[misc]

    def refresh_from_db(self, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        base = from_queryset if from_queryset is not None else type(self)._base_manager.db_manager(using)
        super().refresh_from_db(using, fields, base.filter(county=self.county))

    def delete(self, *args: Any, **options: Any) -> Any:
        raise TypeError("business data is never deleted; close its validity, or cancel it with a verb")


class ReferenceModel(Identified):
    """Shared by all counties and small: regions, catalogues. Written in transactions of its own."""

    class Meta:
        abstract = True


class UpperModel(Identified):
    """Belongs to a city, a province or the nation: exemplars, roll-ups."""

    class Meta:
        abstract = True


class LocalModel(Identified):
    """Accounts, tokens, the queue's receipts: kept on the coordinating server, never distributed."""

    class Meta:
        abstract = True
