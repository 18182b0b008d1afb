/** When a site is due, in words: by its planned visit, else by what the handbook wants. */

import type { MyTask } from "../core/index.ts";
import { outcomeWords } from "../parts/site_words.ts";
import type { SiteVisits } from "../types.ts";
import { lastDay } from "./today_rows.ts";

export function dueWords(task: MyTask | undefined, visits: SiteVisits | undefined): { words: string; urgency: string } {
  const last = lastVisitWords(visits);
  if (task !== undefined) {
    const day = lastDay(task);
    return { words: [day === null ? "" : `${day} 前巡查`, last].filter(Boolean).join("；"), urgency: task.urgency };
  }
  const wants = visits?.visits_a_year ? `每年 ${visits.visits_a_year} 次` : "没有巡查频次要求";
  return { words: [visits === undefined ? "" : wants, last].filter(Boolean).join("；"), urgency: "normal" };
}

/** "上次 2026-11-03 已巡查". */
export function lastVisitWords(visits: SiteVisits | undefined): string {
  if (visits === undefined) return "";
  return visits.last_visit_on === null ? "还没有巡查过" : `上次 ${visits.last_visit_on} ${outcomeWords(visits.last_outcome)}`;
}
