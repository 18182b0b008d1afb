// Island `area`: a form's field for an area, drawn on the map or typed below it.
//
// data-county: whose map; data-borders: GeoJSON to snap to (`?box=`, `?but=` the grid of data-grid); data-check: answers how it
// would fit; data-sites: show sites, too. What is drawn is WGS 84: the form's field `datum` is set to it.
import { boundsOf, type Position } from "../geometry";
import { tilesOf, formMap } from "./frame";
import { NoWebGl, type OneMap } from "./onemap";
import { partsOf, textOf } from "./shape_text";
import { Sketch } from "./sketch";
import { siteLayers } from "./style";
import { tr } from "../words";

const NEAR_ENOUGH = 11; // zoom from which borders are fetched

export async function start(place: HTMLElement): Promise<void> {
  const field = place as HTMLTextAreaElement;
  const bench = workbench(field);
  try {
    const [map, frame] = await formMap(bench.canvas, field.dataset.county ?? "", { label: tr("绘制范围") });
    if (field.dataset.sites) map.addTiles("sites", tilesOf(frame, "sites"), siteLayers("sites"), 17);
    bench.canvas.hidden = false;
    equip(field, bench, map);
  } catch (error) {
    if (!(error instanceof NoWebGl)) throw error;
    bench.canvas.remove();
    bench.bar.remove();
    bench.typed.open = true;
    bench.status.textContent = tr("此浏览器不能绘制地图（缺少 WebGL），请直接填写坐标或上传文件。");
  }
}

interface Bench {
  canvas: HTMLElement;
  bar: HTMLElement;
  status: HTMLElement;
  told: HTMLElement;
  typed: HTMLDetailsElement;
}

/** Put bar, map, status and findings before the field, and the field itself into a fold. */
function workbench(field: HTMLTextAreaElement): Bench {
  const make = (name: string, className: string): HTMLElement => {
    const made = document.createElement(name);
    made.className = className;
    return made;
  };
  const bar = make("div", "btn-list mb-2");
  const canvas = make("div", "map-draw mb-2");
  const status = make("p", "small text-secondary mb-1");
  status.setAttribute("role", "status");
  const told = make("div", "mb-2");
  told.setAttribute("aria-live", "polite");
  const typed = make("details", "") as HTMLDetailsElement;
  const summary = document.createElement("summary");
  summary.textContent = tr("坐标（可直接填写）");
  summary.className = "small";
  field.before(bar, canvas, status, told, typed);
  typed.append(summary, field);
  typed.open = field.classList.contains("is-invalid");
  return { canvas, bar, status, told, typed };
}

function equip(field: HTMLTextAreaElement, bench: Bench, map: OneMap): void {
  const drawn = (): void => {
    field.value = textOf(sketch.parts);
    const datum = field.form?.elements.namedItem("datum");
    if (datum instanceof HTMLSelectElement) datum.value = "wgs84";
    check(field, bench.told);
  };
  const say = (words: string): void => {
    bench.status.textContent = words;
  };
  const sketch = new Sketch(map, drawn, say);
  const read = (): void => {
    const parts = partsOf(field.value);
    if (parts === null) return;
    sketch.load(parts);
    const bounds = boundsOf({ type: "FeatureCollection", features: parts.map((part) => ({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: part } })) }); // prettier-ignore
    if (bounds) map.fit(bounds);
  };
  button(bench.bar, tr("画边界"), "btn btn-primary", () => sketch.begin());
  button(bench.bar, tr("画完"), "btn", () => sketch.finish());
  button(bench.bar, tr("撤销"), "btn", () => sketch.undo());
  button(bench.bar, tr("删除顶点"), "btn", () => sketch.remove());
  button(bench.bar, tr("清空"), "btn", () => sketch.clear());
  if (field.dataset.borders) {
    tick(bench.bar, tr("沿邻界描线"), (isOn) => (sketch.traces = isOn));
    snapping(field, map, sketch);
  }
  field.addEventListener("change", () => {
    read();
    check(field, bench.told);
  });
  for (const name of ["village", "valid_from"]) {
    const other = field.form?.elements.namedItem(name);
    if (other instanceof HTMLElement) other.addEventListener("change", () => check(field, bench.told));
  }
  read();
  if (field.value) check(field, bench.told);
  say(field.value ? tr("拖动顶点或边的中点修改边界，靠近邻界时自动吸附（按住 Alt 不吸附）。") : tr("点“画边界”开始；靠近邻界时自动吸附（按住 Alt 不吸附）。")); // prettier-ignore
  bench.canvas.dataset.ready = "yes";
}

/** Fetch the borders around what is seen, for the hand to snap to. */
function snapping(field: HTMLTextAreaElement, map: OneMap, sketch: Sketch): void {
  let asked = 0;
  const fetchThem = async (): Promise<void> => {
    if (map.map.getZoom() < NEAR_ENOUGH) return;
    const turn = ++asked;
    const seen = map.map.getBounds();
    const box = [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()].map((one) => one.toFixed(5)).join(",");
    const answer = await fetch(`${field.dataset.borders}?box=${box}&but=${field.dataset.grid ?? ""}`);
    if (!answer.ok || turn !== asked) return;
    sketch.borders = ringsOf((await answer.json()) as GeoJSON.FeatureCollection);
    field.dataset.snapsTo = String(sketch.borders.length);
  };
  map.map.on("moveend", () => void fetchThem());
  void fetchThem();
}

function ringsOf(features: GeoJSON.FeatureCollection): Position[][] {
  return features.features.flatMap(({ geometry }) => {
    const parts = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
    return parts.flat().map((ring) => ring.slice(0, -1) as Position[]);
  });
}

let waiting = 0;

/** Ask how the boundary would fit, a moment after the last change. */
function check(field: HTMLTextAreaElement, told: HTMLElement): void {
  const { check: url, grid } = field.dataset;
  if (!url) return;
  clearTimeout(waiting);
  waiting = window.setTimeout(async () => {
    if (!field.value.trim()) {
      told.replaceChildren();
      return;
    }
    const body = new FormData();
    const value = (name: string): string => {
      const other = field.form?.elements.namedItem(name);
      return other instanceof HTMLInputElement || other instanceof HTMLSelectElement ? other.value : "";
    };
    for (const [name, text] of Object.entries({ shape: field.value, grid: grid ?? "", datum: value("datum"), village: value("village"), valid_from: value("valid_from") })) body.set(name, text); // prettier-ignore
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
    const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token } });
    if (answer.ok) told.innerHTML = await answer.text(); // our own fragment, escaped by the server
  }, 400);
}

function button(bar: HTMLElement, words: string, className: string, act: () => void): void {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = words;
  made.addEventListener("click", act);
  bar.append(made);
}

function tick(bar: HTMLElement, words: string, act: (isOn: boolean) => void): void {
  const label = document.createElement("label");
  label.className = "form-check form-check-inline mb-0";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = true;
  box.className = "form-check-input";
  box.addEventListener("change", () => act(box.checked));
  label.append(box, words);
  bar.append(label);
}
