"""What a live server in the test's own process has answered: its database is one that two threads may not hold at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signals import request_finished, request_started


class Answered:
    """``path`` of every request since the beginning; ``open``: how many are being answered."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.open = 0

    def started(self, *, environ: dict[str, Any] | None = None, **_: Any) -> None:
        self.open += 1
        self.paths.append((environ or {}).get("PATH_INFO", ""))

    def finished(self, **_: Any) -> None:
        self.open -= 1

    def until(self, ending: str, patience: float = 30) -> bool:
        """Wait until a path with this end, and whatever else was asked for meanwhile, has been answered."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            time.sleep(0.2)
            if self.open == 0 and any(one.endswith(ending) for one in self.paths):
                return True
        return False


@contextmanager
def listening() -> Iterator[Answered]:
    """Listen to the live server of this process."""
    heard = Answered()
    request_started.connect(heard.started)
    request_finished.connect(heard.finished)
    try:
        yield heard
    finally:
        request_started.disconnect(heard.started)
        request_finished.disconnect(heard.finished)
