/** Today's route: the server's, or this phone's own as long as the server has not heard of what was done, skipped or added here. */

import type { MyTask, OutboxItem } from "../core/index.ts";
import type { DayRoute, Payloads, Position, Site } from "../types.ts";
import { type DayProblem, type DayPlan, planDay, type Stop, timetable } from "./route_plan.ts";

const VISIT = "patrols.visit";
/** The county's usual hours, where the server has not told the member's (safegrid/foundation/calendar.py). */
const USUAL_HOURS = { begins: 8 * 60 + 30, ends: 17 * 60 + 30, breaks: [[12 * 60, 14 * 60]] as [number, number][] };
const USUAL_MINUTES = 20;
/** So late the server's times are reckoned anew from now. */
const LATE_MINUTES = 10;

/** One stop of today's route. */
export interface RouteCall {
  site: Site;
  /** The task's row id; null where a site was added here that the server has not planned yet. */
  task: string | null;
  arrives: number;
  begins: number;
  leaves: number;
}

export interface TodayRoute {
  calls: RouteCall[];
  travelMinutes: number;
  /** Names of sites that the hours have no room for. */
  leftOut: string[];
  /** server: as planned there; moved: its order with times from now; own: planned on the phone. */
  by: "server" | "moved" | "own";
}

/** What this phone has done about today and not yet sent. */
export interface Undelivered {
  visited: Set<string>;
  skipped: Set<string>;
  added: string[];
}

/** Minutes after midnight in China. */
export function minuteOfDay(moment: number): number {
  return Math.floor((moment / 60_000 + 8 * 60) % (24 * 60));
}

/** What is in the outbox about today's visits, by site. */
export function undelivered(items: readonly OutboxItem[], today: string): Undelivered {
  const [visited, skipped, added] = [new Set<string>(), new Set<string>(), [] as string[]];
  for (const { kind, payload } of items) {
    if (kind === VISIT) visited.add((payload as Payloads["patrols.visit"]).site_id);
    if (kind === "patrols.skip") skipped.add((payload as Payloads["patrols.skip"]).site_id);
    if (kind === "patrols.add") {
      const { site_id, on } = payload as Payloads["patrols.add"];
      skipped.delete(site_id);
      if (on === today && !added.includes(site_id)) added.push(site_id);
    }
  }
  return { visited, skipped, added };
}

export interface RouteFacts {
  today: string;
  minute: number;
  here: Position | null;
  served: DayRoute | undefined;
  tasks: readonly MyTask[];
  sites: ReadonlyMap<string, Site>;
  waiting: Undelivered;
}

/** The route of what is left of today. */
export function todayRoute(facts: RouteFacts): TodayRoute {
  const { served, waiting } = facts;
  const wanted = wantedSites(facts);
  const calls = (served?.calls ?? []).filter((call) => wanted.has(call.site_id));
  const isTouched = calls.length !== (served?.calls.length ?? 0) || wanted.size !== calls.length;
  const first = calls[0];
  if (!isTouched && (first === undefined || facts.minute <= first.arrives + LATE_MINUTES)) {
    const known = calls.flatMap((call) => named(facts, call.site_id, call));
    return { calls: known, travelMinutes: served?.travel_minutes ?? 0, leftOut: namesOf(facts, leftOutThere(facts)), by: "server" };
  }
  const problem = problemOf(facts, wanted, calls.map((call) => call.site_id), waiting);
  if (problem === null) return { calls: [], travelMinutes: 0, leftOut: namesOf(facts, leftOutThere(facts)), by: "own" };
  const plan = isTouched ? planDay(problem) : timetable(problem);
  return { ...shown(facts, plan), by: isTouched ? "own" : "moved" };
}

/** Sites to be visited today: what the server planned for today and what was added here, without what was done or put off. */
function wantedSites({ today, tasks, served, waiting }: RouteFacts): Set<string> {
  const planned = tasks.filter((task) => task.kind === VISIT && task.on === today).flatMap((task) => task.site_id ?? []);
  const all = new Set([...(served?.calls ?? []).map((call) => call.site_id), ...planned, ...waiting.added]);
  for (const site of waiting.visited) all.delete(site);
  for (const site of waiting.skipped) all.delete(site);
  return all;
}

/** What the server found no room for and nothing has been done about here: what was added is in the phone's own plan. */
function leftOutThere({ served, waiting: { visited, skipped, added } }: RouteFacts): string[] {
  return (served?.left_out ?? []).filter((id) => !visited.has(id) && !skipped.has(id) && !added.includes(id));
}

const namesOf = ({ sites }: RouteFacts, ids: readonly string[]): string[] => ids.flatMap((id) => sites.get(id)?.name ?? []);

function problemOf(facts: RouteFacts, wanted: ReadonlySet<string>, order: readonly string[], waiting: Undelivered): DayProblem | null {
  const ids = [...order, ...[...wanted].filter((id) => !order.includes(id))];
  const stops = ids.flatMap((id) => stopOf(facts, id, waiting));
  const start = facts.here ?? lastVisited(facts) ?? facts.served?.start ?? stops[0];
  if (start === undefined) return null;
  const hours = facts.served?.hours ?? USUAL_HOURS;
  const begins = Math.max(facts.minute, hours.begins);
  return {
    start,
    end: facts.served?.start ?? null,
    begins,
    ends: hours.ends,
    breaks: hours.breaks,
    mode: facts.served?.mode ?? "bicycle",
    stops: stops.map((stop) => reachable(stop, begins, hours.ends)),
    settled: stops.filter((stop) => order.includes(stop.key)).length,
  };
}

function stopOf({ sites, tasks }: RouteFacts, id: string, waiting: Undelivered): Stop[] {
  const site = sites.get(id);
  if (site === undefined || site.longitude === null || site.latitude === null) return [];
  const task = tasks.find((one) => one.kind === VISIT && one.site_id === id);
  const minutes = typeof task?.data["minutes"] === "number" ? task.data["minutes"] : USUAL_MINUTES;
  // Whoever added it wants to go there today; then what is overdue, then what must be.
  const urgency = waiting.added.includes(id) ? 4 : task?.urgency === "overdue" ? 3 : task?.is_mandatory ? 2 : 1;
  return [{ key: id, longitude: site.longitude, latitude: site.latitude, minutes, urgency, open: spans(site.opening_hours) }];
}

/** Opening hours as minutes after midnight, those that pass midnight in two. */
function spans(hours: string | undefined): [number, number][] {
  const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
  const found = (hours ?? "").split(" ").filter(Boolean).flatMap((span): [number, number][] => {
    const [from, to] = [minutes(span.slice(0, 5)), minutes(span.slice(6))];
    return from < to ? [[from, to]] : [[from, 24 * 60], [0, to]]; // prettier-ignore
  });
  return found.sort(([one], [other]) => one - other);
}

/** Who is open in none of the hours that are left is called on all the same. */
function reachable(stop: Stop, begins: number, ends: number): Stop {
  const isMet = stop.open?.some(([from, to]) => Math.min(to, ends) - Math.max(from, begins) >= stop.minutes);
  return isMet ? stop : { ...stop, open: [] };
}

function lastVisited({ sites, waiting }: RouteFacts): Position | undefined {
  const site = sites.get([...waiting.visited].at(-1) ?? "");
  return site === undefined || site.longitude === null || site.latitude === null ? undefined : { longitude: site.longitude, latitude: site.latitude };
}

function shown(facts: RouteFacts, plan: DayPlan): Omit<TodayRoute, "by"> {
  return {
    calls: plan.calls.flatMap((call) => named(facts, call.key, call)),
    travelMinutes: plan.travelMinutes,
    leftOut: namesOf(facts, [...plan.leftOut, ...leftOutThere(facts)]),
  };
}

function named({ sites, tasks, today }: RouteFacts, id: string, times: { arrives: number; begins: number; leaves: number }): RouteCall[] {
  const site = sites.get(id);
  const own = tasks.filter((one) => one.kind === VISIT && one.site_id === id);
  const task = own.find((one) => one.on === today) ?? own[0];
  return site === undefined ? [] : [{ site, task: task?.id ?? null, arrives: times.arrives, begins: times.begins, leaves: times.leaves }];
}
