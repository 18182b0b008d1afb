/** Which screen does a task: one line per kind. A kind that is not here is listed with its title, words and date all the same. */

import type { RouteLocationRaw } from "vue-router";

import type { TaskRow } from "./types.ts";

type Screen = (task: TaskRow) => RouteLocationRaw;

/** By kind of task. Paths are those of `screens/*.routes.ts`. */
export const taskScreens: Record<string, Screen> = {
  "patrols.visit": (task) => ({ path: `/visit/${task.site_id ?? ""}`, query: { task: task.id } }),
  "cases.verify": (task) => `/verify/${encodeURIComponent(task.id)}`,
  "cases.recheck": (task) => `/recheck/${encodeURIComponent(task.id)}`,
};

/** Where a task is done, or null for a kind that this version of the app does not know. */
export function screenOf(task: TaskRow): RouteLocationRaw | null {
  return taskScreens[task.kind]?.(task) ?? null;
}
