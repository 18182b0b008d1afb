/** A flat picture of a small piece of the earth, north up: good to a millimetre on a screen over a county. */

import type { Position } from "../types.ts";

const METRES_A_DEGREE = 111_319.5;

export interface Camera extends Position {
  /** Pixels a metre. */
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Where a position stands on a picture of `size`. */
export function toScreen(at: Position, camera: Camera, size: Size): [number, number] {
  const east = (at.longitude - camera.longitude) * METRES_A_DEGREE * Math.cos((camera.latitude * Math.PI) / 180);
  const north = (at.latitude - camera.latitude) * METRES_A_DEGREE;
  return [size.width / 2 + east * camera.scale, size.height / 2 - north * camera.scale];
}

/** The position under a point of the picture. */
export function toPosition(x: number, y: number, camera: Camera, size: Size): Position {
  const east = (x - size.width / 2) / camera.scale;
  const north = (size.height / 2 - y) / camera.scale;
  return {
    longitude: camera.longitude + east / (METRES_A_DEGREE * Math.cos((camera.latitude * Math.PI) / 180)),
    latitude: camera.latitude + north / METRES_A_DEGREE,
  };
}

/** A camera that shows all of these positions, with a margin; null for none. */
export function cameraOver(positions: readonly Position[], size: Size): Camera | null {
  if (positions.length === 0) return null;
  let [west, east, south, north] = [180, -180, 90, -90];
  for (const { longitude, latitude } of positions) {
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
  }
  const latitude = (south + north) / 2;
  const across = (east - west) * METRES_A_DEGREE * Math.cos((latitude * Math.PI) / 180);
  const up = (north - south) * METRES_A_DEGREE;
  const scale = Math.min(size.width / Math.max(across, 100), size.height / Math.max(up, 100)) * 0.9;
  return { longitude: (west + east) / 2, latitude, scale };
}
