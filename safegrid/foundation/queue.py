"""Background work: ``enqueue`` in the caller's transaction, redelivery after a crash, once-only by key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django_q.models import Schedule
from django_q.tasks import async_task

from safegrid.foundation import clock

_handlers: dict[str, Callable[..., Any]] = {}
_periodic: list[Periodic] = []


@dataclass(frozen=True)
class Periodic:
    name: str
    minutes: int


def task(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the handler of ``name``. Handlers live in a context's ``tasks.py`` and must bear being run twice."""

    def register(handler: Callable[..., Any]) -> Callable[..., Any]:
        _handlers[name] = handler
        return handler

    return register


def periodic(name: str, *, minutes: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a handler that the queue's schedule calls every ``minutes`` minutes."""
    _periodic.append(Periodic(name, minutes))
    return task(name)


def enqueue(name: str, *, key: str = "", **arguments: Any) -> None:
    """Put a task on the queue, inside the caller's transaction: a rollback takes it back.

    With ``key`` the task takes effect at most once, however often it is enqueued or redelivered. Arguments are plain values.
    """
    if name not in _handlers:
        raise KeyError(f"no task named {name}")
    async_task("safegrid.foundation.queue.run", name, key, arguments, task_name=name)


def run(name: str, key: str, arguments: dict[str, Any]) -> Any:
    """Carry out one task; called by the worker."""
    from safegrid.foundation.models import TaskReceipt

    handler = _handlers[name]
    if not key:
        return handler(**arguments)
    with transaction.atomic():
        _, first = TaskReceipt.objects.get_or_create(key=f"{name}:{key}", defaults={"done_at": clock.now()})
        return handler(**arguments) if first else None


def run_periodic(name: str) -> Any:
    return _handlers[name]()


def ensure_schedules() -> None:
    """Write the registered periodic tasks into the queue's schedule, and drop those no longer registered."""
    names = {entry.name for entry in _periodic}
    Schedule.objects.filter(func="safegrid.foundation.queue.run_periodic").exclude(name__in=names).delete()
    for entry in _periodic:
        Schedule.objects.update_or_create(
            name=entry.name,
            defaults={
                "func": "safegrid.foundation.queue.run_periodic",
                "args": repr((entry.name,)),
                "schedule_type": Schedule.MINUTES,
                "minutes": entry.minutes,
                "repeats": -1,
            },
        )
