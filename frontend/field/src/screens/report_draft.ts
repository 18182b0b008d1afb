/** What a report is made of, what it still lacks, and what it could double. Pure. */

import { distanceM } from "../core/geometry.ts";
import type { Place } from "../core/place.ts";
import type { CaseRow, HazardKind, NearbyCase, Payloads, PhotoId, Position, Site } from "../types.ts";
import { isOpen } from "./case_words.ts";

export interface ReportContent {
  kind: string;
  words: string;
  photos: PhotoId[];
  isPutRight: boolean;
  after: PhotoId[];
  site: string | null;
  placeWords: string;
  place: Place | null;
  isMajor: boolean;
  /** The open case that is the same thing, or null. */
  joins: string | null;
}

export const MOST = { words: 500, placeWords: 200, photos: 9 };
/** How far a site may be to be offered as the place. */
const AROUND_M = 150;
const DAY_MS = 24 * 3600 * 1000;
const USUAL = { distance_m: 50, days: 30 };

export const emptyReport = (): ReportContent => ({
  kind: "", words: "", photos: [], isPutRight: false, after: [], site: null, placeWords: "", place: null, isMajor: false, joins: null,
}); // prettier-ignore

/** What has to be filled in before saving; "" when nothing. */
export function lack(content: ReportContent, kind: HazardKind | undefined): string {
  if (content.photos.length === 0) return "请先拍一张现场照片";
  if (kind === undefined) return "请选择类别";
  if (content.isPutRight && content.after.length === 0) return "请拍一张整改后的照片";
  if (content.site === null && content.place === null && content.placeWords.trim() === "") return "请定位、选择对象或写明地点";
  return "";
}

/** Words as they are sent: what was typed, else the kind's own name. */
export const wordsOf = (content: ReportContent, kind: HazardKind): string => content.words.trim() || `发现：${kind.name}`;

/** Sites next to a position, the nearest first. */
export function sitesAround(place: Position | null, sites: readonly Site[], most = 4): { site: Site; metres: number }[] {
  if (place === null) return [];
  return sites
    .flatMap((site) => (site.longitude === null || site.latitude === null ? [] : [{ site, metres: distanceM(place, { longitude: site.longitude, latitude: site.latitude }) }]))
    .filter(({ metres }) => metres <= AROUND_M)
    .sort((one, other) => one.metres - other.metres)
    .slice(0, most);
}

/** Open cases that are known here: those of one's grids, and besides those that one reported elsewhere or one's village did. */
export function couldBeDoubled(nearby: readonly NearbyCase[], cases: readonly CaseRow[]): NearbyCase[] {
  const known = new Set(nearby.map((one) => one.id));
  return [...nearby, ...cases.filter((one) => isOpen(one) && !known.has(one.id))];
}

/** Open cases of the same kind at the same site or close by, not older than the kind allows: the report could be one of them. */
export function doubles(content: ReportContent, kind: HazardKind | undefined, nearby: readonly NearbyCase[], now: number): NearbyCase[] {
  if (kind === undefined) return [];
  const [most, days] = [kind.duplicate_distance_m ?? USUAL.distance_m, kind.duplicate_days ?? USUAL.days];
  const isClose = (one: NearbyCase): boolean => {
    if (content.site !== null && one.site_id === content.site) return true;
    if (content.place === null || one.longitude === null || one.latitude === null) return false;
    return distanceM(content.place, { longitude: one.longitude, latitude: one.latitude }) <= most;
  };
  return nearby.filter((one) => one.kind === kind.code && now - Date.parse(one.reported_at) <= days * DAY_MS && isClose(one));
}

/** Kinds reported most often by this member, then the first ones of the handbook: what is offered without searching. */
export function usualKinds(kinds: ReadonlyMap<string, HazardKind>, cases: readonly CaseRow[], most = 6): HazardKind[] {
  const times = new Map<string, number>();
  for (const one of cases) if (one.part.includes("reporter")) times.set(one.kind, (times.get(one.kind) ?? 0) + 1);
  const leaves = [...kinds.values()].filter((kind) => kind.is_leaf && kind.is_active);
  leaves.sort((one, other) => (times.get(other.code) ?? 0) - (times.get(one.code) ?? 0) || one.position - other.position);
  return leaves.slice(0, most);
}

/** Where it is, for either operation. */
function placeOf(content: ReportContent): Pick<Payloads["cases.settle_on_spot"], "site_id" | "place_words" | "longitude" | "latitude"> {
  const { site, place } = content;
  return { site_id: site, place_words: content.placeWords.trim(), longitude: place?.longitude ?? null, latitude: place?.latitude ?? null };
}

/** The report as an operation. */
export function reportPayload(content: ReportContent, kind: HazardKind): Payloads["cases.report"] {
  return {
    kind: kind.code, words: wordsOf(content, kind), ...placeOf(content), town: "", village: "", photos: [...content.photos],
    suspected_major: content.isMajor, joins: content.joins,
  }; // prettier-ignore
}

/** The same as put right on the spot. */
export function settledPayload(content: ReportContent, kind: HazardKind): Payloads["cases.settle_on_spot"] {
  return { kind: kind.code, words: wordsOf(content, kind), ...placeOf(content), before_photos: [...content.photos], after_photos: [...content.after] };
}
