"""Two people, one case, the same moment: one wins, the other gets a clear conflict; nothing is half-written."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connections

from safegrid.cases import services
from safegrid.cases.firing import fire_timers
from safegrid.cases.models import Case, CaseTimer
from safegrid.cases.tests.steps import MORNING, Steps
from safegrid.foundation import clock
from safegrid.foundation.errors import Conflict, SafeGridError
from safegrid.foundation.models import TraceRow
from tests.cast import Cast


def test_of_two_who_saw_the_same_version_the_second_meets_a_conflict(steps):
    case = steps.reported()
    station, county = (Case.objects.get(county=case.county, id=case.id) for _ in range(2))
    services.register(acting_user=steps.cast.town_officer, case=station, kind=case.kind, severity="general")
    with pytest.raises(Conflict):
        services.register(acting_user=steps.cast.lead_officer, case=county, kind=case.kind, severity="minor")
    assert Case.objects.get(county=case.county, id=case.id).severity == "general"
    assert TraceRow.objects.filter(county=case.county, object_id=case.id, action="cases.register").count() == 1


def test_a_swap_that_lost_after_all_checks_writes_nothing(steps):
    """The other one commits between our reading and our writing: the compare-and-swap itself must find out."""
    from safegrid.cases.services._engine import begin

    case = steps.reported()
    act = begin("reject", acting_user=steps.cast.lead_officer, case=case, version=None, reason="重复")
    services.register(acting_user=steps.cast.town_officer, case=case, kind=case.kind, severity="general")
    with pytest.raises(Conflict):
        act.done()
    assert CaseTimer.objects.get(county=case.county, case_id=case.id, stage="accept").stopped_at == clock.now()
    assert not TraceRow.objects.filter(county=case.county, object_id=case.id, action="cases.reject").exists()


def at_once(*acts):
    """Run the acts in threads that start together; return each one's result or error."""
    gate = Barrier(len(acts))

    def run(act):
        with closing(connections["default"]), clock.simulated(MORNING):
            gate.wait()
            try:
                return act()
            except SafeGridError as error:
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def real_steps(transactional_db):
    """Steps whose rows are committed, so that other connections see them."""
    with clock.simulated(MORNING) as time:
        yield Steps(Cast(), time)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_eight_threads_pressing_one_button_exactly_one_wins(real_steps):
    case, officer = real_steps.registered(), real_steps.cast.lead_officer
    fire = real_steps.cast.fire
    officer.holdings()

    def press():
        return services.dispatch(acting_user=officer, case=case, department_id=fire.id, reason="消防职责")

    results = at_once(*[press] * 8)
    assert sum(isinstance(result, Case) for result in results) == 1
    assert all(isinstance(result, (Case, Conflict)) for result in results)
    assert CaseTimer.objects.filter(county=case.county, case_id=case.id, stage="receive").count() == 1
    assert TraceRow.objects.filter(county=case.county, object_id=case.id, action="cases.dispatch").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_runs_of_the_schedule_and_an_official_do_not_block_each_other(real_steps):
    case = real_steps.handling()
    others = [real_steps.handling() for _ in range(5)]
    officer = real_steps.cast.fire_officer
    officer.holdings()
    CaseTimer.objects.filter(county=case.county, stage="handle").update(
        next_at=MORNING, due_at=MORNING, near_at=MORNING
    )
    press = lambda: services.record_disposal(acting_user=officer, case=case, words="到场")  # noqa: E731
    results = at_once(fire_timers, fire_timers, press)
    assert results[0] + results[1] == len(others) + 1
    assert isinstance(results[2], Case)
    assert Case.objects.filter(county=case.county, timing="overdue").count() == len(others) + 1


def test_of_four_threads_on_sqlite_exactly_one_wins_too(tmp_path):
    """On a database file, in a process of its own: threads cannot share the suite's database in memory."""
    script = "import pytest, sys; sys.exit(pytest.main(sys.argv[1:]))"
    scene = Path(__file__).with_name("race_on_a_file.py")
    environment = {**os.environ, "SAFEGRID_TEST_SQLITE": str(tmp_path / "race.sqlite3")}
    environment.pop("DATABASE_URL", None)
    arguments = [sys.executable, "-c", script, "-v", "-p", "no:cacheprovider", str(scene)]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "1 passed" in done.stdout
