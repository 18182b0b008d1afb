"""Writing a batch of imported sites: sites, contacts, direct supervision, one trace row for each site, the events."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from safegrid.foundation import bulk, clock, events, trace
from safegrid.foundation.crypto import mask_name
from safegrid.foundation.ids import uuid7
from safegrid.foundation.scope import Actor
from safegrid.sites.checks import MOVING, RECLASSIFYING
from safegrid.sites.models import DirectSupervision, RiskGrade, Scale, Site, SiteContact, SiteStatus, SiteType
from safegrid.sites.services.assigned import written_together
from safegrid.sites.services.registry import announce, new_code

DEFAULTS: dict[str, Any] = {
    "industry": "", "scale": Scale.NONE.value, "employees": None, "risk_grade": RiskGrade.BLUE.value, "credit_code": "",
    "address": "", "opening_hours": "", "longitude": None, "latitude": None, "declared_datum": "",
    "status": SiteStatus.ACTIVE.value,
}  # fmt: skip
COLUMNS = ("id", "county", "code", "name", "site_type", "town", "village", *DEFAULTS, "is_directly_supervised", "grid_id",
           "department_id", "is_demonstration", "source", "version", "created_at", "updated_at", "confirmed_at")  # fmt: skip
POSITION = "联系人"


@dataclass
class Write:
    """What one row does: to ``site``, or to a new one. ``values``: what changes; contact and direct as (words, words)."""

    site: Site | None
    values: dict[str, Any]
    code: str
    contact: tuple[str, str] | None
    direct: tuple[str, str] | None

    @property
    def is_new(self) -> bool:
        return self.site is None

    @property
    def changes_anything(self) -> bool:
        return bool(self.values or self.contact or self.direct)


def contacts_of(county: int, site_ids: Collection[UUID]) -> dict[UUID, list[SiteContact]]:
    """Return the active contacts of sites by site."""
    found: dict[UUID, list[SiteContact]] = {}
    for row in SiteContact.objects.filter(county=county, site_id__in=site_ids, is_active=True).order_by("id"):
        found.setdefault(row.site_id, []).append(row)
    return found


def write(county: int, user: Actor | None, steps: list[Write], *, is_demonstration: bool, source: str) -> None:
    """Write a batch inside the caller's transaction."""
    new = [step for step in steps if step.is_new]
    ids: dict[int, UUID] = {id(step): step.site.id if step.site else uuid7() for step in steps}
    now = clock.now()
    bulk.insert(Site, COLUMNS, (_new_row(county, ids[id(step)], step, is_demonstration, source, now) for step in new))
    for step in steps:
        if step.site is not None and (step.values or step.direct):
            _update(county, step, now)
    _write_contacts(county, steps, ids)
    _write_direct(county, user, steps, ids)
    trace.save([_traced(county, user, ids[id(step)], step, source) for step in steps])
    old = [step for step in steps if step.site is not None]
    with written_together(county):
        announce(
            county,
            registered=[ids[id(step)] for step in new],
            moved=[ids[id(step)] for step in old if MOVING & set(step.values) or step.direct],
            reclassified=[ids[id(step)] for step in old if RECLASSIFYING & set(step.values)],
            renamed=[ids[id(step)] for step in old if "name" in step.values],
            rescheduled=[ids[id(step)] for step in old if "opening_hours" in step.values],
        )
    events.publish("sites.written", county=county)


def _new_row(county: int, key: UUID, step: Write, is_demonstration: bool, source: str, now: Any) -> list[Any]:
    values = {
        **DEFAULTS, **step.values, "id": key, "county": county, "code": step.code or new_code(step.values["town"]),
        "is_directly_supervised": bool(step.direct), "grid_id": None, "department_id": None,
        "is_demonstration": is_demonstration, "source": source, "version": 1, "created_at": now, "updated_at": now,
        "confirmed_at": now,
    }  # fmt: skip
    return [values[name] for name in COLUMNS]


def _update(county: int, step: Write, now: Any) -> None:
    assert step.site is not None
    marked = {"is_directly_supervised": True} if step.direct else {}
    rows = Site.objects.filter(county=county, id=step.site.id)
    rows.update(**step.values, **marked, version=step.site.version + 1, updated_at=now, confirmed_at=now)


CONTACT_COLUMNS = ("id", "county", "site", "name", "position", "phone", "phone_tail", "id_number", "is_active")


def _write_contacts(county: int, steps: list[Write], ids: dict[int, UUID]) -> None:
    """Add contacts; who is there by name already gets the phone of the table."""
    known = contacts_of(county, [step.site.id for step in steps if step.site and step.contact])
    added = []
    for step in steps:
        if step.contact is None:
            continue
        name, phone = step.contact
        same = next((one for one in known.get(ids[id(step)], ()) if one.name == name), None)
        if same is not None:
            SiteContact.objects.filter(county=county, id=same.id).update(phone=phone, phone_tail=phone[-4:])
        else:
            added.append((uuid7(), county, ids[id(step)], name, POSITION, phone, phone[-4:], "", True))
    if added:
        bulk.insert(SiteContact, CONTACT_COLUMNS, added)


def _write_direct(county: int, user: Actor | None, steps: list[Write], ids: dict[int, UUID]) -> None:
    today = clock.today()
    DirectSupervision.objects.bulk_create(
        [
            DirectSupervision(county=county, site_id=ids[id(step)], authority=step.direct[0], reason=step.direct[1],
                              decided_by_id=user.id if user else None, valid_from=today)
            for step in steps
            if step.direct
        ],
        batch_size=500,
    )  # fmt: skip


def _traced(county: int, user: Actor | None, key: UUID, step: Write, source: str) -> Any:
    site, values = step.site, step.values
    types = {values.get("site_type"), site.site_type if site else None}
    hide = mask_name if SiteType.HOUSEHOLD in types else str
    facts: dict[str, Any] = {}
    for name, value in values.items():
        shown = hide(value) if name == "name" else value
        if site is None:
            facts[name] = shown
        else:
            before = getattr(site, name)
            facts[name] = [hide(before) if name == "name" else before, shown]
    if step.contact:
        facts["contact"] = True
    if step.direct:
        facts |= {"authority": step.direct[0], "reason": step.direct[1]}
    action = "sites.register_site" if site is None else "sites.change_site"
    return trace.row(acting_user=user, action=action, county=county, object_type="sites.site", object_id=key,
                     changes={**facts, "source": source})  # fmt: skip
