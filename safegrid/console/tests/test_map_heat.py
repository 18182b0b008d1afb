"""The heat of grids: the sums of the statistics in coloured steps, by period and day, for who reads figures only."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from safegrid.cases.models import Case
from safegrid.console.onemap import heat
from safegrid.console.tests.maps import Reader
from safegrid.console.tests.maps import nothing_kept as nothing_kept
from safegrid.foundation import clock
from safegrid.statistics import selectors as statistics
from safegrid.statistics.services import keep
from tests.cast import Cast
from tests.faults.every_row import EveryRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def hot(cast: Cast) -> int:
    """Return how many cases ``cast.grid`` has reported lately, as the statistics count them."""
    return reported(cast, days_ago=0)


def reported(cast: Cast, days_ago: int) -> int:
    at = cast.site
    Case.objects.filter(county=cast.county, id=EveryRow(cast).case).update(
        grid_id=cast.grid.id, town=at.town, village=at.village, reported_at=clock.now() - timedelta(days=days_ago)
    )  # fmt: skip
    keep(cast.county, places=True)
    today = clock.today()
    question = statistics.asked(cast.lead_officer, str(cast.county), today - timedelta(days=29), today)
    lines = statistics.sheets(question, "heat")["heat"].lines
    return next(line.values["reported"] for line in lines if line.key == str(cast.grid.id))


def test_a_grid_is_coloured_by_what_the_statistics_count(cast, hot):
    shown = Reader(cast, cast.lead_officer).around("heat", cast.site)
    assert [one["properties"] for one in shown] == [
        {"id": str(cast.grid.id), "reported": hot, "step": heat.step_of(hot)}
    ]
    assert hot >= 1


def test_the_period_ends_on_the_day_chosen(cast, hot):
    reader = Reader(cast, cast.lead_officer)
    before = (clock.today() - timedelta(days=400)).isoformat()
    assert reader.around("heat", cast.site, on=before, days="7") == []
    assert reader.around("heat", cast.site, days="365") != []


def test_only_who_reads_figures_sees_it_and_of_own_places(cast, hot):
    for user in (cast.grid_member, cast.fire_officer, cast.hotline_officer, cast.committee, cast.other_town_officer):
        assert Reader(cast, user).around("heat", cast.site) == []
    for user in (cast.leader, cast.town_officer, cast.auditor, cast.upper_level):
        assert len(Reader(cast, user).around("heat", cast.site)) == 1
    assert 'data-layer="heat"' in cast.client(cast.leader).get(f"/map/{cast.county}/").content.decode()
    assert 'data-layer="heat"' not in cast.client(cast.fire_officer).get(f"/map/{cast.county}/").content.decode()


def test_steps_and_legend_agree():
    assert [heat.step_of(number) for number in (0, 1, 2, 3, 5, 6, 10, 11, 20, 21, 999)] == [
        0,
        1,
        1,
        2,
        2,
        3,
        3,
        4,
        4,
        5,
        5,
    ]
    assert [words for _, words in heat.step_words()] == ["1–2", "3–5", "6–10", "11–20", "21+"]


def steps(cast: Cast, query: str) -> list[int]:
    """Return the steps of the grids on the still drawing."""
    found = json.loads(cast.client(cast.lead_officer).get(f"/map/{cast.county}/still.json{query}").content)["features"]
    return [one["properties"]["step"] for one in found if "step" in one["properties"]]


def test_the_still_drawing_tells_the_same(cast, hot):
    assert steps(cast, "?heat=1&days=30") == [heat.step_of(hot)]
    assert steps(cast, "") == []


def test_the_still_drawing_follows_the_day(cast):
    then = reported(cast, days_ago=10)

    def on(days_ago: int) -> str:
        return f"&on={(clock.today() - timedelta(days=days_ago)).isoformat()}"

    assert steps(cast, "?heat=1&days=7") == []
    assert steps(cast, f"?heat=1&days=7{on(5)}") == [heat.step_of(then)]
    assert steps(cast, f"?heat=1&days=7{on(11)}") == []


def test_the_list_behind_the_heat_is_of_the_places_that_the_map_shows(cast):
    for user, place in ((cast.lead_officer, f"{cast.county}"), (cast.town_officer, cast.town)):
        page = cast.client(user).get(f"/map/{cast.county}/").content.decode()
        assert f'href="/statistics/hazards/?place={place}" data-map-heat-list' in page
