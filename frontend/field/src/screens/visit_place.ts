/** When a check-in counts as at the site: the server's rules (safegrid/patrols/services/visits.py), told before saving. */

import { distanceM, type Place } from "../core/index.ts";
import type { Position, Site } from "../types.ts";

/** Farther than this from the site, a visit needs a reason. */
export const FAR_M = 200;
/** A position known no better than this says little; the member is told to try in the open. */
const POOR_M = 100;

export interface CheckIn {
  by: "position" | "qr" | "";
  place: Place | null;
  /** What was scanned or typed. */
  qr: string;
}

/** Metres from the place to the site; null where either is not known. */
export function distanceTo(site: { longitude: number | null; latitude: number | null } | undefined, place: Position | null): number | null {
  if (place === null || site === undefined || site.longitude === null || site.latitude === null) return null;
  return distanceM(place, { longitude: site.longitude, latitude: site.latitude });
}

/** Whether a reason must be given: too far off by position, or no check-in at all. A code read at the site needs none. */
export function needsReason(checkIn: CheckIn, site: Site): boolean {
  if (checkIn.by === "qr") return false;
  if (checkIn.by === "" || checkIn.place === null) return true;
  return (distanceTo(site, checkIn.place) ?? 0) > FAR_M;
}

export const isPoor = (place: Place): boolean => (place.accuracy_m ?? 0) > POOR_M;

/** The code in what was scanned or typed: the code itself, as printed in groups, or an address that ends in it. */
export const codeIn = (scanned: string): string =>
  (scanned.split(/[?#]/)[0] ?? "").replace(/[\s-]+/g, "").replace(/\/+$/, "").split("/").at(-1)?.toUpperCase() ?? "";

/** The site at which a scanned code hangs; undefined for a code that the phone does not know. */
export function siteOfCode(scanned: string, sites: readonly Site[]): Site | undefined {
  const code = codeIn(scanned);
  return code === "" ? undefined : sites.find((site) => site.qr.toUpperCase() === code);
}
