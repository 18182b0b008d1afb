/** Which tasks are for when, and in what order they stand. */

import type { MyTask } from "../core/index.ts";
import { dayOf } from "../parts/times.ts";
import { RISK_ORDER } from "./site_search.ts";

export type When = "today" | "overdue" | "week" | "all";
export type Order = "route" | "limit" | "risk" | "distance";

const VISIT = "patrols.visit";

/** The last day on which a task is in time; a limit at midnight is the end of the day before. */
export const lastDay = (task: MyTask): string | null => (task.due_at === null ? null : dayOf(Date.parse(task.due_at) - 1));

function daysAfter(day: string, days: number): string {
  const noon = new Date(`${day}T12:00:00Z`);
  noon.setUTCDate(noon.getUTCDate() + days);
  return noon.toISOString().slice(0, 10);
}

/** The Sunday of a day's week. */
export const weekEnd = (day: string): string => daysAfter(day, (7 - new Date(`${day}T12:00:00Z`).getUTCDay()) % 7);

/** So many days before its limit a task that is no planned visit stands among today's: what was handed over is seen at once. */
const AHEAD_DAYS = 5;

/** Whether a task is for `today`. A planned visit is for its day alone; everything else when it has no day or its limit is not far. */
export function isForToday(task: MyTask, today: string): boolean {
  if (task.on !== null) return task.on <= today;
  if (task.kind === VISIT) return task.urgency === "overdue";
  const last = lastDay(task);
  return last === null || last <= daysAfter(today, AHEAD_DAYS) || task.urgency !== "normal";
}

export function isWanted(task: MyTask, when: When, today: string): boolean {
  if (when === "all") return true;
  if (when === "overdue") return task.urgency === "overdue";
  if (isForToday(task, today)) return true;
  const last = task.on ?? lastDay(task);
  return when === "week" && last !== null && last <= weekEnd(today);
}

export interface Known {
  /** Place in today's route, by task. */
  places: ReadonlyMap<string, number>;
  /** Risk grade of the task's site. */
  risk: (task: MyTask) => string;
  /** Metres from the phone; null when not known. */
  distance: (task: MyTask) => number | null;
}

/** Tasks in the order asked for; what is equal goes by limit, then by title. */
export function ordered(tasks: readonly MyTask[], order: Order, known: Known): MyTask[] {
  const rank = (task: MyTask): number => {
    if (order === "route") return known.places.get(task.id) ?? (task.kind === VISIT ? 10_000 : 5_000);
    if (order === "risk") return RISK_ORDER.includes(known.risk(task)) ? RISK_ORDER.indexOf(known.risk(task)) : RISK_ORDER.length;
    return order === "distance" ? (known.distance(task) ?? Infinity) : 0;
  };
  const limit = (task: MyTask): number => (task.due_at === null ? Infinity : Date.parse(task.due_at));
  return [...tasks].sort(
    (one, other) => difference(rank(one), rank(other)) || difference(limit(one), limit(other)) || one.title.localeCompare(other.title, "zh"),
  );
}

const difference = (one: number, other: number): number => (one === other ? 0 : one < other ? -1 : 1);
