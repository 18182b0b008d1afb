"""The four kinds of tables. Every model of SafeGrid derives from exactly one of these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self

from django.db import models

from safegrid.foundation.bulk import holds_expressions, insert_objects
from safegrid.foundation.ids import uuid7
from safegrid.foundation.keys.fields import CountyField, CountyForeignKey

FEW = 50  # up to so many rows, a statement made once beats Django's


class Identified(models.Model):
    """Anything with a UUIDv7 key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class CountyQuerySet(models.QuerySet[Any]):
    """A queryset of an owned table: nothing is deleted, no row changes its county, county is never deferred."""

    def of(self, county: int) -> Self:
        """Narrow to one county."""
        return self.filter(county=county)

    def delete(self) -> Any:
        raise TypeError("business data is never deleted; close its validity, or cancel it with a verb")

    def update(self, **values: Any) -> int:
        """As Django's; setting a parent reaches only rows of the parent's county."""
        if "county" in values:
            raise TypeError("a row's county never changes")
        rows = self
        for name, value in values.items():
            if isinstance(value, CountyModel) and isinstance(self.model._meta.get_field(name), CountyForeignKey):
                rows = rows.filter(county=value.county)
        return super(CountyQuerySet, rows).update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """As Django's, with the refusals of ``save``; an upsert finds its rows by a constraint that has county."""
        rows = list(objs)
        for row in rows:
            row.refuse_foreign_county()
        if "county" in (options.get("update_fields") or ()):
            raise TypeError("a row's county never changes")
        if options.get("update_conflicts") and "county" not in (options.get("unique_fields") or ()):
            raise TypeError("an upsert names county among its unique_fields")
        plain = not args and options.keys() <= {"batch_size"} and rows and not any(map(holds_expressions, rows))
        if plain and len(rows) <= FEW and len({type(row) for row in rows}) == 1:
            insert_objects(rows)
            made = rows
        else:
            made = super().bulk_create(rows, *args, **options)
        for row in rows:
            row._county_read = row.county
        return made

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        """As Django's, county by county."""
        names = list(fields)
        if "county" in names:
            raise TypeError("a row's county never changes")
        by_county: dict[int, list[Any]] = defaultdict(list)
        for row in objs:
            row.refuse_foreign_county()
            by_county[row.county].append(row)
        return sum(
            super(CountyQuerySet, self.filter(county=county)).bulk_update(rows, names, batch_size)
            for county, rows in by_county.items()
        )

    def only(self, *fields: str) -> Self:
        return super().only(*fields, *self._counties_of(fields))

    def defer(self, *fields: Any) -> Self:
        kept = [name for name in fields if name is None or name.split("__")[-1] != "county"]
        return super().defer(*kept) if kept else self.all()

    def _counties_of(self, paths: Collection[str]) -> list[str]:
        """Return the county columns of every owned table that ``paths`` lead through."""
        found = ["county"]
        for path in paths:
            model, prefix = self.model, ""
            for name in path.split("__")[:-1]:
                model, prefix = model._meta.get_field(name).related_model, f"{prefix}{name}__"
                if issubclass(model, CountyModel):
                    found.append(f"{prefix}county")
        return found


class CountyModel(Identified):
    """A row owned by one county (data rules 2 and 3)."""

    is_high_volume: ClassVar[bool] = False  # append-only, partitioned by time one day: no inbound keys (data rule 6)

    county = CountyField()
    objects = CountyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **options: Any) -> None:
        self.refuse_foreign_county()
        super().save(*args, **options)
        self._county_read = self.county

    def delete(self, *args: Any, **options: Any) -> Any:
        raise TypeError("business data is never deleted; close its validity, or cancel it with a verb")

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any]) -> Self:
        row = super().from_db(db, field_names, values)
        row._county_read = row.__dict__.get("county")
        return row

    def refuse_foreign_county(self) -> None:
        """Raise TypeError where the county was changed, or a parent object is of another county."""
        read = getattr(self, "_county_read", None)
        if read is not None and read != self.county:
            raise TypeError("a row's county never changes")
        for field in self._meta.concrete_fields:
            if isinstance(field, CountyForeignKey) and field.is_cached(self):
                parent: Any = field.get_cached_value(self)
                if parent is not None and parent.county != self.county:
                    raise TypeError(f"{field.name} belongs to county {parent.county}, not {self.county}")

    def _do_insert(self, manager: Any, using: Any, fields: Any, returning_fields: Any, raw: Any) -> Any:
        if raw or returning_fields or holds_expressions(self):
            return super()._do_insert(manager, using, fields, returning_fields, raw)  # type: ignore[misc]
        insert_objects([self])
        return []

    def _do_update(self, base_qs: Any, using: Any, pk_val: Any, values: Any, *rest: Any) -> Any:
        # A sharded table refuses SET county, even to the same value.
        kept = [value for value in values if value[0].name != "county"]
        return super()._do_update(base_qs.filter(county=self.county), using, pk_val, kept, *rest)

    def refresh_from_db(self, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        if "county" not in self.__dict__:  # raw SQL that leaves it out; asking for it here would never end
            raise TypeError("read county along with the row")
        base = from_queryset if from_queryset is not None else type(self)._base_manager.db_manager(using)
        super().refresh_from_db(using, fields, base.filter(county=self.county))

    def _get_unique_checks(self, exclude: Any = None, include_meta_constraints: bool = False) -> Any:
        # full_clean() would look for the new UUID in all counties; the primary key itself refuses a second one.
        return super()._get_unique_checks({*(exclude or ()), "id"}, include_meta_constraints)  # type: ignore[misc]


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
