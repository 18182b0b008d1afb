// Snapping to neighbours: their corners first, then their edges; and the way along a border between two snapped points.
import type { Position } from "../geometry";

/** Where a point was pulled to; `line` and `along` (index of the edge, and how far on it) where it was. */
export interface Snapped {
  at: Position;
  line: number | null;
  along: number;
}

/** Pull `at` to the lines within `tolerance` (degrees of latitude). Lines are rings, the first corner not repeated. */
export function snap(at: Position, lines: Position[][], tolerance: number): Snapped {
  const shrink = Math.cos((at[1] * Math.PI) / 180);
  let corner: Snapped = { at, line: null, along: 0 };
  let edge: Snapped = corner;
  let [toCorner, toEdge] = [tolerance, tolerance];
  lines.forEach((ring, line) => {
    ring.forEach((from, index) => {
      const apart = distance(at, from, shrink);
      if (apart < toCorner) [toCorner, corner] = [apart, { at: from, line, along: index }];
      const to = ring[(index + 1) % ring.length] ?? from;
      const share = foot(at, from, to, shrink);
      const on: Position = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
      const beside = distance(at, on, shrink);
      if (beside < toEdge) [toEdge, edge] = [beside, { at: on, line, along: index + share }];
    });
  });
  return corner.line === null ? edge : corner;
}

/** The corners of a ring between two places on it, the shorter way round. */
export function between(ring: Position[], from: number, to: number): Position[] {
  const onward = walk(ring, from, to);
  const backward = walk(ring, to, from).reverse();
  return length(onward) <= length(backward) ? onward : backward;
}

function walk(ring: Position[], from: number, to: number): Position[] {
  const size = ring.length;
  const found: Position[] = [];
  const end = to > from ? to : to + size;
  for (let index = Math.floor(from) + 1; index < end; index++) {
    const corner = ring[index % size];
    if (corner) found.push(corner);
  }
  return found;
}

function length(path: Position[]): number {
  return path.reduce((sum, at, index) => sum + (index ? distance(at, path[index - 1] ?? at, 0.86) : 0), path.length * 1e-9);
}

function distance(one: Position, other: Position, shrink: number): number {
  return Math.hypot((one[0] - other[0]) * shrink, one[1] - other[1]);
}

function foot(at: Position, from: Position, to: Position, shrink: number): number {
  const [dx, dy] = [(to[0] - from[0]) * shrink, to[1] - from[1]];
  const square = dx * dx + dy * dy;
  if (square === 0) return 0;
  return Math.min(1, Math.max(0, ((at[0] - from[0]) * shrink * dx + (at[1] - from[1]) * dy) / square));
}
