"""Run by ``test_at_once`` in a process of its own, whose test database is a file."""

import pytest

from safegrid.field.tests.conftest import offered as offered
from safegrid.field.tests.race import everything_at_once
from safegrid.field.tests.test_at_once import real_phone as real_phone


@pytest.mark.django_db(transaction=True)
def test_many_tabs_at_once_on_sqlite(real_phone):
    everything_at_once(real_phone)
