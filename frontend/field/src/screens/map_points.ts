/** Sites as points of a map, coloured by risk or by type; what matters most is drawn and named first. */

import type { SketchPoint } from "../parts/sketch.ts";
import type { Site } from "../types.ts";
import type { RouteCall } from "./route_today.ts";
import { RISK_ORDER } from "./site_search.ts";

export type ColourBy = "risk" | "type";
export interface LegendLine {
  value: string;
  label: string;
  colour: string;
  count: number;
}

const RISKS: Record<string, string> = { red: "#b3261e", orange: "#c05a00", yellow: "#8a6d00", blue: "#14508c" };
const TYPES = ["#14508c", "#7a2e8e", "#8a4b00", "#0b6b5d", "#59616c", "#9c1c4d"];
const ROUTE = "#14181f";

/** What the colours mean, with how many sites each has. */
export function legend(sites: readonly Site[], by: ColourBy): LegendLine[] {
  const lines = new Map<string, LegendLine>();
  for (const site of sites) {
    const [value, label] = by === "risk" ? [site.risk_grade, site.risk_label] : [site.site_type, site.site_type_label];
    const line = lines.get(value) ?? { value, label, colour: "", count: 0 };
    line.count += 1;
    lines.set(value, line);
  }
  const sorted = [...lines.values()].sort((one, other) =>
    by === "risk" ? RISK_ORDER.indexOf(one.value) - RISK_ORDER.indexOf(other.value) : one.value.localeCompare(other.value),
  );
  return sorted.map((line, at) => ({ ...line, colour: by === "risk" ? (RISKS[line.value] ?? "#59616c") : (TYPES[at % TYPES.length] ?? "#59616c") }));
}

/** Sites with a position, those of graver risk first: their names win where there is no room for all. */
export function sitePoints(sites: readonly Site[], by: ColourBy, lines: readonly LegendLine[], hidden: ReadonlySet<string>): SketchPoint[] {
  const colours = new Map(lines.map((line) => [line.value, line.colour]));
  return [...sites]
    .sort((one, other) => RISK_ORDER.indexOf(one.risk_grade) - RISK_ORDER.indexOf(other.risk_grade))
    .flatMap(({ id, name, longitude, latitude, risk_grade, site_type }) => {
      const value = by === "risk" ? risk_grade : site_type;
      if (longitude === null || latitude === null || hidden.has(value)) return [];
      return [{ id, label: name, longitude, latitude, colour: colours.get(value) ?? "#59616c" }];
    });
}

/** The route's stops, numbered. */
export const routePoints = (calls: readonly RouteCall[]): SketchPoint[] =>
  calls.flatMap(({ site: { id, name, longitude, latitude } }, at) =>
    longitude === null || latitude === null ? [] : [{ id, label: name, longitude, latitude, colour: ROUTE, sign: String(at + 1) }],
  );
