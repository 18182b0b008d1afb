// The drawing with MapLibre: pan, zoom, labels; its worker is a file of ours, so no blob: or eval is needed.
import type * as maplibregl from "maplibre-gl";

import { boundsOf, COLOURS, labelOf, positions, roleOf } from "./geometry";
import { prepared, WORDS } from "./maplibre";

/** Draw the features into `canvas`. Throws when MapLibre cannot start. */
export function drawWebGl(canvas: HTMLElement, features: GeoJSON.FeatureCollection): void {
  const bounds = boundsOf(features);
  if (!bounds) throw new Error("nothing to draw");
  const gl = prepared();
  const map = new gl.Map({
    container: canvas,
    style: style(features),
    bounds,
    maxZoom: 19,
    attributionControl: false,
    cooperativeGestures: false,
    dragRotate: false,
    pitchWithRotate: false,
    scrollZoom: false, // a page with a map must still scroll
    locale: WORDS,
  });
  map.addControl(new gl.NavigationControl({ showCompass: false }));
  map.addControl(new gl.ScaleControl());
  for (const feature of features.features) addLabel(gl, map, feature);
}

// Words are HTML, not glyphs: a glyph server would be one more thing to host.
function addLabel(gl: typeof maplibregl, map: maplibregl.Map, feature: GeoJSON.Feature): void {
  const label = labelOf(feature);
  if (!label || feature.geometry?.type !== "Point") return;
  const [at] = positions(feature.geometry);
  if (!at) return;
  const url = feature.properties?.url as string | undefined;
  const element = document.createElement(url?.startsWith("/") ? "a" : "span");
  if (element instanceof HTMLAnchorElement) element.href = url as string;
  element.className = "map-label";
  element.textContent = label;
  new gl.Marker({ element, anchor: "left", offset: [10, 0] }).setLngLat(at).addTo(map);
}

function style(features: GeoJSON.FeatureCollection): maplibregl.StyleSpecification {
  const data: GeoJSON.FeatureCollection = {
    type: "FeatureCollection",
    features: features.features.map((feature) => ({
      ...feature,
      properties: { ...feature.properties, colour: COLOURS[roleOf(feature)] ?? "#626976" },
    })),
  };
  const polygons: maplibregl.FilterSpecification = ["==", ["geometry-type"], "Polygon"];
  const points: maplibregl.FilterSpecification = ["==", ["geometry-type"], "Point"];
  const shapes: maplibregl.FilterSpecification = ["!=", ["geometry-type"], "Point"];
  return {
    version: 8,
    sources: { features: { type: "geojson", data } },
    layers: [
      { id: "base", type: "background", paint: { "background-color": "#f6f8fb" } },
      {
        id: "area",
        type: "fill",
        source: "features",
        filter: polygons,
        paint: { "fill-color": ["get", "colour"], "fill-opacity": 0.12 },
      },
      {
        id: "edge",
        type: "line",
        source: "features",
        filter: shapes,
        paint: { "line-color": ["get", "colour"], "line-width": 2 },
      },
      {
        id: "point",
        type: "circle",
        source: "features",
        filter: points,
        paint: {
          "circle-color": ["get", "colour"],
          "circle-radius": 7,
          "circle-stroke-color": "#fff",
          "circle-stroke-width": 2,
        },
      },
    ],
  };
}
