"""The code on a member's clear card: who the member is, for which grids and until when, signed so that nobody makes one up.

It is an address of the member's page in the console, which checks the signature and says whether the card still holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from safegrid.foundation import clock
from safegrid.grids.selectors import present_postings

HOLDS = timedelta(days=30)  # as long as a phone may be without a network
_SIGNER = Signer(salt="safegrid.grids.card")


@dataclass(frozen=True)
class Card:
    """What a code says; ``grids`` are codes, ``until`` is its last day."""

    county: int
    code: str
    name: str
    grids: tuple[str, ...]
    until: date


def grids_of(member: Any) -> list[Any]:
    """Return the grids that a member answers for today by a posting that is not paused, by code."""
    postings = present_postings(member.county, [member.id]).get(member.id, [])
    found = {posting.grid_id: posting.grid for posting in postings if posting.paused_since is None}
    return sorted(found.values(), key=lambda grid: grid.code)


def written(member: Any, grids: list[Any], until: date) -> str:
    """Return the code of a member's card: an address, to be put behind the installation's own name."""
    words = "|".join(
        (str(member.county), member.code, member.name, ",".join(one.code for one in grids), f"{until:%Y%m%d}")
    )
    page = reverse("grids:member", args=[member.county, member.id])
    return f"{page}?{urlencode({'card': _SIGNER.sign(words)})}"


def read(signed: str) -> Card | None:
    """Return what a code says; None when it was not signed here."""
    try:
        county, code, name, grids, until = _SIGNER.unsign(signed).split("|")
    except (BadSignature, ValueError):
        return None
    day = date(int(until[:4]), int(until[4:6]), int(until[6:]))
    return Card(int(county), code, name, tuple(one for one in grids.split(",") if one), day)


def verdict(signed: str, member: Any) -> tuple[bool, str]:
    """Say whether a code is the present card of ``member``, and why not."""
    card = read(signed)
    if card is None or (card.county, card.code) != (member.county, member.code):
        return False, "这张明白卡不是本系统签发给该网格员的，请核实持卡人身份"
    if card.until < clock.today():
        return False, f"这张明白卡已于 {card.until:%Y-%m-%d} 过期，请持卡人联网更新"
    if member.left_on is not None and member.left_on <= clock.today():
        return False, "该网格员已经离岗，明白卡作废"
    present = {one.code for one in grids_of(member)}
    if card.name != member.name or not card.grids or not set(card.grids) <= present:
        return False, "该网格员的姓名或网格已有变动，请持卡人联网更新明白卡"
    return True, f"明白卡有效：{card.name}，网格 {'、'.join(card.grids)}，有效期至 {card.until:%Y-%m-%d}"
