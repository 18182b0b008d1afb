"""What readers see, kept for moments, and drawn tiles, kept while what they show stays the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Moments(Generic[T]):
    """Values worked out anew after ``seconds``, or when their county is forgotten; at most ``most`` of them."""

    def __init__(self, seconds: float, most: int = 200) -> None:
        self.seconds, self.most = seconds, most
        self._kept: OrderedDict[tuple[int, Hashable], tuple[float, T]] = OrderedDict()
        _all.append(self)

    def get(self, county: int, key: Hashable, make: Callable[[], T]) -> T:
        found = self._kept.get((county, key))
        if found is not None and monotonic() - found[0] < self.seconds:
            return found[1]
        value = make()
        self._kept[county, key] = (monotonic(), value)
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)
        return value

    def forget(self, county: int) -> None:
        for key in [key for key in list(self._kept) if key[0] == county]:
            self._kept.pop(key, None)


class Tiles:
    """Drawn tiles by what they show (a digest); the longest unasked go first when there are too many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self._size = most_bytes, 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        drawn = draw()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = drawn
                self._size += len(drawn)
            while self._size > self.most_bytes and self._kept:
                self._size -= len(self._kept.popitem(last=False)[1])
        return drawn

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._size = 0


_all: list[Moments[Any]] = []


def forget(county: int) -> None:
    """Work out anew what readers of a county see: called when something of it was written by this process."""
    for one in _all:
        one.forget(county)
