"""Run by ``test_two_at_once`` in a process of its own, whose test database is a file."""

import pytest

from safegrid.cases import services
from safegrid.cases.models import Case
from safegrid.cases.tests.test_two_at_once import at_once
from safegrid.cases.tests.test_two_at_once import real_steps as real_steps
from safegrid.foundation.errors import Conflict


@pytest.mark.django_db(transaction=True)
def test_of_four_threads_pressing_one_button_exactly_one_wins(real_steps):
    case, officer, fire = real_steps.registered(), real_steps.cast.lead_officer, real_steps.cast.fire
    officer.holdings()

    def press():
        return services.dispatch(acting_user=officer, case=case, department_id=fire.id, reason="消防职责")

    results = at_once(*[press] * 4)
    assert sum(isinstance(result, Case) for result in results) == 1
    assert all(isinstance(result, (Case, Conflict)) for result in results)
