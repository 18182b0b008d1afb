"""What was found before a run, and what a plan violates, in words for the lead office."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

SHOWN = 200  # units named by number; more of them are one mistake made many times


@dataclass(frozen=True)
class Message:
    """What was found: ``text`` says what, ``remedy`` what to do; a blocking one keeps the run from starting."""

    code: str
    text: str
    remedy: str = ""
    is_blocking: bool = False
    units: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "units": list(self.units[:SHOWN])}


def read(kept: Iterable[dict[str, Any]]) -> list[Message]:
    """Return messages kept as JSON, those that block first."""
    found = [Message(**{**one, "units": tuple(one["units"])}) for one in kept]
    return sorted(found, key=lambda one: not one.is_blocking)


def of_findings(found: Iterable[Any], names: Sequence[str], *, accepted: frozenset[str] = frozenset()) -> list[Message]:
    """Return ``gridplan`` findings as messages that name the villages; ``names[unit]`` is the name of a unit's village."""
    made = []
    for one in found:
        places = list(dict.fromkeys(names[unit] for unit in one.units))
        shown = f"（{'、'.join(places[:5])}{f'等 {len(places)} 处' if len(places) > 5 else ''}）" if places else ""
        blocks = one.blocking and one.code not in accepted
        made.append(Message(one.code, f"{one.text}{shown}", one.remedy, blocks, tuple(one.units)))
    return made
