"""The county column and the foreign key that carries it through joins, descriptors, reverse managers and prefetches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor, ReverseManyToOneDescriptor
from django.db.models.lookups import Exact
from django.db.models.sql.where import AND, WhereNode
from django.utils.functional import cached_property


class CountyField(models.IntegerField):  # type: ignore[type-arg]
    """The six-digit owner key of a row (330521), frozen at creation."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("validators", [MinValueValidator(100000), MaxValueValidator(909999)])
        options.setdefault("editable", False)
        super().__init__(**options)


def _of_counties(queryset: Any, instances: Sequence[Any]) -> Any:
    """Narrow a prefetch to its instances' counties, even where the queryset is already sliced."""
    queryset = queryset._chain()
    queryset.query.add_q(Q(county__in={instance.county for instance in instances}))
    return queryset


def _with_county(key: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda row: (*key(row), row.county)


def _match_on_county(prefetch: tuple[Any, ...]) -> tuple[Any, ...]:
    """Match the rows of a prefetch on (id, county): several counties may share one query."""
    queryset, related_key, instance_key, *rest = prefetch
    return queryset, _with_county(related_key), _with_county(instance_key), *rest


class _ForwardDescriptor(ForwardManyToOneDescriptor):  # type: ignore[type-arg]
    def get_prefetch_querysets(self, instances: Any, querysets: Any = None) -> Any:
        queryset = querysets[0] if querysets else self.get_queryset()
        return _match_on_county(super().get_prefetch_querysets(instances, [_of_counties(queryset, instances)]))


def _county_manager(base: Any) -> Any:
    """Return Django's reverse manager with county in its filter, its prefetch and its new rows."""

    class CountyRelatedManager(base):  # type: ignore[misc]
        def __init__(self, instance: Any) -> None:
            super().__init__(instance)
            self.core_filters["county"] = instance.county

        def __call__(self, *, manager: str) -> Any:
            return _county_manager(type(super().__call__(manager=manager)))(self.instance)

        def get_prefetch_querysets(self, instances: Sequence[Any], querysets: Any = None) -> Any:
            queryset = querysets[0] if querysets else super(base, self).get_queryset()
            return _match_on_county(super().get_prefetch_querysets(instances, [_of_counties(queryset, instances)]))

        def create(self, **values: Any) -> Any:
            return super().create(**{"county": self.instance.county, **values})

        def get_or_create(self, **values: Any) -> Any:
            return super().get_or_create(**{"county": self.instance.county, **values})

        def update_or_create(self, **values: Any) -> Any:
            return super().update_or_create(**{"county": self.instance.county, **values})

        def add(self, *rows: Any, bulk: bool = True) -> None:
            for row in rows:
                if row.county != self.instance.county:
                    raise TypeError(f"{row!r} belongs to county {row.county}, not {self.instance.county}")
            super().add(*rows, bulk=bulk)

    return CountyRelatedManager


class _ReverseDescriptor(ReverseManyToOneDescriptor):  # type: ignore[type-arg]
    @cached_property
    def related_manager_cls(self) -> Any:
        return _county_manager(super().related_manager_cls)


class CountyForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key between two owned tables: both ends are always of the same county.

    A parent *object* of another county is refused when the row is written. Where only ``<name>_id`` is set, nothing is
    asked of the database (a UUID does not tell its county): such a row is written, and its parent reads as missing,
    because every join, descriptor and prefetch matches county too. Services therefore take the parent from a selector.
    Deleting a parent is refused by the database's own key (no cascade, no query before the delete).
    """

    forward_related_accessor_class = _ForwardDescriptor
    related_accessor_class = _ReverseDescriptor

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **options: Any) -> None:
        super().__init__(to, on_delete, **options)

    def get_extra_restriction(self, alias: str | None, related_alias: str) -> WhereNode:
        """Join on ``id`` *and* ``county``: ``alias`` is the parent table's, ``related_alias`` the child's."""
        if alias is None:  # Django asks so only for the subquery of exclude() across the reverse relation
            raise FieldError(
                f"exclude() across {self.related_query_name()} leaves out county; use ~Exists(…) correlated on county"
            )
        own: Any = self.model._meta.get_field("county")
        parent: Any = self.remote_field.model._meta.get_field("county")
        lookup: Any = Exact(parent.get_col(alias), own.get_col(related_alias))
        return WhereNode([lookup], connector=AND)

    def get_extra_descriptor_filter(self, instance: Any) -> dict[str, int]:
        return {"county": instance.county}

    def validate(self, value: Any, model_instance: Any) -> None:
        """As Django's, but a parent of another county does not exist."""
        super(models.ForeignKey, self).validate(value, model_instance)
        parents = self.remote_field.model._base_manager.filter(county=model_instance.county, pk=value)
        if value is not None and not parents.exists():
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={
                "model": self.remote_field.model._meta.verbose_name, "pk": value, "field": "id", "value": value,
            })  # fmt: skip

    def formfield(self, **options: Any) -> Any:
        raise TypeError("build form fields from visible(user), not from the model")
