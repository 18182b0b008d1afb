"""How many phones are served at once: a thousand that return together are told to come again, not left to hang."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.conf import settings

SOONEST, LATEST = 3, 30  # seconds: spread, so that those who were sent away do not come back together


class Busy(Exception):
    """As many requests as this process may work on are at work; ``retry_after``: seconds to wait."""

    def __init__(self) -> None:
        super().__init__("busy")
        self.retry_after = random.randint(SOONEST, LATEST)


class Admission:
    """Counts the requests at work in this process."""

    def __init__(self) -> None:
        self._lock, self._at_work = Lock(), 0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Let one request in; raise ``Busy`` at once where ``settings.FIELD_AT_ONCE`` are in already."""
        with self._lock:
            if self._at_work >= settings.FIELD_AT_ONCE:
                raise Busy
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1


admission = Admission()
