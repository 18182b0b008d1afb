"""Many writers and several sequencers at once leave one unforked chain with every row in it exactly once."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from safegrid.foundation import sealing, trace
from safegrid.foundation.models import TraceBatch, TraceRow

COUNTY = 330521
ROOT = Path(__file__).resolve().parents[3]


def assert_one_whole_chain(written):
    batches = list(TraceBatch.objects.filter(county=COUNTY).order_by("seq"))
    sealed = [row_id for batch in batches for row_id, _ in sealing.leaves_of(batch)]
    assert [batch.seq for batch in batches] == list(range(1, len(batches) + 1))
    assert len(sealed) == len(set(sealed))
    assert set(sealed) == set(written) == set(TraceRow.objects.filter(county=COUNTY).values_list("id", flat=True))
    report = sealing.verify(COUNTY)
    assert (report.problems, report.sealed, report.unsealed) == ([], len(written), 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_writers_and_two_sequencers_leave_one_unforked_chain(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 16)  # many small batches: more chances to fork
    stop, start = threading.Event(), threading.Barrier(52)

    def writer(number):
        written = []
        try:
            start.wait()
            for act in range(10):
                with transaction.atomic():
                    rows = [trace.row(acting_user=None, action="x.y", county=COUNTY, changes={"n": [number, act]})]
                    rows += [trace.row(acting_user=None, action="x.z", county=COUNTY)] * (act % 2)
                    trace.save(rows)
                    time.sleep(0.002 * (number % 5))  # rows become visible out of the order of their ids
                    if act == 7:
                        transaction.set_rollback(True)
                        continue
                written += [row.id for row in rows]
            return written
        finally:
            connections.close_all()

    def sequencer():
        try:
            start.wait()
            count = 0
            while not stop.is_set():
                count += sealing.seal(COUNTY)
            return count + sealing.seal(COUNTY)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(52) as pool:
        sequencers = [pool.submit(sequencer) for _ in range(2)]
        writers = [pool.submit(writer, number) for number in range(50)]
        written = [row_id for each in writers for row_id in each.result(120)]
        stop.set()
        assert sum(each.result(120) for each in sequencers) == len(written)
    assert len(written) == 50 * 13  # ten acts, five of them of two rows; the rolled-back one had two
    assert_one_whole_chain(written)


WRITER = """
import django; django.setup()
from django.db import transaction
from safegrid.foundation import trace
for n in range(60):
    with transaction.atomic():
        trace.record(acting_user=None, action="x.y", county=330521, changes={"n": n})
print("written")
"""
CHECK = """
import django; django.setup()
from django.core.management import call_command
call_command("seal_trace", once=True)
call_command("verify_trace", county=[330521])
"""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="processes sharing one SQLite file")
@pytest.mark.django_db(transaction=True)
def test_processes_on_one_sqlite_file_leave_one_chain_though_a_sequencer_is_killed(tmp_path):
    file = tmp_path / "trace.sqlite3"
    copy = sqlite3.connect(file)
    connection.connection.backup(copy)
    copy.close()
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{file}", "DJANGO_SETTINGS_MODULE": "config.settings_test"}

    def run(*arguments):
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8"
        )

    sequencers = [run("manage.py", "seal_trace", "--every", "0.01") for _ in range(2)]
    writers = [run("-c", WRITER) for _ in range(2)]
    try:
        writers[0].wait(60)
        sequencers[0].kill()
        assert [writer.communicate(timeout=60)[0].strip() for writer in writers] == ["written"] * 2
        sequencers[1].send_signal(signal.SIGTERM)
        assert sequencers[1].wait(30) == 0
    finally:
        for process in sequencers + writers:
            process.kill()
            process.communicate()
    checked = run("-c", CHECK)
    out = checked.communicate(timeout=60)[0]
    assert checked.returncode == 0, out
    assert "已封存 120 行，未封存 0 行" in out
