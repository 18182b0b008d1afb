"""What members and committees do to cases on their phones, perhaps days before it arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from ninja import Schema

from safegrid.cases import intake, selectors, services, words
from safegrid.cases.phones.rows import is_mine_now
from safegrid.cases.workflow import CASE
from safegrid.foundation import clock, trace
from safegrid.foundation.errors import Conflict, InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.fieldwork import Received
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.worktime import due_text
from safegrid.grids import selectors as grids
from safegrid.sites import selectors as sites

# The phone's names of what verbs call otherwise.
PHONE_NAMES = {
    "attachment_ids": "photos",
    "before_ids": "before_photos",
    "after_ids": "after_photos",
    "site": "site_id",
}


class PlaceIn(Schema):
    """Where: a site of the user's, else a WGS 84 position, else words; town and village by default the user's own."""

    kind: str
    words: str
    site_id: UUID | None = None
    place_words: str = ""
    town: str = ""
    village: str = ""
    longitude: float | None = None
    latitude: float | None = None


class ReportIn(PlaceIn):
    """``joins``: the open case that the reporter took for the same thing."""

    photos: list[UUID] = []
    suspected_major: bool = False
    joins: UUID | None = None


class OnSpotIn(PlaceIn):
    before_photos: list[UUID] = []
    after_photos: list[UUID] = []


class LookIn(Schema):
    """A look at a case on the spot. ``version``: the one the phone showed."""

    case_id: UUID
    version: int
    photos: list[UUID] = []
    longitude: float | None = None
    latitude: float | None = None


class VerifyIn(LookIn):
    finding: str


class PassIn(LookIn):
    words: str = ""


class FailIn(LookIn):
    reason: str


def report(user: Actor, county: int, payload: ReportIn, received: Received) -> dict[str, Any]:
    """Report through the user's channel, as found when it was noted on the phone.

    A case to join that is no longer open, and a site that is no longer the user's, must not cost the report: it is then filed
    on its own, or by its position, and ``words`` of the result say so.
    """
    values, said = _place(user, county, payload)
    common = {
        "acting_user": user, "county": county, "channel": _channel(user, county), "suspected_major": payload.suspected_major,
        "attachment_ids": received.attachments(payload.photos), "found_at": min(received.happened_at, clock.now()), **values,
    }  # fmt: skip
    with _in_the_phones_words():
        try:
            case = services.report(**common, joins=payload.joins)
        except InvalidInput as error:
            if payload.joins is None or set(error.fields) != {"joins"}:
                raise
            case = services.report(**common)
            said.append(_not_joined(county, payload.joins))
    return _result(case, said, joined=case.state == "merged")


def settle_on_spot(user: Actor, county: int, payload: OnSpotIn, received: Received) -> dict[str, Any]:
    """Report what was put right before the member's eyes."""
    values, said = _place(user, county, payload)
    with _in_the_phones_words():
        case = services.settle_on_spot(
            acting_user=user, county=county, before_ids=received.attachments(payload.before_photos),
            after_ids=received.attachments(payload.after_photos), found_at=min(received.happened_at, clock.now()), **values,
        )  # fmt: skip
    return _result(case, said)


def verify(user: Actor, county: int, payload: VerifyIn, received: Received) -> dict[str, Any]:
    """Say what was found before filing."""
    return _look(user, county, payload, received, "verify", finding=payload.finding)


def recheck_pass(user: Actor, county: int, payload: PassIn, received: Received) -> dict[str, Any]:
    """Find it put right."""
    return _look(user, county, payload, received, "recheck_pass", words=payload.words)


def recheck_fail(user: Actor, county: int, payload: FailIn, received: Received) -> dict[str, Any]:
    """Find it not put right."""
    return _look(user, county, payload, received, "recheck_fail", reason=payload.reason)


def _channel(user: Actor, county: int) -> str:
    """Return the channel of the user's role: on a phone one is a member before anything else."""
    for kind, channel in (("grid_member", "member"), ("committee", "committee")):
        if any(holding.county == county for holding in held(user, kind)):
            return channel
    channels = intake.channels_of(user)
    if not channels:
        raise NotPermitted("您现在没有可以上报的岗位，请联系乡镇安监站")
    return channels[0][0]


def _place(user: Actor, county: int, payload: PlaceIn) -> tuple[dict[str, Any], list[str]]:
    """Return kind, words and place for the verb, and what has to be said of them."""
    values = payload.dict(include={"kind", "words", "place_words", "town", "village", "longitude", "latitude"})
    said: list[str] = []
    site = None
    if payload.site_id is not None:
        try:
            site = sites.site_for(user, county, payload.site_id)
        except NotVisible:
            if payload.longitude is None and not payload.place_words.strip():
                raise InvalidInput({"site_id": "该对象已不在您的网格，请取位置或用文字说明地点"}) from None
            said.append("该对象已不在您的网格，已按位置或地点描述上报")
    if site is None and not values["town"] and not values["village"]:
        values |= _own_place(user, county)
    return {**values, "site": site}, said


def _own_place(user: Actor, county: int) -> dict[str, str]:
    """Return where a report without a place of its own belongs: the committee's village, the member's town."""
    if _channel(user, county) == "committee":
        village = next(one.place for one in held(user, "committee") if one.county == county)
        return {"town": village[:9], "village": village}
    member = grids.member_of(user)
    return {"town": member.town} if member is not None and member.county == county else {}


def _not_joined(county: int, joins: UUID) -> str:
    """Say why a report was filed on its own; of the other case only what every reporter may know."""
    other = selectors.told_of(county, joins)
    if other is None:
        return "没有找到要并入的案件，已单独上报"
    number, state = other
    return f"案件 {number} 现在是“{CASE.state[state].label}”，不能并入，已单独上报"


def _look(user: Actor, county: int, payload: LookIn, received: Received, verb: str, **fields: Any) -> dict[str, Any]:
    case = _still_mine(user, county, payload, verb)
    with _in_the_phones_words():
        done = getattr(services, verb)(
            acting_user=user, case=case, version=payload.version, attachment_ids=received.attachments(payload.photos),
            longitude=payload.longitude, latitude=payload.latitude, **fields,
        )  # fmt: skip
    return _result(done, [])


def _still_mine(user: Actor, county: int, payload: LookIn, verb: str) -> Any:
    """Return the case as the phone showed it; raise ``Conflict`` saying what happened to it since, and who did that."""
    wanted, label = ("verifying", "核实") if verb == "verify" else ("rectified", "复查")
    try:
        case = selectors.case_for(user, county, payload.case_id)
    except NotVisible:
        raise Conflict(f"这个案件已不由您{label}：可能已改交他人，或已不在您的网格") from None
    if case.state != wanted:
        raise Conflict(f"案件 {case.number} 现在是“{CASE.state[case.state].label}”，不用再{label}了。{_latest(case)}")
    if not is_mine_now(user, case):
        raise Conflict(f"案件 {case.number} 已改由他人{label}。{_latest(case)}")
    if case.version != payload.version:
        raise Conflict(f"案件 {case.number} 仍待您{label}，但情况有变化，请核对后再提交。{_latest(case)}")
    return case


def _latest(case: Any) -> str:
    """Return the latest act of somebody on a case, by role: "乡镇安监站已于2025年3月5日10时“立案”"."""
    verbs = {f"cases.{verb}" for verb in CASE.verb_labels}
    act = next((one for one in reversed(trace.trace_of(case)) if one.action in verbs), None)
    if act is None:
        return ""
    who = words.names_for(case.county, []).roles.get(act.role, "系统")
    return f"{who}已于{due_text(act.at)}“{words.act_label(act.action)}”"


def _result(case: Any, said: list[str], **more: Any) -> dict[str, Any]:
    return {"id": str(case.id), "number": case.number, "state": case.state, "version": case.version,
            "state_label": CASE.state[case.state].label, "words": "；".join(said), **more}  # fmt: skip


@contextmanager
def _in_the_phones_words() -> Iterator[None]:
    """Name the fields of refusals as the phone does."""
    try:
        yield
    except InvalidInput as error:
        fields: Mapping[str, str] = {PHONE_NAMES.get(name, name): said for name, said in error.fields.items()}
        raise InvalidInput(fields) from None
