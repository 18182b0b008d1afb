"""Background work: in the caller's transaction, once by key, again after a crash."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.signing import SignedPackage

from safegrid.foundation import queue
from safegrid.foundation.models import CalendarDay, TaskReceipt
from safegrid.foundation.testing import run_queue

COUNTY = 330521
ROOT = Path(__file__).parents[3]


@pytest.fixture
def handlers(monkeypatch):
    """The registry, emptied for the test and restored after it."""
    monkeypatch.setattr(queue, "_handlers", {})
    monkeypatch.setattr(queue, "_periodic", [])


@pytest.fixture
def done(handlers):
    """What the task "test.note" has done."""
    notes = []
    queue.task("test.note")(lambda **arguments: notes.append(arguments))
    return notes


@pytest.mark.django_db
def test_a_task_gets_its_arguments(done):
    queue.enqueue("test.note", county=COUNTY, words="检查")
    assert done == []
    assert run_queue() == 1
    assert done == [{"county": COUNTY, "words": "检查"}]


@pytest.mark.django_db
def test_what_a_task_enqueues_is_carried_out_too(done):
    queue.task("test.first")(lambda: queue.enqueue("test.note", words="后续"))
    queue.enqueue("test.first")
    assert run_queue() == 2
    assert done == [{"words": "后续"}]


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_the_task_back(done):
    with transaction.atomic():
        queue.enqueue("test.note")
        assert OrmQ.objects.count() == 1
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


@pytest.mark.django_db
def test_a_task_nobody_registered_is_refused(handlers):
    with pytest.raises(KeyError):
        queue.enqueue("test.unknown")


@pytest.mark.django_db
def test_a_key_takes_effect_once_however_often_it_is_enqueued(done):
    for _ in range(3):
        queue.enqueue("test.note", key="case-1", words="短信")
    queue.enqueue("test.note", key="case-2", words="短信")
    assert run_queue() == 4
    assert len(done) == 2


@pytest.mark.django_db
def test_a_failed_task_keeps_no_receipt_and_may_succeed_later(handlers):
    outcomes = [ValueError("手机 13800000000"), None]

    @queue.task("test.shaky")
    def shaky():
        CalendarDay.objects.create(county=COUNTY, day=date(2025, 1, 1), is_workday=True)
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome

    with pytest.raises(queue.TaskFailed):
        queue.run("test.shaky", "one", {})
    assert not TaskReceipt.objects.exists()
    assert not CalendarDay.objects.filter(county=COUNTY).exists()
    queue.run("test.shaky", "one", {})
    assert CalendarDay.objects.filter(county=COUNTY).count() == 1


@pytest.mark.django_db
def test_a_poisoned_task_is_told_without_personal_data(handlers, caplog):
    @queue.task("test.poison")
    def poison(**arguments):
        raise ValueError("张三 13800000000")

    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(queue.TaskFailed, match=r"^test\.poison: ValueError$") as failure,
    ):
        queue.run("test.poison", "", {"name": "张三"})
    assert "test.poison failed: ValueError" in caplog.text
    assert "poison" in caplog.text  # the place in the code
    assert "张三" not in caplog.text
    assert failure.value.__suppress_context__


@pytest.mark.django_db(transaction=True)
def test_the_same_key_delivered_twice_at_the_same_moment_takes_effect_once(handlers):
    # Threads cannot write an in-memory database at the same time.
    workers = 1 if "memory" in str(connection.settings_dict["NAME"]) else 4

    @queue.task("test.write")
    def write():
        time.sleep(0.1)
        CalendarDay.objects.create(county=COUNTY, day=date(2025, 1, 1), is_workday=True)

    start, failures = threading.Barrier(workers), []

    def deliver():
        start.wait()
        try:
            queue.run("test.write", "one", {})
        except queue.TaskFailed as failure:
            failures.append(failure)
        connections.close_all()

    threads = [threading.Thread(target=deliver) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert CalendarDay.objects.filter(county=COUNTY).count() == 1


@pytest.mark.django_db
def test_schedules_follow_the_registered_periodic_tasks(handlers):
    queue.periodic("test.often", minutes=5)(lambda: None)
    queue.periodic("test.seldom", minutes=60)(lambda: None)
    queue.ensure_schedules()
    queue.ensure_schedules()
    assert dict(Schedule.objects.values_list("name", "minutes")) == {"test.often": 5, "test.seldom": 60}
    queue._periodic.pop()
    queue.ensure_schedules()
    assert list(Schedule.objects.values_list("name", flat=True)) == ["test.often"]


@pytest.mark.django_db(transaction=True)  # the scheduler closes the connection
def test_the_schedule_puts_periodic_tasks_on_the_queue(handlers):
    ran = []
    queue.periodic("test.often", minutes=5)(lambda: ran.append("now"))
    queue.ensure_schedules()
    scheduler()
    assert [SignedPackage.loads(row.payload)["args"] for row in OrmQ.objects.all()] == [("test.often",)]
    run_queue()
    assert ran == ["now"]


@pytest.mark.django_db
def test_on_sqlite_a_new_start_hands_out_again_what_a_killed_worker_had(done):
    queue.enqueue("test.note")
    OrmQ.objects.update(lock=timezone.now() + timedelta(hours=1))
    assert queue.release_orphans() == (1 if connection.vendor == "sqlite" else 0)
    assert OrmQ.objects.filter(lock__lte=timezone.now()).count() == (1 if connection.vendor == "sqlite" else 0)


SETTINGS = """
from config.settings import *
ROOT_URLCONF, urlpatterns = __name__, []
INSTALLED_APPS = [*INSTALLED_APPS, "safegrid.foundation.tests.queue_app.Config"]
Q_CLUSTER = {**Q_CLUSTER, "timeout": 2, "retry": 3, "poll": 0.1, "workers": 1}
"""


class Server:
    """An installation of its own on a SQLite file, with a real worker to kill."""

    def __init__(self, folder):
        (folder / "crash_settings.py").write_text(SETTINGS)
        self.database = folder / "queue.sqlite3"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "crash_settings",
            "PYTHONPATH": f"{folder}:{ROOT}",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "SAFEGRID_VAR_DIR": str(folder),
        }

    def manage(self, *words):
        return subprocess.run(
            [sys.executable, ROOT / "manage.py", *words], env=self.environment, check=True, capture_output=True
        )

    def start_worker(self):
        words = [sys.executable, ROOT / "manage.py", "qcluster"]
        return subprocess.Popen(
            words, env=self.environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def count(self, table):
        with sqlite3.connect(self.database, timeout=20) as database:
            return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def test_a_task_whose_worker_is_killed_is_carried_out_again_and_takes_effect_once(tmp_path):
    server = Server(tmp_path)
    server.manage("migrate", "-v0")
    enqueue = "from safegrid.foundation.queue import enqueue; enqueue('test.slow', key='one')"
    server.manage("shell", "-v0", "-c", enqueue)
    worker = server.start_worker()
    try:
        wait_for((tmp_path / "attempt-0").exists)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        assert server.count("foundation_calendarday") == 0
        assert server.count("django_q_ormq") == 1
        worker = server.start_worker()
        wait_for(lambda: server.count("django_q_ormq") == 0)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    assert server.count("foundation_calendarday") == 1
    assert server.count("foundation_taskreceipt") == 1
