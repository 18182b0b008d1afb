// Island `one-map`: the county's map with its layers, its days, search results and cards.
import { drawSvg } from "../map_svg";
import { openCard, watchHits } from "./cards";
import { frameOf, tilesOf, type Frame } from "./frame";
import { addIcons, HEAT } from "./icons";
import { createMap, NoWebGl, type OneMap } from "./onemap";
import { caseLayers, directLayers, heatLayers, MARKED, memberLayers, nameLayers, placeLayers, siteLayers } from "./style";
import { tr } from "../words";

// What the panel's boxes show: layers by id, or whole sources.
const SHOWN: Record<string, string[]> = {
  towns: ["towns-edge", "label-town"],
  villages: ["villages-edge", "label-village"],
  grids: ["grids-area", "grids-edge", "label-grid"],
  sites: ["sites"],
  direct: ["direct"],
  heat: ["heat"],
  cases: ["cases"],
  members: ["members"],
  gaps: ["gaps", "gaps-area"],
};
const OF_A_DAY = ["places", "heat", "cases", "members"];
const NARROWED = ["sites", "direct", "gaps"];
const CLICKED = ["cases-one", "members-one", "direct-one", "gaps-one", "sites-one", "cases-many", "members-many", "direct-many", "gaps-many", "sites-many", "grids-area"]; // prettier-ignore
const CARDS: Record<string, string> = { cases: "cases", members: "members", direct: "sites", gaps: "sites", sites: "sites" };

export async function start(place: HTMLElement): Promise<void> {
  const canvas = place.querySelector<HTMLElement>("[data-map-canvas]");
  if (!canvas) return;
  const frame = await frameOf(place.dataset.frame ?? "");
  if (matchMedia("(max-width: 767px)").matches) place.querySelector("[data-map-panel]")?.removeAttribute("open");
  try {
    const map = await createMap(canvas, { label: tr("一张图"), bounds: frame.bounds, base: frame.base, hash: "at" });
    fill(place, map, frame);
    place.dataset.drawing = "webgl";
  } catch (error) {
    if (!(error instanceof NoWebGl)) throw error;
    await drawStill(place, canvas, frame);
    place.dataset.drawing = "svg";
  }
}

function fill(place: HTMLElement, map: OneMap, frame: Frame): void {
  const asked = (layer: string): string => tilesOf(frame, layer, parameters(place, layer));
  addIcons(map);
  map.addTiles("places", asked("places"), placeLayers());
  map.addTiles("heat", asked("heat"), heatLayers());
  map.addTiles("sites", asked("sites"), siteLayers("sites"), 17);
  map.addTiles("gaps", asked("gaps"), siteLayers("gaps"), 17);
  map.addTiles("direct", asked("direct"), directLayers(), 17);
  map.addTiles("members", asked("members"), memberLayers(), 17);
  map.addTiles("cases", asked("cases"), caseLayers(), 17);
  for (const layer of nameLayers()) map.map.addLayer(layer);
  for (const box of boxes(place)) map.show(SHOWN[box.dataset.layer ?? ""] ?? [], box.checked);
  place.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.dataset.layer) map.show(SHOWN[box.dataset.layer] ?? [], box.checked);
    else if (box.id === "map-heat-days") map.setTiles("heat", asked("heat"));
    else if (box.name === "types" || box.name === "grades") for (const one of NARROWED) map.setTiles(one, asked(one));
  });
  days(place, () => {
    for (const one of OF_A_DAY) map.setTiles(one, asked(one));
  });
  clicks(map, frame);
  watchHits(place, map);
}

const boxes = (place: HTMLElement): HTMLInputElement[] => [...place.querySelectorAll<HTMLInputElement>("[data-layer]")];

function parameters(place: HTMLElement, layer: string): Record<string, string> {
  const chosen = (name: string): string =>
    [...place.querySelectorAll<HTMLInputElement>(`[name=${name}]:checked`)].map((one) => one.value).join(",");
  if (NARROWED.includes(layer)) return { types: chosen("types"), grades: chosen("grades") };
  const day = place.querySelector<HTMLInputElement>("#map-day");
  const on = day && day.value !== day.max ? day.value : "";
  return layer === "heat" ? { on, days: place.querySelector<HTMLSelectElement>("#map-heat-days")?.value ?? "" } : { on };
}

/** The day's field and the slider of days before today, which say the same. */
function days(place: HTMLElement, redraw: () => void): void {
  const changed = (): void => {
    followList(place);
    redraw();
  };
  place.querySelector("#map-heat-days")?.addEventListener("change", () => followList(place));
  followList(place);
  const field = place.querySelector<HTMLInputElement>("#map-day");
  const slider = place.querySelector<HTMLInputElement>("[data-map-days]");
  if (!field || !slider) return;
  const today = new Date(`${field.max}T00:00:00Z`).getTime();
  let waiting = 0;
  const soon = (): void => {
    clearTimeout(waiting);
    waiting = window.setTimeout(changed, 250);
  };
  slider.addEventListener("input", () => {
    field.value = new Date(today + Number(slider.value) * 86_400_000).toISOString().slice(0, 10);
    soon();
  });
  field.addEventListener("change", () => {
    if (!field.value || field.value > field.max) field.value = field.max;
    slider.value = String((new Date(`${field.value}T00:00:00Z`).getTime() - today) / 86_400_000);
    soon();
  });
  place.querySelector("[data-map-today]")?.addEventListener("click", () => {
    field.value = field.max;
    slider.value = "0";
    soon();
  });
}

function clicks(map: OneMap, frame: Frame): void {
  map.onClick(CLICKED, (feature, at) => {
    const source = feature.source;
    const id = String(feature.properties.id ?? "");
    if (feature.layer.id.endsWith("-many")) {
      if (map.map.getZoom() < 16) map.fly(at, map.map.getZoom() + 2);
      else if (CARDS[source] === "sites") void openCard(`${frame.map}here/?at=${at.join(",")}`);
      return;
    }
    map.map.setFilter(MARKED, ["==", ["get", "id"], source === "places" ? id : ""]);
    void openCard(`${frame.map}${source === "places" ? "grids" : CARDS[source]}/${id}/`);
  });
}

/** The list behind the heat tells of the same days: those that end with the chosen one. */
function followList(place: HTMLElement): void {
  const list = place.querySelector<HTMLAnchorElement>("[data-map-heat-list]");
  const until = place.querySelector<HTMLInputElement>("#map-day")?.value;
  const length = Number(place.querySelector<HTMLSelectElement>("#map-heat-days")?.value);
  if (!list || !until || !length) return;
  const since = new Date(Date.parse(until) - (length - 1) * 86_400_000).toISOString().slice(0, 10);
  const address = new URL(list.href);
  address.searchParams.set("since", since);
  address.searchParams.set("until", until);
  list.href = address.href;
}

/** Without WebGL: the chosen day's grids and cases as a still drawing; search, cards and lists work as ever. */
async function drawStill(place: HTMLElement, canvas: HTMLElement, frame: Frame): Promise<void> {
  const note = place.querySelector<HTMLElement>("[data-map-note]");
  if (note) {
    note.hidden = false;
    note.textContent = tr("此浏览器不能绘制动态地图（缺少 WebGL）：图上为所选日期的网格、当日未结案件和隐患热度的静态示意（粉色网格无人负责），其他图层不起作用；查找和名单照常使用。"); // prettier-ignore
  }
  for (const box of boxes(place)) box.disabled = box.dataset.layer !== "heat";
  watchHits(place, null);
  const hot = place.querySelector<HTMLInputElement>("[data-layer=heat]");
  const period = place.querySelector<HTMLSelectElement>("#map-heat-days");
  let asked = 0;
  const draw = async (): Promise<void> => {
    const one = ++asked;
    const query = new URLSearchParams(hot?.checked ? { ...parameters(place, "heat"), heat: "1" } : parameters(place, "cases"));
    const answer = await fetch(`${frame.map}still.json?${query.toString()}`);
    if (!answer.ok) return;
    const features = (await answer.json()) as GeoJSON.FeatureCollection;
    if (one !== asked) return; // another day was chosen meanwhile
    for (const one of features.features) if (one.properties) heated(one.properties);
    canvas.replaceChildren();
    drawSvg(canvas, features);
  };
  hot?.addEventListener("change", () => void draw());
  period?.addEventListener("change", () => void draw());
  days(place, () => void draw());
  await draw();
}

/** Colour a grid by its step and say its number where the mouse rests. */
function heated(values: Record<string, unknown>): void {
  if (typeof values.step !== "number") return;
  values.colour = HEAT[values.step - 1];
  values.opacity = 0.7;
  values.label = `${String(values.label ?? "")} ${String(values.reported)}`.trim();
}
