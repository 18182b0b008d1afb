// What every map of a county begins with: where it is, its tiles, what lies below.
import type { Bounds } from "../geometry";
import { createMap, type BaseMap, type MapOptions, type OneMap } from "./onemap";
import { nameLayers, placeLayers } from "./style";

export interface Frame {
  county: number;
  /** The county's map page, under which cards and lists lie. */
  map: string;
  /** A path with {layer}, {z}, {x}, {y}. */
  tiles: string;
  base: BaseMap | null;
  bounds: Bounds | null;
}

export async function frameOf(url: string): Promise<Frame> {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return (await answer.json()) as Frame;
}

/** The address of a layer's tiles; parameters without a value are left out. */
export function tilesOf(frame: Frame, layer: string, given: Record<string, string> = {}): string {
  const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value)).toString();
  return frame.tiles.replace("{layer}", layer) + (query ? `?${query}` : "");
}

/** A map of the county's towns, villages and grids, for forms: `county` "" is the user's own. */
export async function formMap(place: HTMLElement, county: string, options: MapOptions): Promise<[OneMap, Frame]> {
  const frame = await frameOf(`/map/frame.json${county ? `?county=${county}` : ""}`);
  const map = await createMap(place, { bounds: frame.bounds, base: frame.base, ...options });
  map.addTiles("places", tilesOf(frame, "places"), [...placeLayers(), ...nameLayers()]);
  return [map, frame];
}
