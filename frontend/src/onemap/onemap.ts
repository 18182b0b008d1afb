// The map that islands build on: MapLibre behind a few verbs. Described in docs/contract.md, section "map".
//
//   const map = await createMap(place, { label: "网格划分", bounds });
//   map.addShapes("units", collection, { key: "id", label: "name" });
//   map.colour("units", { u1: "#2fb344", u2: "#206bc4" });
//   map.onClick(["units"], (feature, at) => …);
//   map.onDrag("units", { drop: (unit, onto) => … });
import type * as maplibregl from "maplibre-gl";

import type { Bounds, Position } from "../geometry";
import { CHINESE_FONTS, hasWebGl, prepared, WORDS } from "../maplibre";
import { onDrag, type DragHandlers } from "./drag";
import { collectionOf, shapeLayers, type ShapeOptions } from "./shapes";
import { tr } from "../words";

/** What lies below everything: raster tiles of another host, which the installation has configured. */
export interface BaseMap {
  /** One address with {z}/{x}/{y} for each layer, the lowest first. */
  layers: string[];
  attribution: string;
  maxzoom: number;
}

export interface MapOptions {
  /** Read out for the drawing as a whole. */
  label: string;
  bounds?: Bounds | null;
  base?: BaseMap | null;
  /** A map amid a page lets the wheel scroll the page unless Ctrl is held; a map that is the page zooms. */
  wheelZooms?: boolean;
  /** Keep where one looks in the page's address under this name, so that "back" returns there. */
  hash?: string;
}

export type Clicked = (feature: maplibregl.MapGeoJSONFeature, at: Position) => void;

/** Thrown by `createMap` where the browser cannot draw: show `drawSvg` (../map_svg) or a list instead. */
export class NoWebGl extends Error {}

const NOTHING_TO_SEE: Bounds = [73.5, 18, 135, 53.6]; // China

/** Make a map inside `place` (which has a height) and wait until it can take layers. Throws `NoWebGl`. */
export async function createMap(place: HTMLElement, options: MapOptions): Promise<OneMap> {
  if (!hasWebGl()) throw new NoWebGl("WebGL is missing");
  const gl = prepared();
  let map: maplibregl.Map;
  try {
    map = new gl.Map({
      container: place,
      style: blank(options.base ?? null),
      bounds: options.bounds ?? NOTHING_TO_SEE,
      fitBoundsOptions: { padding: 24 },
      maxZoom: 19,
      hash: options.hash ?? false,
      attributionControl: options.base ? { compact: true } : false,
      cooperativeGestures: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      scrollZoom: options.wheelZooms ?? true,
      localIdeographFontFamily: CHINESE_FONTS,
      locale: WORDS,
    });
  } catch (error) {
    throw new NoWebGl(String(error));
  }
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new gl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new gl.ScaleControl(), "bottom-left");
  map.getCanvas().setAttribute("aria-label", tr("{label}：方向键移动，加减号缩放", { label: options.label }));
  await new Promise<void>((loaded) => map.once("load", () => loaded()));
  return new OneMap(map, gl);
}

export class OneMap {
  private readonly keys = new Map<string, string>();
  private readonly coloured = new Map<string, Set<string>>();

  constructor(
    /** MapLibre itself, for what is not covered here. */
    readonly map: maplibregl.Map,
    readonly gl: typeof maplibregl,
  ) {}

  /** Draw GeoJSON. Polygons, lines and points alike; see `ShapeOptions`. */
  addShapes(id: string, data: GeoJSON.FeatureCollection | null, options: ShapeOptions = {}): void {
    const key = options.key ?? "id";
    this.keys.set(id, key);
    this.map.addSource(id, { type: "geojson", data: collectionOf(data), promoteId: key });
    for (const layer of shapeLayers(id, options)) this.map.addLayer(layer, this.below());
  }

  /** Replace what `addShapes(id)` drew; colours given by `colour` stay. */
  setShapes(id: string, data: GeoJSON.FeatureCollection | null): void {
    void (this.map.getSource(id) as maplibregl.GeoJSONSource | undefined)?.setData(collectionOf(data));
  }

  /** Draw vector tiles of ours: `url` is a path with {z}/{x}/{y}; `layers` are MapLibre's, whose source is `id`. */
  addTiles(id: string, url: string, layers: maplibregl.LayerSpecification[], maxzoom = 14): void {
    this.map.addSource(id, { type: "vector", tiles: [absolute(url)], maxzoom, promoteId: "id" });
    for (const layer of layers) this.map.addLayer(layer);
  }

  /** Ask for other tiles: of another day, or narrowed. */
  setTiles(id: string, url: string): void {
    (this.map.getSource(id) as maplibregl.VectorTileSource | undefined)?.setTiles([absolute(url)]);
  }

  /** Colour features by their key; features left out keep the colour they have. Null takes a colour back. */
  colour(id: string, colours: Record<string, string | null>): void {
    const known = this.coloured.get(id) ?? new Set<string>();
    this.coloured.set(id, known);
    for (const [key, colour] of Object.entries(colours)) {
      this.map.setFeatureState({ source: id, id: key }, { colour });
      known.add(key);
    }
  }

  /** Draw a thick edge around one feature (null: around none). */
  mark(id: string, key: string | null): void {
    const state = this.map.getSource(id) ? this.marked.get(id) : undefined;
    if (state !== undefined) this.map.setFeatureState({ source: id, id: state }, { marked: false });
    this.marked.delete(id);
    if (key === null) return;
    this.map.setFeatureState({ source: id, id: key }, { marked: true });
    this.marked.set(id, key);
  }
  private readonly marked = new Map<string, string>();

  /** Show or hide layers by their ids, or by the id of their source. */
  show(ids: string[], isShown: boolean): void {
    for (const layer of this.map.getStyle().layers) {
      const source = "source" in layer ? String(layer.source) : "";
      if (!ids.includes(layer.id) && !ids.includes(source)) continue;
      this.map.setLayoutProperty(layer.id, "visibility", isShown ? "visible" : "none");
    }
  }

  /** Call `handle` with the topmost feature of these layers under a click or tap (6 px around it count). */
  onClick(layers: string[], handle: Clicked): void {
    this.map.on("click", (event) => {
      const { x, y } = event.point;
      const known = layers.filter((one) => this.map.getLayer(one));
      const [found] = this.map.queryRenderedFeatures([[x - 6, y - 6], [x + 6, y + 6]], { layers: known });
      if (found) handle(found, [event.lngLat.lng, event.lngLat.lat]);
    });
    this.map.on("mousemove", (event) => {
      const known = layers.filter((one) => this.map.getLayer(one));
      const isOver = this.map.queryRenderedFeatures(event.point, { layers: known }).length > 0;
      this.map.getCanvas().style.cursor = isOver ? "pointer" : "";
    });
  }

  /** Let features of `addShapes(id)` be dragged with mouse or finger onto one another; see `DragHandlers`. */
  onDrag(id: string, handlers: DragHandlers): () => void {
    return onDrag(this, id, handlers);
  }

  /** The features of `addShapes(id)` at a position on the screen, topmost first. */
  at(id: string, point: maplibregl.PointLike): maplibregl.MapGeoJSONFeature[] {
    const layers = [`${id}-point`, `${id}-area`].filter((one) => this.map.getLayer(one));
    return layers.length ? this.map.queryRenderedFeatures(point, { layers }) : [];
  }

  /** The key of a feature of `addShapes(id)`. */
  keyOf(id: string, feature: GeoJSON.Feature): string {
    return String(feature.properties?.[this.keys.get(id) ?? "id"] ?? "");
  }

  fit(bounds: Bounds): void {
    this.map.fitBounds(bounds, { padding: 40, maxZoom: 17, animate: !calm() });
  }

  fly(to: Position, zoom = 15): void {
    const camera = { center: to, zoom: Math.max(this.map.getZoom(), zoom) };
    if (calm()) this.map.jumpTo(camera);
    else this.map.flyTo({ ...camera, speed: 2.5 });
  }

  remove(): void {
    this.map.remove();
  }

  /** New shapes go below the words of tiles. */
  private below(): string | undefined {
    return this.map.getStyle().layers.find((one) => one.type === "symbol" && one.id.startsWith("label"))?.id;
  }
}

const absolute = (path: string): string => (path.startsWith("/") ? location.origin + path : path);
const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

function blank(base: BaseMap | null): maplibregl.StyleSpecification {
  const style: maplibregl.StyleSpecification = {
    version: 8,
    sources: {},
    layers: [{ id: "ground", type: "background", paint: { "background-color": "#f6f8fb" } }],
  };
  base?.layers.forEach((tiles, at) => {
    style.sources[`base-${at}`] = { type: "raster", tiles: [tiles], attribution: base.attribution, maxzoom: base.maxzoom, tileSize: 256 }; // prettier-ignore
    style.layers.push({ id: `base-${at}`, type: "raster", source: `base-${at}`, paint: { "raster-saturation": -0.3 } });
  });
  return style;
}
