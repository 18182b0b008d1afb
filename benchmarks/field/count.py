"""What the server has in the end of what phones sent: counted by its rows, not by what it answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from uuid import UUID

from benchmarks.county import COUNTY
from benchmarks.field.phone import Phone
from safegrid.cases.models import Case
from safegrid.field.models import FieldOperation
from safegrid.files.models import AttachmentUse
from safegrid.foundation.merkle import sm3
from safegrid.patrols.models import Visit, VisitAnswer


@dataclass(frozen=True)
class Kept:
    """A row that an act left. ``name``: the visit's operation, the case's words; ``pictures``: hashes of what came in."""

    name: str
    pictures: frozenset[str]


@dataclass(frozen=True)
class Stored:
    """``operations``: ids in the order stored, by device; ``rows``: by site."""

    operations: dict[UUID, list[UUID]]
    rows: dict[UUID, list[Kept]]


@dataclass(frozen=True)
class Faults:
    """What should be nowhere: operations ``lost``, stored or carried out more than once or never sent (``doubled``), stored in
    another order than sent (``out_of_order``), with another photo than theirs or none (``wrong_photo``)."""

    lost: int
    doubled: int
    out_of_order: int
    wrong_photo: int


def stored() -> Stored:
    """Read what there is of the county."""
    operations: dict[UUID, list[UUID]] = defaultdict(list)
    rows: dict[UUID, list[Kept]] = defaultdict(list)
    in_order = FieldOperation.objects.filter(county=COUNTY).order_by("received_at", "id")
    for device_id, operation_id in in_order.values_list("device_id", "operation_id"):
        operations[device_id].append(operation_id)
    visit_of_answer = dict(VisitAnswer.objects.filter(county=COUNTY).values_list("id", "visit_id"))
    pictures: dict[UUID, set[str]] = defaultdict(set)
    used = AttachmentUse.objects.filter(county=COUNTY)
    for object_id, original in used.values_list("object_id", "attachment__original_hash"):
        pictures[visit_of_answer.get(object_id, object_id)].add(original)
    visits = Visit.objects.filter(county=COUNTY).values_list("site_id", "device_id", "id")
    cases = Case.objects.filter(county=COUNTY, site__isnull=False).values_list("site_id", "words", "id")
    for site_id, name, row_id in (*visits, *cases):
        rows[site_id].append(Kept(str(name), frozenset(pictures[row_id])))
    return Stored(operations, rows)


def faults(phones: Iterable[Phone], there: Stored) -> Faults:
    """Hold what the phones sent, each for a site of its own, against what is there."""
    found = [_faults_of(phone, there) for phone in phones]
    return Faults(*(sum(counts) for counts in zip(*found, strict=True)))


def _faults_of(phone: Phone, there: Stored) -> tuple[int, int, int, int]:
    sent = {UUID(one["id"]): one for one in phone.operations}
    names = {_name(one): key for key, one in sent.items()}
    rows = there.rows.get(phone.carrier.site.id, [])
    order = there.operations.get(phone.carrier.device_id, [])
    by_id, by_name = Counter(order), Counter(row.name for row in rows)
    lost = {key for name, key in names.items() if not (by_id[key] and by_name[name])}
    twice = {key for key, times in by_id.items() if times > (key in sent)}
    twice |= {names.get(name, name) for name, times in by_name.items() if times > (name in names)}
    wrong = {row.name for row in rows if row.name in names and row.pictures != _pictures(phone, sent[names[row.name]])}
    return len(lost), len(twice), _displaced([key for key in sent if by_id[key]], order), len(wrong)


def _displaced(sent: Sequence[UUID], order: Sequence[UUID]) -> int:
    known = set(sent)
    first = dict.fromkeys(one for one in order if one in known)  # what came twice is counted elsewhere
    return sum(one != other for one, other in zip_longest(sent, first))


def _name(operation: dict[str, Any]) -> str:
    return str(operation["payload"]["words"] if operation["kind"] == "cases.report" else operation["id"])


def _pictures(phone: Phone, operation: dict[str, Any]) -> frozenset[str]:
    payload = operation["payload"]
    named = {*payload.get("photos", ()), *(one for it in payload.get("answers", ()) for one in it.get("photos", ()))}
    return frozenset(sm3(phone.pictures[one]).hex() for one in named)
