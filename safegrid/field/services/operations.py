"""Acts made on phones, each carried out once: the operation, its answer and what the verb wrote commit together."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, OperationalError, connection, transaction
from pydantic import ValidationError

from safegrid.field import selectors
from safegrid.field.assembly import offer
from safegrid.field.models import FieldDevice, FieldOperation
from safegrid.field.moments import happened_at, offset_ms
from safegrid.field.schemas import OperationIn
from safegrid.field.services.devices import note_clock
from safegrid.foundation import clock, trace
from safegrid.foundation.api.parsing import refuse_unseen
from safegrid.foundation.api.words import fields_of
from safegrid.foundation.bulk import insert_objects
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, Refused, SafeGridError
from safegrid.foundation.faults import describe
from safegrid.foundation.fieldwork import Operation, Received
from safegrid.foundation.scope import Actor

logger = logging.getLogger("safegrid.field")
BUDGET_S = 20  # after so long the rest of a batch is told to come again: no request holds a thread for minutes
DONE, LATER, CONFLICT, REFUSED = "done", "later", "conflict", "refused"
USED = "这个编号已用于另一项操作，请在手机上重新填写后再提交"


@dataclass(frozen=True)
class Answer:
    """What became of one operation; see docs/field.md."""

    id: UUID
    status: str
    result: Mapping[str, Any] = field(default_factory=dict)
    code: str = ""
    words: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    missing: Sequence[UUID] = ()


class _Later(Exception):
    """Not now: photos or operations it needs are not here yet."""

    def __init__(self, code: str, words: str, missing: Sequence[UUID] = ()) -> None:
        super().__init__(code)
        self.code, self.words, self.missing = code, words, missing


@dataclass
class _Batch:
    """What all operations of one request share. ``done``: operations known to be done, by the phone's id."""

    acting_user: Actor
    device: FieldDevice
    sending_ms: int
    done: dict[UUID, FieldOperation]
    until: float
    is_full: bool = False


def carry_out(
    *, acting_user: Actor, device: FieldDevice, device_now: datetime, operations: Sequence[Mapping[str, Any]]
) -> list[Answer]:
    """Carry out a phone's acts one after another in the order sent; return the answers in that order.

    Each has a transaction of its own: a refusal takes back its own act only. What was done before is answered as it was then.
    Raises ``InvalidInput`` where an operation has no id that it could be answered by.
    """
    ids = [_id_of(position, sent) for position, sent in enumerate(operations)]
    sending_ms = offset_ms(clock.now(), device_now)
    note_clock(device, sending_ms)
    known = selectors.done(device.county, [*ids, *_needed(operations)])
    batch = _Batch(acting_user, device, sending_ms, known, time.monotonic() + BUDGET_S)
    return [_answer(batch, key, sent) for key, sent in zip(ids, operations, strict=True)]


def _id_of(position: int, sent: Mapping[str, Any]) -> UUID:
    try:
        return UUID(str(sent.get("id")))
    except ValueError:
        raise InvalidInput({f"operations.{position}.id": "应为编号（UUID）"}) from None


def _needed(operations: Sequence[Mapping[str, Any]]) -> list[UUID]:
    found = []
    for sent in operations:
        needed = sent.get("depends_on")
        for one in needed if isinstance(needed, list) else ():
            try:
                found.append(UUID(str(one)))
            except ValueError:
                continue  # told when the operation itself is read
    return found


def _answer(batch: _Batch, key: UUID, sent: Mapping[str, Any]) -> Answer:
    """Return the answer to one operation; whatever goes wrong becomes its answer and touches no other."""
    try:
        operation = _read(sent)
        if key not in batch.done and (batch.is_full or time.monotonic() > batch.until):
            return Answer(key, LATER, code="busy", words="系统正忙，稍后自动重试")
        return Answer(key, DONE, result=_once(batch, operation).result)
    except _Later as error:
        return Answer(key, LATER, code=error.code, words=error.words, missing=error.missing)
    except InvalidInput as error:
        return Answer(key, REFUSED, code=error.code, words=error.message, fields=error.fields)
    except (NotPermitted, Refused) as error:
        return Answer(key, REFUSED, code=error.code, words=error.message)
    except SafeGridError as error:  # gone, changed, or somebody was first
        return Answer(key, CONFLICT, code=error.code, words=error.message)
    except OperationalError as error:  # a locked database, a deadlock, a lost connection
        batch.is_full = True
        logger.warning("operation %s put off: %s", sent.get("kind"), describe(error))
        return Answer(key, LATER, code="busy", words="系统正忙，稍后自动重试")
    except Exception as error:
        # Ours to mend: the phone keeps the act and sends it again, and it waits for nobody else.
        logger.error("operation %s failed: %s", sent.get("kind"), describe(error))
        if isinstance(error, DatabaseError) and not connection.is_usable():
            batch.is_full = True
        return Answer(key, LATER, code="fault", words="系统处理这一项时出错，内容仍在手机上，稍后自动重试")


def _read(sent: Mapping[str, Any]) -> OperationIn:
    try:
        for name, value in sent.items():
            refuse_unseen(value, "" if name == "payload" else name)
        return OperationIn.model_validate(dict(sent))
    except ValidationError as error:
        raise InvalidInput(_fields(error)) from None


def _fields(error: ValidationError) -> dict[str, str]:
    return fields_of([{**one, "loc": ("operation", *one["loc"])} for one in error.errors()])


def _once(batch: _Batch, sent: OperationIn) -> FieldOperation:
    """Return the operation as it was done, now or before."""
    fingerprint = _fingerprint(sent)
    known = batch.done.get(sent.id)
    if known is None:
        if not all(_is_done(batch, one) for one in sent.depends_on):
            raise _Later("waiting", "等待前一项操作先完成")
        known = _do(batch, sent, fingerprint)
        batch.done[sent.id] = known
    if known.user_id != batch.acting_user.id or known.fingerprint != fingerprint:
        raise Conflict(USED)
    return known


def _is_done(batch: _Batch, key: UUID) -> bool:
    return key in batch.done and batch.done[key].user_id == batch.acting_user.id


def _do(batch: _Batch, sent: OperationIn, fingerprint: str) -> FieldOperation:
    kind = offer().operations.get(sent.kind)
    if kind is None:
        raise InvalidInput({"kind": "系统不认识这种操作，请更新应用后再试"})
    now = clock.now()
    happened = happened_at(sent.device_time, sent.offset_ms, batch.sending_ms, now)
    row = FieldOperation(
        county=batch.device.county,
        operation_id=sent.id,
        device_id=batch.device.device_id,
        user_id=batch.acting_user.id,
        kind=sent.kind,
        fingerprint=fingerprint,
        device_time=sent.device_time,
        offset_ms=sent.offset_ms,
        sending_offset_ms=batch.sending_ms,
        happened_at=happened,
        received_at=now,
    )
    with transaction.atomic(), trace.context(device=_circumstances(batch.device, row)):
        # Where another request is at the same operation, the database waits here for its end.
        if not insert_objects([row], unless=("county", "operation_id")):
            return FieldOperation.objects.get(county=row.county, operation_id=sent.id)
        row.result = _run(batch, kind, sent, row)
        FieldOperation.objects.filter(county=row.county, pk=row.pk).update(result=row.result)
    return row


def _run(batch: _Batch, kind: Operation, sent: OperationIn, row: FieldOperation) -> dict[str, Any]:
    try:
        payload = kind.schema.model_validate(sent.payload)
    except ValidationError as error:
        raise InvalidInput(_fields(error)) from None
    here = _arrived(batch, list(dict.fromkeys(kind.photos(payload))))
    received = Received(
        id=sent.id,
        device_id=batch.device.device_id,
        happened_at=row.happened_at,
        attachments=lambda ids: [(here if here.keys() >= set(ids) else _arrived(batch, ids))[one] for one in ids],
    )
    result = kind.run(batch.acting_user, batch.device.county, payload, received)
    return dict(json.loads(json.dumps(result, cls=DjangoJSONEncoder)))


def _arrived(batch: _Batch, upload_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the attachments of uploads by upload id; not now, where one has not come whole."""
    if not upload_ids:
        return {}
    here = selectors.arrived(batch.acting_user, batch.device.county, upload_ids)
    missing = [one for one in dict.fromkeys(upload_ids) if one not in here]
    if missing:
        raise _Later("missing_photos", "照片还没有传完", missing)
    return here


def _fingerprint(sent: OperationIn) -> str:
    content = json.dumps([sent.kind, sent.payload], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _circumstances(device: FieldDevice, row: FieldOperation) -> str:
    """Return what the trace says of the phone: name, id, its own time, how far that is off and how that is known."""
    applied = row.offset_ms if row.offset_ms is not None else row.sending_offset_ms
    how = "made" if row.offset_ms is not None else "sent"
    return (
        f"{device.name[:30]}; id={device.device_id}; time={row.device_time.isoformat(timespec='milliseconds')}; "
        f"offset_ms={applied} ({how}); happened_at={row.happened_at.isoformat(timespec='milliseconds')}"
    )
