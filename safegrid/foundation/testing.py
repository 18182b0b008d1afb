"""Help for tests and for simulations that have no worker."""

from __future__ import annotations

from pydoc import locate
from typing import Any

from django_q.models import OrmQ
from django_q.signing import SignedPackage

ENDLESS = 100_000


def run_queue() -> int:
    """Carry out everything on the queue here and now, what it enqueues in turn included; return how many tasks.

    A task that fails raises ``TaskFailed``. Raises ``RuntimeError`` when tasks keep enqueuing tasks.
    """
    for done in range(ENDLESS):
        row = OrmQ.objects.order_by("id").first()
        if row is None:
            return done
        package: dict[str, Any] = SignedPackage.loads(row.payload)
        row.delete()
        function: Any = locate(package["func"])
        function(*package["args"], **package["kwargs"])
    raise RuntimeError("the queue does not become empty")
