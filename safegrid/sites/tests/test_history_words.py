"""What the timeline of a site says of stored values: in words, never as the database keeps them."""

import pytest

from safegrid.regions.datum import DATUM_CHOICES
from safegrid.sites import history


@pytest.mark.parametrize(("value", "label"), DATUM_CHOICES)
def test_a_coordinate_system_goes_by_its_name(value, label):
    assert history.in_words({"declared_datum": value}) == f"坐标系：{label}"
    assert history.in_words({"declared_datum": ["", value]}) == f"坐标系：（空） → {label}"
