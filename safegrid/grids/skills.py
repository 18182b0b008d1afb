"""Languages and skills: those a member has, and those a grid wishes for in its member (STAFF of the requirements)."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST, LONGEST = 10, 20
APART = re.compile(r"[、，,；;\s]+")


def words_in(text: str) -> list[str]:
    """Return the words of a line like “畲语、电工”, each once, in order."""
    return sorted({word for word in APART.split(text) if word})


def problem_of(words: Iterable[str]) -> str:
    """Say what is wrong with such words, "" where nothing is."""
    found = list(words)
    if len(found) > MOST or any(not word.strip() or len(word) > LONGEST for word in found):
        return f"语言与专长最多 {MOST} 项，每项不超过 {LONGEST} 字"
    return ""
