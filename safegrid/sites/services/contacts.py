"""The people to talk to at a site. Phones and ID numbers are sealed; seeing them is a verb with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from django.db import transaction
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from safegrid.foundation import trace
from safegrid.foundation.crypto import mask_id_number, mask_name, mask_phone
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.scope import Actor
from safegrid.foundation.tabular import CellError, parsers
from safegrid.sites.access import require
from safegrid.sites.models import Site, SiteContact, SiteType

FIELDS = ("name", "position", "phone", "id_number", "is_active")
MOST_WORDS = 60
MOST_REASON = 200
_phone = parsers.phone()


class NewContact(TypedDict, total=False):
    name: str
    position: str
    phone: str
    id_number: str


@dataclass(frozen=True)
class Unmasked:
    """What was asked for with a reason: never to be stored or logged by the caller."""

    name: str
    phone: str = ""
    id_number: str = ""


def clean_contact(given: Mapping[str, Any], *, is_new: bool) -> dict[str, Any]:
    """Return a contact's values as they are stored; raise ``InvalidInput``."""
    problems = dict.fromkeys(set(given) - set(FIELDS), "没有这个字段")
    values: dict[str, Any] = {}
    for name in ("name", "position"):
        if name in given:
            values[name] = str(given[name] or "").strip()
            if len(values[name]) > MOST_WORDS:
                problems[name] = f"不能超过 {MOST_WORDS} 字"
    if (is_new or "name" in values) and not values.get("name"):
        problems["name"] = "请填写姓名"
    if "phone" in given:
        try:
            values["phone"] = _phone(str(given["phone"]).strip()) if given["phone"] else ""
            values["phone_tail"] = values["phone"][-4:]
        except CellError as error:
            problems["phone"] = str(error)
    if "id_number" in given:
        try:
            values["id_number"] = ric.validate(str(given["id_number"])) if given["id_number"] else ""
        except ValidationError:
            problems["id_number"] = "居民身份证号码不对，请核对 18 位号码"
    if "is_active" in given:
        values["is_active"] = bool(given["is_active"])
    if problems:
        raise InvalidInput(problems)
    return values


def insert_contacts(site: Site, contacts: Iterable[NewContact | Mapping[str, Any]]) -> list[SiteContact]:
    """Write the first contacts of a new site, inside its verb."""
    rows = [SiteContact(county=site.county, site=site, **clean_contact(one, is_new=True)) for one in contacts]
    return list(SiteContact.objects.bulk_create(rows))


@transaction.atomic
def add_contact(*, acting_user: Actor | None, site: Site, values: Mapping[str, Any]) -> SiteContact:
    """Add a person to talk to: name, position, phone, ID number (only the name is required)."""
    require(acting_user, "add_contact", site)
    (contact,) = insert_contacts(site, [values])
    trace.record(acting_user=acting_user, action="sites.add_contact", target=site,
                 changes={"contact": contact.id, **_masked(site, contact, FIELDS)})  # fmt: skip
    return contact


@transaction.atomic
def change_contact(
    *, acting_user: Actor | None, site: Site, contact_id: UUID, values: Mapping[str, Any]
) -> SiteContact:
    """Change a contact, or take it off the list with ``is_active`` False."""
    require(acting_user, "change_contact", site)
    contact = contact_of(site, contact_id)
    cleaned = clean_contact(values, is_new=False)
    new = {name: value for name, value in cleaned.items() if value != getattr(contact, name)}
    if not new:
        return contact
    before = _masked(site, contact, new)
    SiteContact.objects.filter(county=site.county, id=contact.id).update(**new)
    for name, value in new.items():
        setattr(contact, name, value)
    after = _masked(site, contact, new)
    trace.record(acting_user=acting_user, action="sites.change_contact", target=site,
                 changes={"contact": contact.id, **{name: [before[name], after[name]] for name in after}})  # fmt: skip
    return contact


@transaction.atomic
def unmask_contact(*, acting_user: Actor | None, site: Site, contact_id: UUID, reason: str) -> Unmasked:
    """Return a contact's name, phone and ID number in full, and record who asked for what reason."""
    require(acting_user, "unmask_contact", site)
    contact = contact_of(site, contact_id)
    trace.record(acting_user=acting_user, action="sites.unmask_contact", target=site,
                 changes={"contact": contact.id, "reason": _reason(reason)})  # fmt: skip
    return Unmasked(contact.name, contact.phone, contact.id_number)


@transaction.atomic
def unmask_household(*, acting_user: Actor | None, site: Site, reason: str) -> Unmasked:
    """Return the name of a household in full, and record who asked for what reason."""
    require(acting_user, "unmask_household", site)
    trace.record(
        acting_user=acting_user, action="sites.unmask_household", target=site, changes={"reason": _reason(reason)}
    )
    return Unmasked(site.name)


def _reason(reason: str) -> str:
    if not reason.strip() or len(reason) > MOST_REASON:
        raise InvalidInput({"reason": f"请填写查看原因，不超过 {MOST_REASON} 字"})
    return reason.strip()


def contact_of(site: Site, contact_id: UUID) -> SiteContact:
    """Return a contact of this very site; raise ``NotVisible``."""
    found: SiteContact | None = SiteContact.objects.filter(county=site.county, site=site, id=contact_id).first()
    if found is None:
        raise NotVisible
    return found


_MASKS: dict[str, Callable[[str], str]] = {"phone": mask_phone, "id_number": mask_id_number}


def _masked(site: Site, contact: SiteContact, names: Iterable[str]) -> dict[str, Any]:
    masks = {**_MASKS, "name": mask_name} if site.site_type == SiteType.HOUSEHOLD else _MASKS
    values = {name: getattr(contact, name) for name in names if name in FIELDS}
    return {name: masks[name](value) if name in masks else value for name, value in values.items()}
