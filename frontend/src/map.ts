// Island: draws the GeoJSON of an element's `data-map-url` on a blank base, nothing fetched from other hosts.
// The element's own content (coordinates in words) stays below the drawing and is all there is when fetching fails.
import { drawSvg } from "./map_svg";
import { drawWebGl } from "./map_webgl";
import { hasWebGl } from "./maplibre";
import { tr } from "./words";

/** Draw the map of one element; leaves `data-map-state` at webgl, svg or failed. */
export async function drawMap(place: HTMLElement): Promise<void> {
  const url = place.dataset.mapUrl;
  if (!url) return;
  try {
    const answer = await fetch(url, { headers: { Accept: "application/geo+json" } });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const features = (await answer.json()) as GeoJSON.FeatureCollection;
    const canvas = document.createElement("div");
    canvas.className = "map-canvas";
    canvas.setAttribute("role", "group"); // not "img": the map's own buttons are inside
    canvas.setAttribute("aria-label", place.dataset.mapLabel ?? tr("位置示意图"));
    place.prepend(canvas);
    place.dataset.mapState = draw(canvas, features);
  } catch (error) {
    console.error("map", url, error);
    place.dataset.mapState = "failed";
    const words = document.createElement("p");
    words.className = "text-secondary";
    words.textContent = tr("位置图暂时无法显示。");
    place.prepend(words);
  }
}

function draw(canvas: HTMLElement, features: GeoJSON.FeatureCollection): "webgl" | "svg" {
  if (hasWebGl()) {
    try {
      drawWebGl(canvas, features);
      return "webgl";
    } catch (error) {
      console.warn("map: WebGL failed, drawing as SVG", error);
      canvas.replaceChildren();
    }
  }
  drawSvg(canvas, features);
  return "svg";
}
