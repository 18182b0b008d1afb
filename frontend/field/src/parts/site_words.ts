/** Words for what sites are and how far they are. */

/** `mark-…` by risk grade. */
export const riskMark = (grade: string): string => `mark mark-${["red", "orange", "yellow", "blue"].includes(grade) ? grade : "blue"}`;

/** "85 米", "1.2 公里". */
export function distanceWords(metres: number | null): string {
  if (metres === null) return "";
  if (metres < 1000) return `${Math.max(5, Math.round(metres / 5) * 5)} 米`;
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} 公里`;
}

/** "09:05" of minutes after midnight. */
export function clockWords(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  return `${String(Math.floor(whole / 60) % 24).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

export const OUTCOMES: Record<string, string> = { done: "已巡查", closed: "关门停业", refused: "拒绝进入", moved: "已搬离" };
export const outcomeWords = (outcome: string | null): string => OUTCOMES[outcome ?? ""] ?? "";

/** Where a map app is to go: WGS 84, as the `geo:` scheme demands (RFC 5870). */
export const geoUri = (at: { longitude: number; latitude: number }, name: string): string =>
  `geo:${at.latitude},${at.longitude}?q=${at.latitude},${at.longitude}(${encodeURIComponent(name)})`;
