"""Loading the classification of industries."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from safegrid.foundation import trace
from safegrid.foundation.errors import InvalidInput, NotPermitted
from safegrid.foundation.scope import Actor, held
from safegrid.sites.industries import INDUSTRIES, shipped
from safegrid.sites.models import Industry


@transaction.atomic
def load_industries(*, acting_user: Actor | None, rows: Iterable[tuple[str, str, str]] | None = None) -> int:
    """Load industries (code, name, parent), by default the shipped sections and divisions; returns how many are known.

    A known code gets the new name. The full list (groups and classes) comes by ``imports.import_industries``.
    """
    if acting_user is not None and not any(not holding.place for holding in held(acting_user, "system_admin")):
        raise NotPermitted("行业分类由全国系统管理员维护")
    made = [
        Industry(code=code, name=name, parent=parent)
        for code, name, parent in (rows if rows is not None else shipped())
    ]
    if not made:
        raise InvalidInput({"rows": "没有行业代码"})
    Industry.objects.bulk_create(
        made, update_conflicts=True, unique_fields=["code"], update_fields=["name", "parent"], batch_size=500
    )
    trace.record(acting_user=acting_user, action="sites.load_industries", object_type="sites.industry",
                 changes={"rows": len(made)})  # fmt: skip
    INDUSTRIES.changed(trace.PLATFORM)
    return Industry.objects.count()
