/** Words and marks of cases. */

import type { CaseRow } from "../types.ts";

const STATE_MARKS: Record<string, string> = {
  closed: "mark mark-green", rejected: "mark", merged: "mark", cancelled: "mark", rectified: "mark mark-orange", verifying: "mark mark-orange",
}; // prettier-ignore
const SEVERITY_MARKS: Record<string, string> = { minor: "mark", general: "mark mark-orange", major: "mark mark-red" };
const SEVERITIES: Record<string, string> = { minor: "轻微", general: "一般", major: "重大" };
const PARTS: Record<string, string> = { reporter: "我上报", verifier: "我核实", rechecker: "我复查" };

export const stateMark = (state: string): string => STATE_MARKS[state] ?? "mark mark-blue";
export const severityWords = (severity: string): string => SEVERITIES[severity] ?? "";
export const severityMark = (severity: string): string => SEVERITY_MARKS[severity] ?? "mark";
export const partWords = (one: CaseRow): string => one.part.map((part) => PARTS[part] ?? part).join("、");

const ENDED = new Set(["closed", "rejected", "merged", "cancelled"]);
export const isOpen = (one: CaseRow): boolean => !ENDED.has(one.state);

export type CaseFilter = "mine" | "reported" | "open" | "all";

/** Cases of a filter that hold every word, those whose turn is mine first, then the latest. */
export function shownCases(cases: readonly CaseRow[], filter: CaseFilter, words: string): CaseRow[] {
  const asked = words.trim().split(/\s+/).filter(Boolean);
  const fits = (one: CaseRow): boolean =>
    filter === "all" ||
    (filter === "mine" && one.is_mine_now) ||
    (filter === "reported" && one.part.includes("reporter")) ||
    (filter === "open" && isOpen(one));
  const text = (one: CaseRow): string => [one.number, one.kind_name, one.place, one.words, one.site_name ?? ""].join(" ");
  return cases
    .filter((one) => fits(one) && asked.every((word) => text(one).includes(word)))
    .sort((one, other) => Number(other.is_mine_now) - Number(one.is_mine_now) || other.reported_at.localeCompare(one.reported_at));
}

/** The task by which a case waits for the user's look, as the task feed names it. */
export const lookTask = (one: CaseRow): string => `cases.${one.state === "verifying" ? "verify" : "recheck"}:${one.id}`;
