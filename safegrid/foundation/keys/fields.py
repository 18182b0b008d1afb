"""The county column and the foreign key that carries it through joins, descriptors, reverse managers and prefetches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor, ReverseManyToOneDescriptor
from django.db.models.sql.where import AND, WhereNode
from django.utils.functional import cached_property


class CountyField(models.IntegerField):  # type: ignore[type-arg]
    """The six-digit owner key of a row (330521), frozen at creation."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("validators", [MinValueValidator(100000), MaxValueValidator(909999)])
        options.setdefault("editable", False)
        super().__init__(**options)


class _ForwardDescriptor(ForwardManyToOneDescriptor):
    def get_prefetch_querysets(self, instances: Any, querysets: Any = None) -> Any:
        queryset = querysets[0] if querysets else self.get_queryset()
        counties = {instance.county for instance in instances}
        return super().get_prefetch_querysets(instances, [queryset.filter(county__in=counties)])


class _ReverseDescriptor(ReverseManyToOneDescriptor):
    @cached_property
    def related_manager_cls(self) -> Any:
        base = super().related_manager_cls

        class CountyRelatedManager(base):  # type: ignore[misc,valid-type]
            def __init__(self, instance: Any) -> None:
                super().__init__(instance)
                self.core_filters["county"] = instance.county

            def get_prefetch_querysets(self, instances: Sequence[Any], querysets: Any = None) -> Any:
                queryset = querysets[0] if querysets else base.get_queryset(self)
                counties = {instance.county for instance in instances}
                return super().get_prefetch_querysets(instances, [queryset.filter(county__in=counties)])

            def create(self, **values: Any) -> Any:
                values.setdefault("county", self.instance.county)
                return super().create(**values)

        return CountyRelatedManager


class CountyForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key between two owned tables: both ends are always of the same county.

    Deleting a parent is refused by the database's own key (no cascade, no query before the delete).
    """

    forward_related_accessor_class = _ForwardDescriptor
    related_accessor_class = _ReverseDescriptor

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **options: Any) -> None:
        super().__init__(to, on_delete, **options)

    def get_extra_restriction(self, alias: str, related_alias: str) -> WhereNode:
        """Join on ``id`` *and* ``county``: ``alias`` is the parent table's, ``related_alias`` the child's."""
        own = self.model._meta.get_field("county").get_col(related_alias)
        parent = self.remote_field.model._meta.get_field("county")
        lookup = parent.get_lookup("exact")(parent.get_col(alias), own)
        return WhereNode([lookup], connector=AND)

    def get_extra_descriptor_filter(self, instance: Any) -> dict[str, int]:
        return {"county": instance.county}

    def formfield(self, **options: Any) -> Any:
        raise TypeError("build form fields from visible(user), not from the model")


