"""What lies below the map comes from the environment, and browsers are let to its host and nowhere else."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import environment

NAMES = ("TIANDITU_KEY", "BASE_MAP_URL", "BASE_MAP_DATUM", "BASE_MAP_ATTRIBUTION", "BASE_MAP_MAXZOOM")
TILES = "https://tiles.example.gov.cn/{z}/{x}/{y}.png"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch):
    for name in NAMES:
        monkeypatch.delenv(f"SAFEGRID_{name}", raising=False)

    def set_them(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"SAFEGRID_{name}", value)

    return set_them


def test_nothing_configured_is_a_blank_ground_and_no_other_host(given):
    assert environment.base_map() is None
    assert environment.hosts_of(None) == []


def test_a_key_of_tianditu_is_enough(given):
    given(TIANDITU_KEY="abc123")
    base = environment.base_map()
    assert [part in base["layers"][0] for part in ("{z}", "{x}", "{y}", "abc123", "vec_w")] == [True] * 5
    assert environment.hosts_of(base) == ["https://t0.tianditu.gov.cn"]


def test_another_map_says_in_which_datum_it_is(given):
    given(BASE_MAP_URL=TILES, BASE_MAP_DATUM="cgcs2000", BASE_MAP_ATTRIBUTION="省测绘院")
    assert environment.base_map() == {"layers": [TILES], "attribution": "省测绘院", "maxzoom": 18}


@pytest.mark.parametrize(
    "values",
    [
        {"BASE_MAP_URL": TILES},
        {"BASE_MAP_URL": TILES, "BASE_MAP_DATUM": "gcj02"},
        {"BASE_MAP_URL": TILES.replace("https", "http"), "BASE_MAP_DATUM": "wgs84"},
        {"BASE_MAP_URL": "https://tiles.example.gov.cn/{z}.png", "BASE_MAP_DATUM": "wgs84"},
    ],
)
def test_a_map_that_would_lie_beside_ours_or_cannot_be_asked_stops_the_start(given, values):
    given(**values)
    with pytest.raises(ImproperlyConfigured):
        environment.base_map()
