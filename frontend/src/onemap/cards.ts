// Cards beside the map, and results of a search that the map flies to.
import type { Bounds, Position } from "../geometry";
import { toast } from "../toast";
import type { OneMap } from "./onemap";
import { tr } from "../words";

/** Fetch a card and show it; keyboard and reader go on at its heading. */
export async function openCard(url: string): Promise<void> {
  const place = document.getElementById("map-card");
  if (!place) return;
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok) {
    toast({ text: tr("找不到该内容，可能已变更，请刷新页面。"), level: "warning" });
    return;
  }
  place.innerHTML = await answer.text(); // our own fragment, escaped by the server
  const heading = place.querySelector<HTMLElement>("h2, a");
  heading?.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
}

/** Links marked `data-card` open as cards, and the map goes where they say (`data-at`: a point or a box). */
export function watchHits(within: HTMLElement, map: OneMap | null): void {
  within.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest<HTMLElement>("a[data-card]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const numbers = (link.dataset.at ?? "").split(",").map(Number);
    if (map && numbers.length === 2) {
      map.fly(numbers as unknown as Position, 17);
      mark(map, numbers as unknown as Position);
    } else if (map && numbers.length === 4) {
      map.fit(numbers as unknown as Bounds);
    }
    void openCard(link.getAttribute("href") ?? "");
  });
}

/** A ring around what was searched for. */
function mark(map: OneMap, at: Position): void {
  const data: GeoJSON.FeatureCollection = {
    type: "FeatureCollection",
    features: [{ type: "Feature", properties: { id: "spot" }, geometry: { type: "Point", coordinates: at } }],
  };
  if (map.map.getSource("spot")) {
    map.setShapes("spot", data);
    return;
  }
  map.map.addSource("spot", { type: "geojson", data });
  map.map.addLayer({ id: "spot", type: "circle", source: "spot", paint: { "circle-radius": 14, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": "#182433", "circle-stroke-width": 3 } }); // prettier-ignore
}
