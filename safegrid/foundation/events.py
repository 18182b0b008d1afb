"""What a lower context announces and an upper one acts upon, in the same transaction; subscribed in ``wiring.py`` only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

_subscribers: dict[str, list[Callable[..., None]]] = defaultdict(list)


def subscribe(name: str, handler: Callable[..., None]) -> None:
    """Call ``handler`` whenever ``name`` (``context.what_happened``) is published; subscribing twice is once."""
    if handler not in _subscribers[name]:
        _subscribers[name].append(handler)


def publish(name: str, **payload: Any) -> None:
    """Call every subscriber of ``name`` now, in order; an error in one rolls the caller back."""
    for handler in _subscribers[name]:
        handler(**payload)
