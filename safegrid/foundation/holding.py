"""Who holds a task of the queue, so that what a killed process held is handed out again within seconds (PostgreSQL).

The queue itself hands a task out again when ``retry`` has passed, which has to be longer than the longest task takes. A process
that holds tasks therefore holds a lock of its session besides, under a number of its own: the server frees it when the process
or its machine is gone, and whoever finds it free returns the tasks. See docs/decisions/0009-what-a-killed-worker-held.md.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ
from django_q.signals import post_execute_in_worker, pre_execute

from safegrid.foundation.models import TaskHold

logger = logging.getLogger("safegrid.queue")
CHECK_SECONDS = 10.0
MOST_FALLS = 3  # a task that has taken so many processes with it waits for the queue's own ``retry``
# A machine that is gone says nothing: the server asks after a minute, and gives up after another.
KEEPALIVE = {"tcp_keepalives_idle": 60, "tcp_keepalives_interval": 15, "tcp_keepalives_count": 4}


class Holder:
    """This process's number, and the connection whose session holds its lock. A fork takes neither over."""

    def __init__(self) -> None:
        self._process, self._number, self._server = 0, 0, None

    def number(self) -> int:
        """Return the number, with the lock held; a new one where the connection was lost, which takes the tasks along."""
        if self._process == os.getpid() and self._server is not None and self._server.is_usable():
            return self._number
        before = self._number if self._process == os.getpid() else 0
        if before:
            self.close()
        server: Any = connection.copy()  # of its own: Django closes the one of tasks between them
        number = secrets.randbits(62)
        with server.cursor() as cursor:
            for name, value in KEEPALIVE.items():
                cursor.execute("SELECT set_config(%s, %s, false)", [name, str(value)])
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
        self._process, self._number, self._server = os.getpid(), number, server
        if before:
            TaskHold.objects.filter(holder=before).update(holder=number)
        return number

    def is_gone(self, number: int) -> bool:
        """Say whether nobody holds the lock of ``number``."""
        self.number()
        server: Any = self._server
        with server.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
            is_free = bool(cursor.fetchone()[0])
            if is_free:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
        return is_free

    def close(self) -> None:
        """Let go of the number: what this process still has is handed out again."""
        server: Any = self._server
        self._server = None
        if server is not None:
            server.close()


_holder = Holder()


class Broker(ORM):  # type: ignore[misc]
    """The queue's own broker in the database, which notes who has taken a task and returns what the dead had taken."""

    _checked_at = float("-inf")

    def dequeue(self) -> Any:
        if connection.vendor != "postgresql":
            return super().dequeue()
        if time.monotonic() - self._checked_at >= CHECK_SECONDS:
            self._checked_at = time.monotonic()
            if released := release():
                logger.warning("%d tasks of a killed worker are handed out again", released)
        taken = super().dequeue()
        if taken:
            hold([number for number, _ in taken])
        return taken


def hold(tasks: Sequence[int]) -> None:
    """Note that this process has the tasks with these numbers of the queue."""
    holder, now = _holder.number(), timezone.now()
    TaskHold.objects.bulk_create(
        [TaskHold(task=task, holder=holder, taken_at=now) for task in tasks],
        update_conflicts=True, unique_fields=["task"], update_fields=["holder", "taken_at"],
    )  # fmt: skip


def release() -> int:
    """Hand out again what gone processes held; return how many tasks."""
    present = _holder.number()
    others = TaskHold.objects.exclude(holder=present).filter(holder__isnull=False).values_list("holder", flat=True)
    return sum(_release(number) for number in others.distinct() if number is not None and _holder.is_gone(number))


def _release(holder: int) -> int:
    """Return what ``holder`` held, once: of two processes that find it gone the second sees nothing left."""
    with transaction.atomic():
        held = list(TaskHold.objects.select_for_update().filter(holder=holder))
        for one in held:
            one.holder, one.falls = None, one.falls + 1
        TaskHold.objects.bulk_update(held, ["holder", "falls"])
        again = [one.task for one in held if one.falls < MOST_FALLS]
        return int(OrmQ.objects.filter(pk__in=again).update(lock=timezone.now()))


def _take_over(sender: Any, func: Any, task: dict[str, Any], **more: Any) -> None:
    """The worker has the task from the process that took it off the queue."""
    if connection.vendor == "postgresql" and (number := task.get("ack_id")) is not None:
        _without_stopping_work(hold, [number])


def _let_go(sender: Any, func: Any, task: dict[str, Any], **more: Any) -> None:
    """The task has come to an end, good or bad: a failed one waits for the queue's ``retry``."""
    if connection.vendor == "postgresql" and (number := task.get("ack_id")) is not None:
        _without_stopping_work(TaskHold.objects.filter(task=number).delete)


def _without_stopping_work(act: Any, *given: Any) -> None:
    """A database that is out of reach for a moment must not end the worker: the task itself says what is wrong."""
    try:
        act(*given)
    except DatabaseError:
        logger.exception("who holds a task could not be noted; the queue's own time limit returns it")


def follow_workers() -> None:
    """Listen to what workers do; called once when the process is ready."""
    pre_execute.connect(_take_over, dispatch_uid="safegrid.holding.take_over")
    post_execute_in_worker.connect(_let_go, dispatch_uid="safegrid.holding.let_go")
