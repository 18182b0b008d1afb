// Island: a division on the map. Units are coloured by grid; while it is worked out the best so far is shown; where the page
// allows it a unit is dragged from grid to grid, and the server answers with the figures anew or with why it cannot be.
import htmx from "htmx.org";

import { boundsOf } from "./geometry";
import { drawSvg } from "./map_svg";
import { createMap, NoWebGl, type OneMap } from "./onemap/onemap";
import { csrfToken } from "./requests";
import { tr } from "./words";

const EVERY = 1000; // milliseconds between two looks at the progress
const UNPLANNED = "#c8d3e1";

interface Progress {
  is_over: boolean;
  labels: number[];
}
interface Moved {
  detail?: string;
  panel?: string;
}

/** Draw the division of one element; see the data attributes in planning/scenario.html. */
export async function start(place: HTMLElement): Promise<void> {
  const units = await unitsWhenBuilt(place);
  const canvas = document.createElement("div");
  canvas.className = "map-canvas";
  place.prepend(canvas);
  let map: OneMap;
  try {
    map = await createMap(canvas, { label: place.dataset.label ?? "", bounds: boundsOf(units) });
  } catch (error) {
    if (!(error instanceof NoWebGl)) throw error;
    drawSvg(canvas, coloured(units));
    return;
  }
  map.addShapes("units", units, { key: "unit", colour: UNPLANNED, opacity: 0.6, width: 0.6 });
  map.addShapes("outlines", null, { key: "grid", colour: "#182433", opacity: 0, width: 2.2, label: "name", labelFrom: 11 });
  map.colour("units", colours(units.features.map((one) => [unitOf(one), gridOf(one)])));
  await outline(map, place);
  if (place.dataset.progressUrl) void follow(map, place);
  if (place.dataset.dragUrl) dragging(map, place);
}

/** A run that has only just begun has no units yet. */
async function unitsWhenBuilt(place: HTMLElement): Promise<GeoJSON.FeatureCollection> {
  for (;;) {
    const units = await json<GeoJSON.FeatureCollection>(place.dataset.unitsUrl ?? "");
    if (units.features.length || !place.dataset.progressUrl || !place.isConnected) return units;
    await new Promise((done) => setTimeout(done, EVERY));
  }
}

async function follow(map: OneMap, place: HTMLElement): Promise<void> {
  while (place.isConnected) {
    await new Promise((done) => setTimeout(done, EVERY));
    try {
      const now = await json<Progress>(place.dataset.progressUrl ?? "");
      map.colour("units", colours(now.labels.map((grid, unit) => [String(unit), grid])));
      if (now.is_over) return; // the panel above loads the page anew
    } catch (error) {
      console.warn("plan: no answer, asking again", error);
    }
  }
}

function dragging(map: OneMap, place: HTMLElement): void {
  const refusal = document.getElementById("plan-refusal");
  map.onDrag("units", {
    start: (feature) => feature.properties.grid !== null && feature.properties.grid !== undefined,
    over: (_, onto) => map.mark("units", onto ? map.keyOf("units", onto) : null),
    drop: (unit, onto) => {
      map.mark("units", null);
      const from = gridNow.get(map.keyOf("units", unit)) ?? gridOf(unit);
      const to = onto ? (gridNow.get(map.keyOf("units", onto)) ?? gridOf(onto)) : null;
      if (to === null || to === from) return;
      void move(map, place, map.keyOf("units", unit), to).then((said) => {
        if (refusal) refusal.textContent = said;
      });
    },
  });
}

const gridNow = new Map<string, number>(); // of units moved since the page was loaded

async function move(map: OneMap, place: HTMLElement, unit: string, grid: number): Promise<string> {
  try {
    const answer = await fetch(place.dataset.dragUrl ?? "", {
      method: "POST",
      body: new URLSearchParams({ unit, grid: String(grid) }),
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    });
    const found = (await answer.json()) as Moved;
    if (!answer.ok) return found.detail ?? tr("没有调整成功，请刷新页面后再试。");
    gridNow.set(unit, grid);
    map.colour("units", { [unit]: colourOf(grid) });
    const panel = document.getElementById("plan-panel");
    if (panel && found.panel) {
      panel.innerHTML = found.panel;
      htmx.process(panel);
    }
    await outline(map, place);
    return "";
  } catch (error) {
    console.error("plan: move", error);
    return tr("网络不通，没有调整，请稍后再试。");
  }
}

async function outline(map: OneMap, place: HTMLElement): Promise<void> {
  map.setShapes("outlines", await json<GeoJSON.FeatureCollection>(place.dataset.outlinesUrl ?? ""));
}

async function json<Answer>(url: string): Promise<Answer> {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`);
  return (await answer.json()) as Answer;
}

const unitOf = (feature: GeoJSON.Feature): string => String(feature.properties?.unit);
const gridOf = (feature: GeoJSON.Feature): number | null => (feature.properties?.grid as number | null | undefined) ?? null;

function colours(pairs: [string, number | null][]): Record<string, string> {
  return Object.fromEntries(pairs.map(([unit, grid]) => [unit, grid === null || grid < 0 ? UNPLANNED : colourOf(grid)]));
}

function coloured(units: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection {
  const features = units.features.map((one) => {
    const grid = gridOf(one);
    return { ...one, properties: { ...one.properties, colour: grid === null ? UNPLANNED : colourOf(grid) } };
  });
  return { ...units, features };
}

/** A colour of its own for each grid: neighbours in number lie far apart on the wheel. */
function colourOf(grid: number): string {
  const hue = (grid * 137.508) % 360;
  const light = [0.62, 0.72, 0.52][grid % 3] ?? 0.62;
  const chroma = 0.5 * Math.min(light, 1 - light);
  const part = (n: number): string => {
    const k = (n + hue / 30) % 12;
    const value = light - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value).toString(16).padStart(2, "0");
  };
  return `#${part(0)}${part(8)}${part(4)}`;
}
