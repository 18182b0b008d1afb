"""Two tabs, or a phone that sends again while the server is still at it: everything comes once all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
from django.test import override_settings

from safegrid.field.admission import Admission, Busy
from safegrid.field.tests.phone import Phone
from safegrid.field.tests.race import everything_at_once
from safegrid.foundation import cache
from tests.cast import Cast


@pytest.fixture
def real_phone(transactional_db, offered):
    """A phone whose rows are committed, so that other connections see them."""
    cast = Cast()
    _ = cast.kinds, cast.duty_rules, cast.site, cast.town_officer, cast.lead_officer
    yield Phone(cast).signed_in()
    cache.forget_everything()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_tabs_at_once(real_phone):
    everything_at_once(real_phone)


def test_many_tabs_at_once_on_sqlite_too(tmp_path):
    """On a database file, in a process of its own: threads cannot share the suite's database in memory."""
    script = "import pytest, sys; sys.exit(pytest.main(sys.argv[1:]))"
    scene = Path(__file__).with_name("race_on_a_file.py")
    environment = {**os.environ, "SAFEGRID_TEST_SQLITE": str(tmp_path / "race.sqlite3")}
    environment.pop("DATABASE_URL", None)
    arguments = [sys.executable, "-c", script, "-v", "-p", "no:cacheprovider", str(scene)]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout


@override_settings(FIELD_AT_ONCE=2)
def test_only_so_many_are_let_in_and_each_gives_its_place_back():
    gate, inside, leave = Admission(), [Event(), Event()], Event()

    def stay(n):
        with gate.one():
            inside[n].set()
            leave.wait(10)

    threads = [Thread(target=stay, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    assert all(event.wait(10) for event in inside)
    waits = set()
    for _ in range(50):
        with pytest.raises(Busy) as refused, gate.one():
            pass
        waits.add(refused.value.retry_after)
    assert len(waits) > 5  # spread, so that they do not come back together
    leave.set()
    for thread in threads:
        thread.join()
    with gate.one(), gate.one():
        pass
