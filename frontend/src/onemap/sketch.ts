// Drawing and editing an area by hand: corners by clicks, dragged afterwards. Several parts and holes are kept.
// (terra-draw, the library one would take, edits neither; and this is a tenth of its size.)
import type * as maplibregl from "maplibre-gl";

import type { Position } from "../geometry";
import type { OneMap } from "./onemap";
import type { Part, Ring } from "./shape_text";
import { between, snap, type Snapped } from "./snap";
import { tr } from "../words";

const REACH = 12; // pixels within which a point is pulled to a border
const TOO_MANY = 400; // corners, beyond which middles of edges are not offered
type Pointer = maplibregl.MapMouseEvent | maplibregl.MapTouchEvent;
type Corner = [part: number, ring: number, at: number];

export class Sketch {
  parts: Part[] = [];
  /** Rings to snap to. */
  borders: Position[][] = [];
  /** Follow a border between two points snapped to it. */
  traces = true;
  private ring: Snapped[] | null = null;
  private rubber: Position | null = null;
  private held: Corner | null = null;
  private chosen: Corner | null = null;
  private readonly before: string[] = [];

  constructor(
    private readonly map: OneMap,
    private readonly changed: () => void,
    private readonly said: (words: string) => void,
  ) {
    const gl = map.map;
    gl.addSource("sketch", { type: "geojson", data: this.drawn() });
    for (const layer of LAYERS) gl.addLayer(layer);
    gl.doubleClickZoom.disable();
    gl.on("click", (event) => this.click(event));
    gl.on("dblclick", () => this.finish());
    gl.on("mousemove", (event) => this.move(event));
    gl.on("touchmove", (event) => this.move(event));
    gl.on("mousedown", (event) => this.press(event));
    gl.on("touchstart", (event) => this.press(event));
    gl.on("mouseup", () => this.release());
    gl.on("touchend", () => this.release());
    gl.getCanvas().addEventListener("keydown", (event) => this.key(event));
  }

  get isDrawing(): boolean {
    return this.ring !== null;
  }

  load(parts: Part[]): void {
    this.parts = parts;
    this.ring = this.chosen = this.held = null;
    this.draw();
  }

  /** Begin a new part. */
  begin(): void {
    this.ring = [];
    this.chosen = null;
    this.map.map.getCanvas().focus();
    this.said(tr("逐点单击画边界；双击、回车或再点第一个点结束，Esc 取消。"));
    this.draw();
  }

  finish(): void {
    if (!this.ring) return;
    const ring = this.ring.map((one) => one.at).filter((at, index, all) => !same(at, all[index - 1]));
    if (ring.length > 1 && same(ring[0] as Position, ring.at(-1))) ring.pop();
    if (ring.length < 3) {
      this.said(tr("至少要三个点，请继续。"));
      return;
    }
    const closing = this.path(this.ring.at(-1), this.ring[0]);
    this.ring = this.rubber = null;
    this.keep();
    this.parts.push([[...ring, ...closing]]);
    this.said(tr("已画好。拖动顶点或边的中点可以修改；选中顶点后按 Delete 删除。"));
    this.tell();
  }

  clear(): void {
    this.keep();
    this.load([]);
    this.said(tr("已清空。"));
    this.changed();
  }

  undo(): void {
    if (this.ring) {
      this.ring.pop();
      this.draw();
      return;
    }
    const last = this.before.pop();
    if (last === undefined) return;
    this.load(JSON.parse(last) as Part[]);
    this.changed();
  }

  /** Take the chosen corner away. */
  remove(): void {
    const ring = this.chosen && this.ringOf(this.chosen);
    if (!this.chosen || !ring) return;
    if (ring.length <= 3) {
      this.said(tr("一个面至少要三个顶点。"));
      return;
    }
    this.keep();
    ring.splice(this.chosen[2], 1);
    this.chosen = null;
    this.tell();
  }

  private click(event: maplibregl.MapMouseEvent): void {
    if (!this.ring) return;
    const first = this.ring[0];
    if (first && this.ring.length > 2 && this.map.map.project(first.at).dist(event.point) < REACH) {
      this.finish();
      return;
    }
    const next = this.snapped(event);
    const last = this.ring.at(-1);
    if (last && same(last.at, next.at)) return; // the second click of a double click
    for (const at of this.path(last, next)) this.ring.push({ at, line: null, along: 0 });
    this.ring.push(next);
    this.draw();
  }

  /** The corners of the border that two points snapped to the same one run along. */
  private path(from: Snapped | undefined, to: Snapped | undefined): Position[] {
    if (!this.traces || !from || !to || from.line === null || from.line !== to.line) return [];
    const ring = this.borders[from.line];
    return ring ? between(ring, from.along, to.along) : [];
  }

  private move(event: Pointer): void {
    const gl = this.map.map;
    if (this.ring) {
      this.rubber = this.snapped(event).at;
      gl.getCanvas().style.cursor = "crosshair";
      this.draw();
      return;
    }
    const ring = this.held && this.ringOf(this.held);
    if (this.held && ring) {
      ring[this.held[2]] = this.snapped(event).at;
      this.draw();
    }
  }

  private press(event: Pointer): void {
    if (this.ring || ("touches" in event.originalEvent && event.originalEvent.touches.length > 1)) return;
    const { x, y } = event.point;
    const [found] = this.map.map.queryRenderedFeatures([[x - 8, y - 8], [x + 8, y + 8]], { layers: ["sketch-corner", "sketch-middle"] }); // prettier-ignore
    this.chosen = null;
    if (found) {
      event.preventDefault();
      this.keep();
      const { part, ring, at } = found.properties as { part: number; ring: number; at: number };
      this.held = [part, ring, at];
      if (found.layer.id === "sketch-middle") {
        const { lng, lat } = event.lngLat;
        this.held = [part, ring, at + 1];
        this.ringOf(this.held)?.splice(at + 1, 0, [lng, lat]);
      }
      this.chosen = this.held;
    }
    this.draw();
  }

  private release(): void {
    if (!this.held) return;
    this.held = null;
    if (this.before.at(-1) === JSON.stringify(this.parts)) {
      this.before.pop();
      return;
    }
    this.tell();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Enter" && this.ring) this.finish();
    else if (event.key === "Escape" && this.ring) {
      this.ring = this.rubber = null;
      this.said(tr("已取消。"));
      this.draw();
    } else if (event.key === "Delete" || event.key === "Backspace") this.remove();
    else return;
    event.preventDefault();
  }

  private snapped(event: Pointer): Snapped {
    const { lng, lat } = event.lngLat;
    const gl = this.map.map;
    const above = gl.unproject([event.point.x, event.point.y - REACH]);
    const free = this.borders.length === 0 || event.originalEvent.altKey;
    const found = free ? { at: [lng, lat] as Position, line: null, along: 0 } : snap([lng, lat], this.borders, Math.abs(above.lat - lat)); // prettier-ignore
    return { ...found, at: found.line === null ? [round(found.at[0]), round(found.at[1])] : found.at };
  }

  private ringOf([part, ring]: Corner): Ring | undefined {
    return this.parts[part]?.[ring];
  }

  private keep(): void {
    this.before.push(JSON.stringify(this.parts));
    if (this.before.length > 50) this.before.shift();
  }

  private tell(): void {
    this.draw();
    this.changed();
  }

  private draw(): void {
    (this.map.map.getSource("sketch") as maplibregl.GeoJSONSource | undefined)?.setData(this.drawn());
  }

  private drawn(): GeoJSON.FeatureCollection {
    const features: GeoJSON.Feature[] = [];
    const corners = this.parts.flat(2).length;
    this.parts.forEach((part, index) => {
      const coordinates = part.map((ring) => [...ring, ring[0] as Position]);
      features.push({ type: "Feature", properties: { role: "area" }, geometry: { type: "Polygon", coordinates } });
      part.forEach((ring, inner) => {
        ring.forEach((at, place) => {
          const isChosen = this.chosen?.join() === [index, inner, place].join();
          features.push(dot(at, { role: "corner", part: index, ring: inner, at: place, isChosen }));
          const next = ring[(place + 1) % ring.length];
          if (next && corners < TOO_MANY) features.push(dot([(at[0] + next[0]) / 2, (at[1] + next[1]) / 2], { role: "middle", part: index, ring: inner, at: place })); // prettier-ignore
        });
      });
    });
    if (this.ring) {
      const line = [...this.ring.map((one) => one.at), ...(this.rubber ? [this.rubber] : [])];
      if (line.length > 1) features.push({ type: "Feature", properties: { role: "line" }, geometry: { type: "LineString", coordinates: line } }); // prettier-ignore
      for (const at of line) features.push(dot(at, { role: "corner", isChosen: false }));
    }
    return { type: "FeatureCollection", features };
  }
}

const same = (one: Position, other: Position | undefined): boolean => other !== undefined && one[0] === other[0] && one[1] === other[1]; // prettier-ignore
const round = (degrees: number): number => Math.round(degrees * 1e7) / 1e7; // a centimetre
const dot = (at: Position, properties: Record<string, unknown>): GeoJSON.Feature => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: at } }); // prettier-ignore

const COLOUR = "#ae3ec9";
const role = (name: string): maplibregl.FilterSpecification => ["==", ["get", "role"], name];
const LAYERS: maplibregl.LayerSpecification[] = [
  { id: "sketch-area", type: "fill", source: "sketch", filter: role("area"), paint: { "fill-color": COLOUR, "fill-opacity": 0.18 } },
  { id: "sketch-edge", type: "line", source: "sketch", filter: ["in", ["get", "role"], ["literal", ["area", "line"]]], paint: { "line-color": COLOUR, "line-width": 2.5 } }, // prettier-ignore
  { id: "sketch-middle", type: "circle", source: "sketch", filter: role("middle"), paint: { "circle-radius": 3.5, "circle-color": "#fff", "circle-stroke-color": COLOUR, "circle-stroke-width": 1 } }, // prettier-ignore
  { id: "sketch-corner", type: "circle", source: "sketch", filter: role("corner"), paint: { "circle-radius": 5.5, "circle-color": ["case", ["boolean", ["get", "isChosen"], false], "#182433", COLOUR], "circle-stroke-color": "#fff", "circle-stroke-width": 2 } }, // prettier-ignore
];
