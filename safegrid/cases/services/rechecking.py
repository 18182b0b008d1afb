"""The look at what was put right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from safegrid.cases.models import Case, Recheck
from safegrid.cases.services._engine import Act, begin
from safegrid.cases.services.handling import waiting_recheck
from safegrid.cases.services.people import is_member, person, rechecker
from safegrid.foundation.errors import InvalidInput
from safegrid.foundation.scope import Actor
from safegrid.foundation.statements import update


@transaction.atomic
def assign_recheck(
    *, acting_user: Actor | None, case: Case, version: int | None = None, rechecker_id: UUID | None, words: str = ""
) -> Case:
    """Charge somebody with the recheck. ``rechecker_id``: a user's id; for a major hazard the member who goes along."""
    act = begin("assign_recheck", acting_user=acting_user, case=case, version=version, rechecker_id=rechecker_id,
                words=words)  # fmt: skip
    assert rechecker_id is not None  # required
    rechecker(act.case, rechecker_id)
    done = act.done(changes={"rechecker_id": rechecker_id})
    waiting_recheck(done, assigned_to_id=rechecker_id)
    return done


@transaction.atomic
def recheck_pass(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    attachment_ids: Sequence[UUID] = (),
    longitude: float | None,
    latitude: float | None,
    words: str = "",
    with_member_id: UUID | None = None,
) -> Case:
    """Find it put right. Whoever took part in the rectification cannot.

    A major hazard is passed by an officer of the main department together with a grid member, ``with_member_id`` (by default
    the one charged with the recheck). Position in WGS 84.
    """
    act = begin("recheck_pass", acting_user=acting_user, case=case, version=version, attachment_ids=list(attachment_ids),
                longitude=longitude, latitude=latitude, words=words, with_member_id=with_member_id)  # fmt: skip
    companion = _companion(act, with_member_id)
    done = act.done(photos={"recheck": attachment_ids}, traced={"with_member_id": companion} if companion else None)
    _finish(act, done, "passed", words, longitude=longitude, latitude=latitude, with_member_id=companion)
    return done


@transaction.atomic
def recheck_fail(
    *,
    acting_user: Actor | None,
    case: Case,
    version: int | None = None,
    reason: str,
    attachment_ids: Sequence[UUID] = (),
    longitude: float | None = None,
    latitude: float | None = None,
) -> Case:
    """Find it not put right: back to handling as rework, whose time runs on from where it stood."""
    act = begin("recheck_fail", acting_user=acting_user, case=case, version=version, reason=reason,
                attachment_ids=list(attachment_ids), longitude=longitude, latitude=latitude)  # fmt: skip
    changes: dict[str, Any] = {"rechecker_id": None, "rectified_at": None, "rectifiers": []}
    done = act.done(changes={**changes, "reworks": act.case.reworks + 1}, photos={"recheck": attachment_ids})
    _finish(act, done, "failed", reason, round_=done.reworks, longitude=longitude, latitude=latitude)
    return done


@transaction.atomic
def waive_recheck(*, acting_user: Actor | None, case: Case, version: int | None = None, reason: str) -> Case:
    """Go without a recheck; never for a major hazard."""
    act = begin("waive_recheck", acting_user=acting_user, case=case, version=version, reason=reason)
    done = act.done()
    _finish(act, done, "waived", reason)
    return done


def _companion(act: Act, with_member_id: UUID | None) -> UUID | None:
    """Return the grid member present at the recheck of a major hazard; raise ``InvalidInput``."""
    if act.case.severity != "major":
        return with_member_id
    member_id = with_member_id or act.case.rechecker_id
    if member_id is None or member_id == act.user_id:
        raise InvalidInput({"with_member_id": "重大事故隐患须会同网格员复查，请填写同行的网格员"})
    if str(member_id) in act.case.rectifiers or not is_member(person(member_id, "with_member_id"), act.case.county):
        raise InvalidInput({"with_member_id": "同行的人必须是本县在岗、且未参与整改的网格员"})
    return member_id


def _finish(act: Act, case: Case, result: str, words: str, *, round_: int = 0, **values: Any) -> None:
    """Write the result into the recheck that waits, or into a new one where nobody was charged with it."""
    ended = {"result": result, "words": words[:1000], "done_by_id": act.user_id, "done_at": act.at, **values}
    if not update(Recheck, {"county": case.county, "case_id": case.id, "result": "waiting"}, ended):
        number = round_ or case.reworks + 1
        Recheck.objects.create(county=case.county, case_id=case.id, round=number, **ended)
