"""What upper contexts lend to the role form: the departments of a county. Registered from ``orgs``; empty until then."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Choices = Sequence[tuple[str, str]]
_departments: list[Callable[[int], Choices]] = []


def register_departments(choices: Callable[[int], Choices]) -> None:
    """Let ``choices(county)`` say which departments a role may be held in; the last one registered counts."""
    _departments[:] = [choices]


def departments(county: int) -> Choices:
    """Return (id, name) of the departments of a county."""
    return _departments[0](county) if _departments else ()
