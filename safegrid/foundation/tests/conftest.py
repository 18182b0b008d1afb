import pytest

from safegrid.foundation import sealing
from safegrid.foundation.tests.tampering import COUNTY, write


@pytest.fixture
def chain(monkeypatch):
    """Ten rows sealed in batches of four, four and two, and one row not sealed; their ids."""
    monkeypatch.setattr(sealing, "BATCH", 4)
    ids = write(10)
    assert sealing.seal(COUNTY) == 10
    return ids + write(1)
