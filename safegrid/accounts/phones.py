"""What the field app lends to the pages that list phones: what each last said of itself. Registered from ``field``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any
from uuid import UUID

Words = Callable[[Collection[UUID]], dict[UUID, str]]
_words: list[Words] = []


def register_words(words: Words) -> None:
    """Let ``words(device_ids)`` say what phones last told; the last one registered counts."""
    _words[:] = [words]


def told(sessions: Iterable[Any]) -> list[tuple[Any, str]]:
    """Return each session with what its phone last said, "" for a browser's."""
    listed = list(sessions)
    ids = {session.device_id for session in listed if session.device_id}
    known = _words[0](ids) if _words and ids else {}
    return [(session, known.get(session.device_id, "")) for session in listed]
