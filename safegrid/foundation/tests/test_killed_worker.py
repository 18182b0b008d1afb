"""PostgreSQL: what a killed worker held is handed out again within seconds; what is held by the living stays where it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from safegrid.foundation import holding, queue
from safegrid.foundation.models import CalendarDay, TaskHold, TaskReceipt

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).parents[3]
COUNTY = 330521
NOBODY = 7  # a number whose lock no process holds
# The queue's own time limit stays as it is in use, more than an hour: no test waits for it.
SETTINGS = """
from config.settings import *
ROOT_URLCONF, urlpatterns = __name__, []
INSTALLED_APPS = [*INSTALLED_APPS, "safegrid.foundation.tests.queue_app.Config"]
Q_CLUSTER = {**Q_CLUSTER, "poll": 0.1, "workers": 1}
"""


class Installation:
    """Settings of its own on the test's database, with real workers to kill."""

    def __init__(self, folder: Path) -> None:
        (folder / "crash_settings.py").write_text(SETTINGS)
        given = connection.settings_dict
        where = f"{given['USER']}:{given['PASSWORD']}@{given['HOST'] or 'localhost'}:{given['PORT'] or 5432}"
        self.folder, self._workers = folder, []
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "crash_settings",
            "PYTHONPATH": f"{folder}:{ROOT}",
            "DATABASE_URL": f"postgres://{where}/{given['NAME']}",
            "SAFEGRID_VAR_DIR": str(folder),
        }

    def start_worker(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, ROOT / "manage.py", "qcluster"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._workers.append(subprocess.Popen(words, env=self._environment, start_new_session=True, **quiet))
        return self._workers[-1]

    def attempts(self) -> int:
        return len(list(self.folder.glob("attempt-*")))

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """End a worker with all its processes at once, as a machine that loses its power does."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def kill_all(self) -> None:
        for worker in self._workers:
            if worker.poll() is None:
                self.kill(worker)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    found = Installation(tmp_path)
    yield found
    found.kill_all()


@pytest.fixture
def waiting(monkeypatch) -> Iterator[int]:
    """The number of a task that waits in the queue."""
    monkeypatch.setattr(queue, "_handlers", {"test.slow": None})
    queue.enqueue("test.slow", key="one")
    yield OrmQ.objects.get().pk
    holding._holder.close()


def wait_for(condition, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def took_effect_once() -> bool:
    return not OrmQ.objects.exists() and CalendarDay.objects.filter(county=COUNTY).count() == 1


def test_another_worker_carries_out_what_a_killed_one_had_within_seconds(installation, waiting):
    worker = installation.start_worker()
    wait_for(lambda: installation.attempts() == 1)
    assert OrmQ.objects.get().lock > timezone.now() + timedelta(hours=1), "the queue alone would take that long"
    installation.kill(worker)
    installation.start_worker()
    wait_for(took_effect_once)
    assert installation.attempts() == 2
    assert TaskReceipt.objects.count() == 1
    wait_for(lambda: not TaskHold.objects.exists())


def test_a_process_of_the_worker_that_is_killed_alone_gives_its_task_to_the_next_one(installation, waiting):
    worker = installation.start_worker()
    wait_for(lambda: installation.attempts() == 1)
    wait_for(lambda: (installation.folder / "attempt-0").read_text() != "")
    its = int((installation.folder / "attempt-0").read_text())
    assert its != worker.pid
    os.kill(its, signal.SIGKILL)
    wait_for(took_effect_once)
    assert installation.attempts() == 2
    assert worker.poll() is None


def test_what_the_living_hold_stays_with_them(waiting):
    held_until = timezone.now() + timedelta(hours=1)
    OrmQ.objects.update(lock=held_until)
    holding.hold([waiting])
    assert holding.release() == 0
    assert OrmQ.objects.get().lock == held_until


def test_a_task_that_takes_every_worker_with_it_waits_for_the_queue_s_own_limit(waiting):
    far = timezone.now() + timedelta(hours=1)
    released = []
    for _ in range(holding.MOST_FALLS):
        OrmQ.objects.update(lock=far)
        holding.hold([waiting])
        TaskHold.objects.update(holder=NOBODY)
        released.append(holding.release())
    assert released == [1, 1, 0]
    assert OrmQ.objects.get().lock == far


def test_a_connection_that_was_lost_leaves_the_tasks_with_the_process(waiting):
    holding.hold([waiting])
    before = TaskHold.objects.get().holder
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                       "AND (classid::bigint << 32) + objid::bigint = %s", [before])  # fmt: skip
    assert holding.release() == 0
    after = TaskHold.objects.get().holder
    assert after not in (None, before)
    assert holding._holder.number() == after
