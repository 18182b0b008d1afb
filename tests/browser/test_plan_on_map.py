"""A division is adjusted by dragging a unit on the map: the figures follow, and what is not allowed says why."""

from __future__ import annotations

import math

import pytest
import shapely
from django.urls import reverse
from playwright.sync_api import Page

from safegrid.planning import selectors

# The land, its people and a division worked out, as the tests of planning lay them.
from safegrid.planning.tests.conftest import _fresh_caches, county, draft, land, lead, person, ready, scatter  # noqa: F401
from tests.browser.conftest import Open
from tests.browser.test_one_map import SLOW, WITH_WEBGL, chromium  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("chromium", [WITH_WEBGL], indirect=True),
]
CANVAS = "[data-island=plan] .map-canvas"
PADDING = 24  # around what the map shows at first


@pytest.fixture
def time() -> None:
    """In place of planning's simulated clock, which the live server would not share: today is today."""


class Screen:
    """Where positions lie on the map that a page shows at first; it is small, so degrees are straight."""

    def __init__(self, page: Page, bounds: tuple[float, float, float, float]) -> None:
        page.locator(CANVAS).scroll_into_view_if_needed()
        box = page.locator(CANVAS).bounding_box()
        assert box is not None
        self.page, (west, south, east, north) = page, bounds
        self.centre = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.middle = ((west + east) / 2, (south + north) / 2)
        self.shrink = math.cos(math.radians(self.middle[1]))
        width, height = (east - west) * self.shrink, north - south
        self.scale = min((box["width"] - 2 * PADDING) / width, (box["height"] - 2 * PADDING) / height)

    def at(self, place: shapely.Point) -> tuple[float, float]:
        east, north = place.x - self.middle[0], place.y - self.middle[1]
        return self.centre[0] + east * self.shrink * self.scale, self.centre[1] - north * self.scale

    def drag(self, start: shapely.Point, end: shapely.Point) -> None:
        self.page.mouse.move(*self.at(start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(end), steps=6)
        self.page.mouse.up()
        self.page.wait_for_timeout(700)


def test_a_unit_is_dragged_until_the_plan_allows_it(chromium, open_page: Open, ready, lead) -> None:  # noqa: F811
    units = [
        (shapely.geometry.shape(one["geometry"]), one["properties"]) for one in selectors.map_of(ready)["features"]
    ]
    page = open_page(lead, reverse("planning:scenario", args=[ready.county, ready.pk]))
    page.wait_for_selector("[data-island=plan][data-island-state=ready]", timeout=SLOW)
    page.wait_for_timeout(1000)
    screen = Screen(page, shapely.union_all([area for area, _ in units]).bounds)

    def beside(same_village: bool):
        for area, of in units:
            for other, to in units:
                if (
                    (of["village"] == to["village"]) == same_village
                    and of["grid"] != to["grid"]
                    and area.touches(other)
                ):
                    yield area.representative_point(), other.representative_point()

    screen.drag(*next(beside(same_village=False)))
    page.wait_for_function("document.getElementById('plan-refusal').textContent.length > 4")
    for start, end in list(beside(same_village=True))[:30]:
        screen.drag(start, end)
        if page.locator("#plan-panel >> text=撤销上一步").count():
            break
    assert page.inner_text("#plan-panel >> text=手工调整 >> xpath=../.. >> .list-group-item >> nth=0")
    ready.refresh_from_db()
    assert selectors.edits_of(ready)[0].kind == "move"
    page.click("#plan-panel >> text=撤销上一步")
    page.wait_for_load_state()
    assert selectors.edits_of(ready)[0].undone_at is not None
