"""Keys and tables: how every row belongs to one county (architecture.md, data rules 1 to 6)."""

from safegrid.foundation.keys.fields import CountyField, CountyForeignKey
from safegrid.foundation.keys.guard import CountyGuard, cross_county
from safegrid.foundation.keys.models import CountyModel, CountyQuerySet, LocalModel, ReferenceModel, UpperModel

__all__ = [
    "CountyField",
    "CountyForeignKey",
    "CountyGuard",
    "CountyModel",
    "CountyQuerySet",
    "LocalModel",
    "ReferenceModel",
    "UpperModel",
    "cross_county",
]
