// What both drawings need to know about GeoJSON.

export type Position = [longitude: number, latitude: number];
export type Bounds = [west: number, south: number, east: number, north: number];

/** Every position of a geometry, in order. */
export function* positions(geometry: GeoJSON.Geometry | null): Generator<Position> {
  if (!geometry) return;
  if (geometry.type === "GeometryCollection") {
    for (const part of geometry.geometries) yield* positions(part);
    return;
  }
  yield* flatten(geometry.coordinates);
}

function* flatten(coordinates: unknown[]): Generator<Position> {
  if (typeof coordinates[0] === "number") {
    yield [coordinates[0], coordinates[1] as number];
    return;
  }
  for (const inner of coordinates) yield* flatten(inner as unknown[]);
}

/** The rectangle around all features, at least about 200 m wide; null when there is nothing to draw. */
export function boundsOf(features: GeoJSON.FeatureCollection): Bounds | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const feature of features.features) {
    for (const [x, y] of positions(feature.geometry)) {
      west = Math.min(west, x);
      east = Math.max(east, x);
      south = Math.min(south, y);
      north = Math.max(north, y);
    }
  }
  if (west === Infinity) return null;
  const margin = Math.max((east - west) * 0.08, (north - south) * 0.08, 0.001);
  return [west - margin, south - margin, east + margin, north + margin];
}

/** What a feature is, for its colour: `properties.role` of the server's GeoJSON. */
export function roleOf(feature: GeoJSON.Feature): string {
  return String(feature.properties?.role ?? "other");
}

export function labelOf(feature: GeoJSON.Feature): string {
  return String(feature.properties?.label ?? "");
}

/** Colours by role; the same in both drawings. */
export const COLOURS: Record<string, string> = {
  case: "#d63939",
  site: "#206bc4",
  position: "#f76707",
  grid: "#2fb344",
  uncovered: "#d6336c",
  other: "#626976",
};
