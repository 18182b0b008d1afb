// An area as text and back: GeoJSON, or corners line by line (an empty line begins another part), as the server reads it.
import type { Position } from "../geometry";

/** A part is its outer ring, then its holes; rings do not repeat their first corner. */
export type Ring = Position[];
export type Part = Ring[];

/** Read what was typed; null where it is no area (the server will say why). */
export function partsOf(text: string): Part[] | null {
  const trimmed = text.trim();
  if (!trimmed) return [];
  try {
    return trimmed.startsWith("{") ? ofJson(JSON.parse(trimmed) as GeoJSON.GeoJSON) : ofCorners(trimmed);
  } catch {
    return null;
  }
}

export function textOf(parts: Part[]): string {
  if (parts.length === 0) return "";
  const coordinates = parts.map((part) => part.map((ring) => [...ring, ring[0]]));
  return JSON.stringify(
    coordinates.length === 1 ? { type: "Polygon", coordinates: coordinates[0] } : { type: "MultiPolygon", coordinates },
  );
}

function ofJson(given: GeoJSON.GeoJSON): Part[] | null {
  if (given.type === "FeatureCollection") return given.features.length === 1 && given.features[0] ? ofJson(given.features[0]) : null; // prettier-ignore
  if (given.type === "Feature") return ofJson(given.geometry);
  const open = (ring: GeoJSON.Position[]): Ring => ring.slice(0, -1).map((at) => [at[0] ?? 0, at[1] ?? 0]);
  if (given.type === "Polygon") return [given.coordinates.map(open)];
  if (given.type === "MultiPolygon") return given.coordinates.map((part) => part.map(open));
  return null;
}

function ofCorners(text: string): Part[] | null {
  const parts = text.split(/\n\s*\n/).map((block): Part => {
    const corners = block.split(/[\n;；]/).filter((line) => line.trim()).map((line): Position => {
      const [x, y] = line.trim().split(/[,，\s]+/).map(Number);
      return [x ?? NaN, y ?? NaN];
    }); // prettier-ignore
    return [corners];
  });
  return parts.every((part) => part[0] && part[0].length >= 3 && part[0].flat().every(Number.isFinite)) ? parts : null;
}
