"""Who reads figures, and of which places: those who see everything there."""

from __future__ import annotations

from safegrid.foundation.errors import NotPermitted, NotVisible
from safegrid.foundation.scope import Actor, held, is_place

READERS = frozenset({"leader", "lead_officer", "lead_chief", "town_officer", "upper_level", "auditor"})


def places(user: Actor) -> list[str]:
    """Return the places whose figures the user reads, the widest first; "" is the nation."""
    return sorted(
        {one.place for one in held(user, *READERS) if is_place(one.place)}, key=lambda code: (len(code), code)
    )


def place_for(user: Actor, asked: str | None) -> str:
    """Return the place asked for, or the user's widest one for None.

    Raises ``NotPermitted`` for roles that read no figures, ``NotVisible`` for a place that does not lie in one of the user's.
    """
    own = places(user)
    if not own:
        raise NotPermitted("您的岗位不能查看统计")
    if asked is None:
        return own[0]
    if not is_place(asked) or not any(asked.startswith(place) for place in own):
        raise NotVisible("没有这个地区，或不在您的管辖范围内")
    return asked


def reads(user: Actor, place: str) -> bool:
    """Say whether the user reads the figures of a place."""
    return any(place.startswith(own) for own in places(user))
