"""Registering, changing, closing and reopening sites."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from safegrid.foundation import clock, events, trace
from safegrid.foundation.crypto import mask_name
from safegrid.foundation.errors import Conflict, InvalidInput, Refused, WrongState
from safegrid.foundation.scope import Actor
from safegrid.sites.access import require, require_at
from safegrid.sites.checks import CHANGEABLE, MOVING, RECLASSIFYING, clean
from safegrid.sites.models import Site, SiteStatus, SiteType
from safegrid.sites.services.contacts import NewContact, insert_contacts

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that are mistaken for one another
ENDED = (SiteStatus.PAUSED, SiteStatus.CLOSED, SiteStatus.MOVED)
MOST_CODE, MOST_REASON = 40, 200


def new_code(town: str) -> str:
    """Return a code of the register's own: the town and ten random letters, to be read aloud without mistakes."""
    return town + "-" + "".join(secrets.choice(_LETTERS) for _ in range(10))


@transaction.atomic
def register_site(
    *,
    acting_user: Actor | None,
    county: int,
    values: Mapping[str, Any],
    contacts: Iterable[NewContact | Mapping[str, Any]] = (),
    is_demonstration: bool = False,
    source: str = "",
) -> Site:
    """Add a site. ``values``: name, site_type, town or village; optionally code, industry, scale, employees, risk_grade,
    credit_code, address, opening_hours, and longitude, latitude with the datum they are in.

    Raises ``InvalidInput`` for wrong values, ``NotPermitted`` outside the user's place, ``Refused`` for what is there already.
    """
    given = dict(values)
    code = str(given.pop("code", "") or "").strip()
    if len(code) > MOST_CODE:
        raise InvalidInput({"code": f"对象编码不能超过 {MOST_CODE} 字"})
    cleaned = clean(county, given)
    require_at(acting_user, "register_site", county, cleaned["town"], cleaned["village"])
    return create_site(acting_user, county, cleaned, code=code, contacts=contacts, is_demonstration=is_demonstration,
                       source=source)  # fmt: skip


def create_site(
    acting_user: Actor | None,
    county: int,
    cleaned: Mapping[str, Any],
    *,
    code: str = "",
    contacts: Iterable[NewContact | Mapping[str, Any]] = (),
    is_demonstration: bool = False,
    source: str = "",
) -> Site:
    """Write a new site from cleaned values and tell those concerned; inside the verb's transaction."""
    _refuse_double(county, cleaned)
    now = clock.now()
    site = Site(county=county, code=code or new_code(cleaned["town"]), **cleaned, is_demonstration=is_demonstration,
                source=source[:60], created_at=now, updated_at=now, confirmed_at=now)  # fmt: skip
    try:
        with transaction.atomic():
            site.save(force_insert=True)
    except IntegrityError:
        raise Refused(f"对象编码 {code} 已被使用") from None
    insert_contacts(site, contacts)
    trace.record(acting_user=acting_user, action="sites.register_site", target=site, changes=shown(site, cleaned))
    events.publish("sites.registered", county=county, site_ids=[site.id])
    events.publish("sites.written", county=county)
    return site


def _refuse_double(county: int, values: Mapping[str, Any]) -> None:
    if not values.get("credit_code"):
        return
    same = Site.objects.filter(county=county, credit_code=values["credit_code"], name=values["name"],
                               address=values.get("address", ""), town=values["town"])  # fmt: skip
    twin = same.exclude(status__in=(SiteStatus.CLOSED, SiteStatus.MOVED)).first()
    if twin is not None:
        raise Refused(f"同一信用代码、名称和地址的监管对象已登记，编码 {twin.code}")


def shown(site: Site, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a new site as the trace may keep them: the name of a household's head masked."""
    if site.site_type != SiteType.HOUSEHOLD or "name" not in changes:
        return dict(changes)
    return {**changes, "name": mask_name(changes["name"])}


@transaction.atomic
def change_site(
    *, acting_user: Actor | None, site: Site, values: Mapping[str, Any], version: int | None = None
) -> Site:
    """Change values of a site (see ``register_site``); ``version`` is the one that was seen.

    Raises ``InvalidInput``, ``NotPermitted`` (also where it would leave the user's place), ``Conflict``. Values that are
    as before are no change, and without a change nothing is written.
    """
    require(acting_user, "change_site", site)
    return write_changes(acting_user, site, clean(site.county, values, before=site), version=version)


def write_changes(
    acting_user: Actor | None, site: Site, cleaned: Mapping[str, Any], *, version: int | None = None
) -> Site:
    """Write cleaned values and tell those concerned; inside the verb's transaction."""
    if version is not None and version != site.version:
        raise Conflict
    new = {name: value for name, value in cleaned.items() if name in CHANGEABLE and value != getattr(site, name)}
    if not {"longitude", "latitude"} & set(new):
        new.pop("declared_datum", None)  # the same place, told in another datum, is no change
    if not new:
        return site
    if {"town", "village"} & set(new):
        require_at(
            acting_user, "change_site", site.county, new.get("town", site.town), new.get("village", site.village)
        )
    swap(site, new, acting_user=acting_user, action="sites.change_site")
    return site


def swap(
    site: Site,
    new: Mapping[str, Any],
    *,
    acting_user: Actor | None,
    action: str,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Write ``new`` where the version is still the one read, trace it and publish what it means.

    Raises ``Conflict`` when somebody else was first.
    """
    changes = {name: [getattr(site, name), value] for name, value in new.items()}
    now = clock.now()
    same = Site.objects.filter(county=site.county, id=site.id, version=site.version)
    written = {**new, "version": site.version + 1, "updated_at": now, "confirmed_at": now}
    if same.update(**written) != 1:
        raise Conflict
    masked = SiteType.HOUSEHOLD in (site.site_type, new.get("site_type"))
    for name, value in written.items():
        setattr(site, name, value)
    if masked and "name" in changes:
        changes["name"] = [mask_name(one) for one in changes["name"]]
    trace.record(acting_user=acting_user, action=action, target=site, changes={**changes, **(more or {})})
    announce(site.county, moved=[site.id] if MOVING & set(new) else [],
             reclassified=[site.id] if RECLASSIFYING & set(new) else [],
             renamed=[site.id] if "name" in new else [],
             rescheduled=[site.id] if "opening_hours" in new else [])  # fmt: skip
    events.publish("sites.written", county=site.county)


def announce(county: int, *, registered: list[Any] | None = None, moved: list[Any] | None = None,
             reclassified: list[Any] | None = None, renamed: list[Any] | None = None,
             rescheduled: list[Any] | None = None) -> None:  # fmt: skip
    """Publish what happened to sites, each event once with all ids."""
    happened = {"registered": registered, "moved": moved, "reclassified": reclassified, "renamed": renamed,
                "rescheduled": rescheduled}  # fmt: skip
    for name, ids in happened.items():
        if ids:
            events.publish(f"sites.{name}", county=county, site_ids=ids)


@transaction.atomic
def close_site(
    *, acting_user: Actor | None, site: Site, reason: str, how: str = SiteStatus.CLOSED, version: int | None = None
) -> Site:
    """Take a site out of supervision: ``paused`` (停业), ``closed`` (注销) or ``moved`` out of the county (迁出)."""
    require(acting_user, "close_site", site)
    return end_site(acting_user, site, reason, how, version)


def end_site(acting_user: Actor | None, site: Site, reason: str, how: str, version: int | None = None) -> Site:
    if version is not None and version != site.version:
        raise Conflict
    if how not in ENDED:
        raise InvalidInput({"how": "请选择停业、注销或迁出"})
    if site.status == how or site.status in (SiteStatus.CLOSED, SiteStatus.MOVED):
        raise WrongState(f"该对象已是“{SiteStatus(site.status).label}”状态")
    swap(site, {"status": how}, acting_user=acting_user, action="sites.close_site", more={"reason": _reason(reason)})
    return site


@transaction.atomic
def reopen_site(*, acting_user: Actor | None, site: Site, reason: str, version: int | None = None) -> Site:
    """Bring a paused, closed or departed site back under supervision."""
    require(acting_user, "reopen_site", site)
    return restore_site(acting_user, site, reason, version)


def restore_site(acting_user: Actor | None, site: Site, reason: str, version: int | None = None) -> Site:
    if version is not None and version != site.version:
        raise Conflict
    if site.status == SiteStatus.ACTIVE:
        raise WrongState("该对象本来就在册")
    swap(site, {"status": SiteStatus.ACTIVE.value}, acting_user=acting_user, action="sites.reopen_site",
         more={"reason": _reason(reason)})  # fmt: skip
    return site


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > MOST_REASON:
        raise InvalidInput({"reason": f"请填写原因，不超过 {MOST_REASON} 字"})
    return reason
