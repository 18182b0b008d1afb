// How the layers of our tiles are drawn.
import type * as maplibregl from "maplibre-gl";

import { GAP, GRAVITY, HEAT, SEVERITY } from "./icons";
import { HALO } from "./shapes";

type Layer = maplibregl.LayerSpecification;
type Expression = maplibregl.ExpressionSpecification;

const GROUND = "#5b6b82";
const GRID = "#2b8a3e";
export const MARKED = "grids-marked";

/** Towns, villages and grids; of the tiles `places`. */
export function placeLayers(): Layer[] {
  const of = (layer: string) => ({ source: "places", "source-layer": layer });
  return [
    { id: "grids-area", type: "fill", ...of("grids"), paint: { "fill-color": GRID, "fill-opacity": 0.07 } },
    { id: "gaps-area", type: "fill", ...of("grids"), filter: ["get", "uncovered"], layout: { visibility: "none" }, paint: { "fill-color": GAP, "fill-opacity": 0.25 } }, // prettier-ignore
    { id: "villages-edge", type: "line", ...of("villages"), minzoom: 11, paint: { "line-color": GROUND, "line-width": 1, "line-dasharray": [3, 2], "line-opacity": 0.7 } }, // prettier-ignore
    { id: "grids-edge", type: "line", ...of("grids"), paint: { "line-color": GRID, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.5, 14, 1.8] } }, // prettier-ignore
    { id: "towns-edge", type: "line", ...of("towns"), paint: { "line-color": GROUND, "line-width": 2 } },
    { id: MARKED, type: "line", ...of("grids"), filter: ["==", ["get", "id"], ""], paint: { "line-color": "#182433", "line-width": 3.5 } }, // prettier-ignore
  ];
}

/** Grids by how many cases they reported: a fill by step. */
export function heatLayers(): Layer[] {
  const from = { source: "heat", "source-layer": "heat" };
  const step = ["match", ["get", "step"], ...HEAT.flatMap((colour, at) => [at + 1, colour]), HEAT[0]] as unknown as Expression;
  return [{ id: "heat-area", type: "fill", ...from, paint: { "fill-color": step, "fill-opacity": 0.7, "fill-outline-color": "#7a1f1f" } }]; // prettier-ignore
}

/** Their names, to be drawn above everything. */
export function nameLayers(): Layer[] {
  return [
    words("label-grid", "places", "labels", ["==", ["get", "level"], "grid"], 12, 12, GRID),
    words("label-village", "places", "labels", ["==", ["get", "level"], "village"], 12, 13, GROUND),
    words("label-town", "places", "labels", ["==", ["get", "level"], "town"], 8, 15, "#182433"),
  ];
}

function words(id: string, source: string, layer: string, filter: Expression, from: number, size: number, colour: string): Layer { // prettier-ignore
  const layout = { "text-field": ["get", "name"] as Expression, "text-size": size, "text-max-width": 9, "text-padding": 4 };
  return { id, type: "symbol", source, "source-layer": layer, filter, minzoom: from, layout, paint: { ...HALO, "text-color": colour } }; // prettier-ignore
}

const GATHERED: Expression = ["has", "n"];
const ALONE: Expression = ["!", GATHERED];
const byRank = (colours: string[]): Expression =>
  ["match", ["get", "rank"], ...colours.flatMap((colour, at) => [at, colour]), "#626976"] as unknown as Expression;

/** Dots of one kind of tiles (source and layer of the same name): alone by `alone`, gathered as circles with a number. */
function dots(id: string, alone: Layer[], colours: string[], edge = "#fff"): Layer[] {
  const from = { source: id, "source-layer": id };
  return [
    ...alone,
    { id: `${id}-many`, type: "circle", ...from, filter: GATHERED, paint: { "circle-color": byRank(colours), "circle-opacity": 0.85, "circle-radius": ["interpolate", ["linear"], ["log10", ["get", "n"]], 0.3, 10, 3, 19], "circle-stroke-color": edge, "circle-stroke-width": 1.5 } }, // prettier-ignore
    { id: `${id}-number`, type: "symbol", ...from, filter: GATHERED, layout: { "text-field": ["to-string", ["get", "n"]], "text-size": 11, "text-allow-overlap": true }, paint: { "text-color": "#fff", "text-halo-color": "rgba(24,36,51,0.75)", "text-halo-width": 1 } }, // prettier-ignore
  ];
}

const RADIUS: Expression = ["interpolate", ["linear"], ["zoom"], 10, 4, 16, 7];

/** Sites, or some of them: `id` is sites or gaps. */
export function siteLayers(id: string): Layer[] {
  const from = { source: id, "source-layer": id };
  const edge = id === "gaps" ? GAP : "#fff";
  const alone: Layer[] = [
    { id: `${id}-one`, type: "circle", ...from, filter: ALONE, paint: { "circle-color": byRank(GRAVITY), "circle-radius": RADIUS, "circle-stroke-color": edge, "circle-stroke-width": id === "gaps" ? 3 : 1.5 } }, // prettier-ignore
    { id: `${id}-name`, type: "symbol", ...from, filter: ALONE, minzoom: 16, layout: { "text-field": ["get", "name"], "text-size": 12, "text-offset": [0, 0.8], "text-anchor": "top", "text-max-width": 9, "text-optional": true }, paint: HALO }, // prettier-ignore
  ];
  return dots(id, alone, id === "gaps" ? [GAP, GAP, GAP, GAP] : GRAVITY);
}

export function directLayers(): Layer[] {
  return dots("direct", [picture("direct", "direct", 14)], ["#7048a8", "#7048a8", "#7048a8", "#7048a8"]);
}

export function memberLayers(): Layer[] {
  return dots("members", [picture("members", "member", 12)], ["#0b7285"]);
}

export function caseLayers(): Layer[] {
  const late: Expression = ["case", ["in", ["get", "kind"], ["literal", ["overdue", "badly_overdue"]]], "-late", ""];
  const name: Expression = ["concat", "case-", ["to-string", ["get", "rank"]], late];
  const alone = picture("cases", name, 19);
  return dots("cases", [alone], SEVERITY, "#182433");
}

function picture(source: string, icon: string | Expression, named: number): Layer {
  return {
    id: `${source}-one`,
    type: "symbol",
    source,
    "source-layer": source,
    filter: ALONE,
    layout: { "icon-image": icon, "icon-allow-overlap": true, "text-field": ["step", ["zoom"], "", named, ["get", "name"]], "text-size": 12, "text-offset": [0, 1], "text-anchor": "top", "text-max-width": 12, "text-optional": true }, // prettier-ignore
    paint: HALO,
  };
}
