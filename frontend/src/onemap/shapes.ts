// How GeoJSON of ours is drawn: areas, edges, points, words.
import type * as maplibregl from "maplibre-gl";

export interface ShapeOptions {
  /** The property that tells features apart (strings); "id" unless said. */
  key?: string;
  /** The property with words to be written on a feature. */
  label?: string;
  /** The colour of features without one of their own (`properties.colour`, or given by `colour()`). */
  colour?: string;
  /** Of areas, 0 to 1. */
  opacity?: number;
  /** Of edges, in pixels. */
  width?: number;
  /** Of points, in pixels. */
  radius?: number;
  /** Words from this zoom on. */
  labelFrom?: number;
}

export const GREY = "#626976";

type Expression = maplibregl.ExpressionSpecification;

export function collectionOf(data: GeoJSON.FeatureCollection | null): GeoJSON.FeatureCollection {
  return data ?? { type: "FeatureCollection", features: [] };
}

/** The layers of one GeoJSON source: `<id>-area`, `-edge`, `-point`, `-label`. */
export function shapeLayers(id: string, options: ShapeOptions): maplibregl.LayerSpecification[] {
  const colour: Expression = [
    "coalesce", ["feature-state", "colour"], ["get", "colour"], options.colour ?? GREY,
  ]; // prettier-ignore
  const isMarked: Expression = ["boolean", ["feature-state", "marked"], false];
  const width = options.width ?? 1.5;
  const layers: maplibregl.LayerSpecification[] = [
    {
      id: `${id}-area`,
      type: "fill",
      source: id,
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": colour, "fill-opacity": options.opacity ?? 0.35 },
    },
    {
      id: `${id}-edge`,
      type: "line",
      source: id,
      filter: ["!=", ["geometry-type"], "Point"],
      layout: { "line-join": "round" },
      paint: { "line-color": colour, "line-width": ["case", isMarked, width + 2.5, width] },
    },
    {
      id: `${id}-point`,
      type: "circle",
      source: id,
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-color": colour,
        "circle-radius": ["case", isMarked, (options.radius ?? 6) + 3, options.radius ?? 6],
        "circle-stroke-color": "#fff",
        "circle-stroke-width": 1.5,
      },
    },
  ];
  if (options.label) layers.push(words(id, options));
  return layers;
}

function words(id: string, options: ShapeOptions): maplibregl.LayerSpecification {
  return {
    id: `${id}-label`,
    type: "symbol",
    source: id,
    minzoom: options.labelFrom ?? 0,
    layout: { "text-field": ["get", options.label ?? "name"], "text-size": 13, "text-max-width": 8, "text-offset": [0, 0.9], "text-anchor": "top" }, // prettier-ignore
    paint: HALO,
  };
}

export const HALO: NonNullable<maplibregl.SymbolLayerSpecification["paint"]> = {
  "text-color": "#182433",
  "text-halo-color": "rgba(255,255,255,0.9)",
  "text-halo-width": 1.5,
};
