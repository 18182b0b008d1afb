/** Times in words, as of Beijing. */

const ZONE = "Asia/Shanghai";
const full = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const hours = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const days = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });

/** "YYYY-MM-DD" of a moment. */
export const dayOf = (moment: number | string): string => days.format(typeof moment === "string" ? Date.parse(moment) : moment);

/** "今天 14:05", else "11月3日 14:05". */
export function momentWords(moment: number | string, now: number = Date.now()): string {
  const at = typeof moment === "string" ? Date.parse(moment) : moment;
  if (!Number.isFinite(at)) return "";
  return dayOf(at) === dayOf(now) ? `今天 ${hours.format(at)}` : full.format(at);
}

/** "7.6 MB". */
export function sizeWords(bytes: number | null): string {
  if (bytes === null) return "未知";
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(1)} MB` : `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
