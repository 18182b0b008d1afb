"""What a report may be made of: kinds, channels, places, and what a reporter is told of similar cases."""

from __future__ import annotations

from typing import Any

from safegrid.cases import words
from safegrid.cases.models import Channel
from safegrid.cases.services.reporting import CHANNELS
from safegrid.cases.workflow import CASE
from safegrid.foundation.scope import Actor, held
from safegrid.handbook import selectors as handbook
from safegrid.regions import selectors as regions

# Who reports through pages and API; the public has shells of its own.
REPORTERS = ("grid_member", "committee", "town_officer", "department_officer", "agency_expert", "hotline_officer",
             "site_contact")  # fmt: skip


def channels_of(user: Actor) -> list[tuple[str, str]]:
    """Return (channel, label) of what the user's roles report through; visits report through their own forms."""
    found = {channel for one in held(user, *REPORTERS) for channel in CHANNELS[one.kind]} - {Channel.PATROL}
    return [(value, label) for value, label in words.CHANNELS.items() if value in found]


def kind_choices(county: int, *, on_spot: bool = False) -> list[tuple[str, str]]:
    """Return (code, "group › kind"); ``on_spot``: only kinds that may be settled on the spot."""
    found = handbook.kind_choices(county)
    if not on_spot:
        return found
    allowed = {kind.code for kind in handbook.hazard_kinds(county) if kind.may_settle_on_spot}
    return [(code, label) for code, label in found if code in allowed]


def village_choices(user: Actor, county: int) -> list[tuple[str, str]]:
    """Return (code, "town village") of the places in which the user's roles may report, towns themselves included."""
    places = [one.place for one in held(user, *REPORTERS) if one.kind not in ("grid_member", "site_contact")]
    codes = sorted(code for code in regions.codes_of_county(county)
                   if not places or any(code.startswith(place) for place in places))  # fmt: skip
    names = regions.names_of({*codes, *(code[:9] for code in codes)})
    return [
        (code, names.get(code, code) if len(code) == 9 else f"{names.get(code[:9], '')} {names.get(code, code)}")
        for code in codes
    ]


def told(one: Any) -> dict[str, Any]:
    """Return what anyone who is about to report may know of a similar case."""
    away = "" if one.distance_m is None else f"相距约 {one.distance_m:.0f} 米"
    return {
        "id": one.case_id,
        "number": one.number,
        "state": CASE.state[one.state].label,
        "reported_at": one.reported_at,
        "where": "同一监管对象" if one.same_site else away,
    }
