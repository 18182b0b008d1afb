"""Background work: ``enqueue`` in the caller's transaction, redelivery after a crash, once-only by key."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.tasks import async_task

from safegrid.foundation import clock
from safegrid.foundation.faults import describe

logger = logging.getLogger("safegrid.queue")
_handlers: dict[str, Callable[..., Any]] = {}
_periodic: list[Periodic] = []
_left_out: ContextVar[frozenset[str]] = ContextVar("tasks_left_out", default=frozenset())


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


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Let tasks of these names not be enqueued inside the block: a replay of the past tells nobody."""
    token = _left_out.set(_left_out.get() | set(names))
    try:
        yield
    finally:
        _left_out.reset(token)


def enqueue(name: str, *, key: str = "", **arguments: Any) -> None:
    """Put a task on the queue, inside the caller's transaction: a rollback takes it back.

    With ``key`` the task takes effect at most once, however often it is enqueued or redelivered. Arguments are plain values.
    """
    if name not in _handlers:
        raise KeyError(f"no task named {name}")
    if name in _left_out.get():
        return
    async_task("safegrid.foundation.queue.run", name, key, arguments, task_name=name)


class TaskFailed(Exception):
    """A handler raised. Carries the task's name and the error's class; its message may hold personal data and is left out."""


def run(name: str, key: str, arguments: dict[str, Any]) -> Any:
    """Carry out one task; called by the worker.

    The receipt of a key is kept in the handler's own transaction: of two workers with the same key one waits for the other
    and then finds the receipt, and a crash takes receipt and effect back together. Raises ``TaskFailed``; the queue
    tries again (``retry`` in the settings) and gives up after ``max_attempts``.
    """
    return _told(name, lambda: _once(name, key, arguments) if key else _handlers[name](**arguments))


def _once(name: str, key: str, arguments: dict[str, Any]) -> Any:
    from safegrid.foundation.models import TaskReceipt

    with transaction.atomic():
        _, first = TaskReceipt.objects.get_or_create(key=f"{name}:{key}", defaults={"done_at": clock.now()})
        return _handlers[name](**arguments) if first else None


def run_periodic(name: str) -> Any:
    """Carry out one periodic task; called by the worker on the queue's schedule."""
    return _told(name, _handlers[name])


def _told(name: str, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Exception as error:
        logger.error("task %s failed: %s", name, describe(error))
        raise TaskFailed(f"{name}: {type(error).__qualname__}") from None


def release_orphans() -> int:
    """Hand out again at once what a killed worker had taken; return how many tasks.

    Only where this process is about to start the only worker there is, which SQLite implies; on PostgreSQL another server's
    worker may still be at it, and ``foundation.holding`` finds out which are gone.
    """
    if connection.vendor != "sqlite":
        return 0
    return int(OrmQ.objects.filter(lock__gt=timezone.now()).update(lock=timezone.now()))


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
