import pytest

from safegrid.foundation import clock
from safegrid.patrols.tests.planning import Patch
from safegrid.patrols.tests.round import MORNING
from safegrid.patrols.tests.round import round_ as round_


@pytest.fixture
def patch(cast):
    """A member's patch on a simulated clock that stands at ``MORNING`` (a Wednesday)."""
    with clock.simulated(MORNING):
        yield Patch(cast)
