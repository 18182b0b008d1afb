"""The one map in a browser: drawn with and without WebGL, searched, clicked; grids drawn, positions picked, sites chosen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from safegrid.console.tests.maps import nothing_kept as nothing_kept
from safegrid.grids import selectors
from safegrid.grids.models import Grid
from safegrid.sites.models import Site
from tests.browser.conftest import ARGUMENTS, NARROW, WIDE, Open
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WITH_WEBGL = [
    *[one for one in ARGUMENTS if one != "--disable-gpu"],
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
WITHOUT_WEBGL = [*ARGUMENTS, "--disable-software-rasterizer", "--disable-3d-apis"]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SLOW = 60_000  # WebGL in software


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """In place of the browser without WebGL that the other pages are tested with."""
    executable = os.environ.get("SAFEGRID_CHROMIUM") or shutil.which("chromium")
    assert executable, "no Chromium: run through `make test`, or install chromium"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=getattr(request, "param", WITH_WEBGL))
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def at(page: Page, selector: str, longitude: float, latitude: float, bounds: tuple[float, float, float, float]) -> None:
    """Click the place on a map that shows ``bounds`` (small, so degrees are straight) fitted with 24 px around."""
    box = page.locator(f"{selector} canvas").bounding_box()
    assert box is not None
    west, south, east, north = bounds
    shrink = 0.8612  # cos of 30.54°
    scale = min((box["width"] - 48) / ((east - west) * shrink), (box["height"] - 48) / (north - south))
    x = box["x"] + box["width"] / 2 + (longitude - (west + east) / 2) * shrink * scale
    y = box["y"] + box["height"] / 2 - (latitude - (south + north) / 2) * scale
    page.mouse.click(x, y)
    page.wait_for_timeout(400)  # two clicks at once would end the drawing


def opened(page: Page) -> None:
    page.wait_for_selector("[data-ready]", timeout=SLOW)
    page.locator(".map-draw").scroll_into_view_if_needed()


@pytest.mark.parametrize(
    ("chromium", "drawing"), [(WITH_WEBGL, "webgl"), (WITHOUT_WEBGL, "svg")], indirect=["chromium"]
)
def test_the_map_finds_and_shows_things_with_and_without_webgl(stage: Cast, open_page: Open, drawing: str) -> None:
    _ = stage.site, stage.far_grid
    page = open_page(stage.lead_officer, "/map/")
    page.wait_for_selector(f"[data-drawing={drawing}]", timeout=SLOW)
    page.fill("#map-q", "涂料")
    page.wait_for_selector("#map-hits a")
    page.locator("#map-hits a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#map-card h2")
    assert page.inner_text("#map-card h2") == stage.site.name
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.click("#map-card >> text=打开档案")
    page.wait_for_url("**/dossier/**")


@pytest.mark.parametrize("chromium", [WITH_WEBGL], indirect=True)
class TestWithWebGl:
    def test_only_tiles_of_shown_layers_are_asked_for_and_a_past_day_asks_anew(
        self, stage: Cast, open_page: Open
    ) -> None:
        _ = stage.site
        asked: list[str] = []
        page = open_page(stage.lead_officer, "/")
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{page.url}map/330521/")
        page.wait_for_selector("[data-drawing=webgl]", timeout=SLOW)
        page.wait_for_timeout(1500)
        layers = {url.split("/tiles/")[1].split("/")[0] for url in asked if "/tiles/" in url}
        assert layers == {"places", "sites", "cases"}
        asked.clear()
        page.check("[data-layer=gaps]")
        page.fill("#map-day", "2026-01-05")
        page.dispatch_event("#map-day", "change")
        page.wait_for_timeout(1500)
        told = [url for url in asked if "/tiles/" in url]
        assert any("/gaps/" in url for url in told)
        assert {url.split("?")[1] for url in told if "/places/" in url or "/cases/" in url} == {"on=2026-01-05"}

    def test_a_click_on_a_grid_opens_its_card(self, stage: Cast, open_page: Open) -> None:
        _ = stage.grid
        page = open_page(stage.lead_officer, "/map/330521/")
        page.wait_for_selector("[data-drawing=webgl]", timeout=SLOW)
        page.wait_for_timeout(1500)
        page.locator("[data-map-canvas] canvas").click(position={"x": 300, "y": 200})
        page.wait_for_selector("#map-card h2", timeout=SLOW)
        assert page.inner_text("#map-card h2") == stage.grid.name

    @pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1440", "390"])
    def test_the_page_fits_and_its_panel_works_by_keyboard(self, stage: Cast, open_page: Open, size: dict) -> None:
        _ = stage.site
        page = open_page(stage.lead_officer, "/map/330521/", size=size)
        page.wait_for_selector("[data-drawing=webgl]", timeout=SLOW)
        assert page.evaluate(WIDER) == 0
        page.locator("[data-map-panel] > summary").focus()
        if page.get_attribute("[data-map-panel]", "open") is None:
            page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        assert not page.locator("[data-layer=towns]").is_checked()

    def test_a_grid_is_drawn_warned_of_its_overlap_mended_and_saved(self, stage: Cast, open_page: Open) -> None:
        _ = stage.grid  # 120.00 to 120.02 E, 30.50 to 30.52 N
        bounds = (120.0, 30.5, 120.02, 30.52)
        page = open_page(stage.lead_officer, "/grids/open/")
        page.fill("[name=code]", "NEW-1")
        page.fill("[name=name]", "手绘网格")
        page.select_option("[name=town]", stage.town)
        opened(page)
        page.click("text=画边界")
        for corner in ((120.012, 30.504), (120.028, 30.504), (120.028, 30.512), (120.012, 30.512)):
            at(page, ".map-draw", *corner, bounds)
        page.keyboard.press("Enter")
        page.wait_for_selector(".alert-danger:has-text('与已有网格重叠')", timeout=SLOW)
        assert Grid.objects.filter(county=stage.county).count() == 1
        page.click("text=清空")
        page.click("text=画边界")
        # The first two corners are near the neighbour's eastern corners: they snap, and the border is shared exactly.
        for corner in ((120.0201, 30.5001), (120.0201, 30.5199), (120.027, 30.5199), (120.027, 30.5001)):
            at(page, ".map-draw", *corner, bounds)
        page.click("text=画完")
        page.wait_for_function("document.querySelector('[name=shape]').value.includes('[120.02,30.52]')")
        assert page.input_value("[name=datum]") == "wgs84"
        page.wait_for_selector("[aria-live=polite]:has-text('面积')", timeout=SLOW)
        assert page.locator(".alert-danger").count() == 0
        page.click("button[type=submit]:has-text('新设')")
        page.wait_for_url("**/grids/330521/**")
        made = Grid.objects.get(county=stage.county, code="NEW-1")
        pieces = {piece.grid_id: piece.area for piece in selectors.pieces(stage.county)}
        assert pieces[made.id].intersection(pieces[stage.grid.id]).area == 0
        assert pieces[made.id].intersection(pieces[stage.grid.id]).length == pytest.approx(0.02)

    def test_a_position_is_picked_on_the_map_of_a_form(self, stage: Cast, open_page: Open) -> None:
        _ = stage.grid
        page = open_page(stage.lead_officer, "/sites/register/")
        page.click("text=在地图上选点")
        page.locator(".map-draw canvas").wait_for(timeout=SLOW)
        page.wait_for_selector("text=取地图中心", timeout=SLOW)
        at(page, ".map-draw", 120.01, 30.51, (120.0, 30.5, 120.02, 30.52))
        assert float(page.input_value("[name=longitude]")) == pytest.approx(120.01, abs=2e-4)
        assert float(page.input_value("[name=latitude]")) == pytest.approx(30.51, abs=2e-4)
        assert page.input_value("[name=datum]") == "wgs84"

    def test_sites_are_chosen_by_a_polygon_and_given_to_a_grid(self, stage: Cast, open_page: Open) -> None:
        own, grid, other = stage.site, stage.next_grid, stage.next_site
        page = open_page(stage.lead_officer, "/map/330521/select/")
        opened(page)
        bounds = (120.0, 30.5, 120.04, 30.52)
        page.click("text=画边界")
        for corner in ((120.002, 30.502), (120.018, 30.502), (120.018, 30.518), (120.002, 30.518)):
            at(page, ".map-draw", *corner, bounds)
        page.keyboard.press("Enter")
        page.click("text=列出范围内的监管对象")
        page.wait_for_selector("text=范围内共 1 个")
        assert page.locator("tbody tr").count() == 1
        page.select_option("[name=grid]", str(grid.id))
        page.fill("[name=reason]", "归口管理")
        page.click("button[type=submit]:has-text('指定网格')")
        page.wait_for_selector("text=已办理 1 个")
        assert Site.objects.get(county=stage.county, id=own.id).grid_id == grid.id
        assert Site.objects.get(county=stage.county, id=other.id).grid_id == grid.id  # as before


@pytest.mark.parametrize("chromium", [WITHOUT_WEBGL], indirect=True)
def test_without_webgl_a_boundary_is_typed(stage: Cast, open_page: Open) -> None:
    _ = stage.grid
    page = open_page(stage.lead_officer, "/grids/open/")
    page.wait_for_selector("text=请直接填写坐标", timeout=SLOW)
    page.fill("[name=code]", "NEW-2")
    page.fill("[name=name]", "填写的网格")
    page.select_option("[name=town]", stage.town)
    page.fill("[name=shape]", "120.02,30.50\n120.03,30.50\n120.03,30.52\n120.02,30.52")
    page.click("button[type=submit]:has-text('新设')")
    page.wait_for_url("**/grids/330521/**")
    assert Grid.objects.filter(county=stage.county, code="NEW-2").count() == 1


@pytest.mark.parametrize("chromium", [WITHOUT_WEBGL], indirect=True)
def test_without_webgl_the_heat_and_its_list_follow_the_day(stage: Cast, open_page: Open) -> None:
    _ = stage.grid
    asked: list[str] = []
    page = open_page(stage.lead_officer, "/")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{page.url}map/330521/")
    page.wait_for_selector("[data-drawing=svg]", timeout=SLOW)
    page.check("[data-layer=heat]")
    page.select_option("#map-heat-days", "7")
    with page.expect_response("**/still.json?*on=2026-01-05*") as answered:
        page.fill("#map-day", "2026-01-05")
        page.dispatch_event("#map-day", "change")
    assert answered.value.ok
    assert "heat=1" in answered.value.url
    assert "days=7" in answered.value.url
    page.wait_for_selector("[data-map-canvas] svg")
    listed = page.get_attribute("[data-map-heat-list]", "href") or ""
    assert "place=330521" in listed
    assert "since=2025-12-30&until=2026-01-05" in listed
    with page.expect_response("**/still.json?*on=&*"):
        page.click("[data-map-today]")
    assert next(one for one in asked if "still.json" in one).endswith("still.json?on=")
