/**
 * The rest of the day's route, planned on the phone when a stop comes or goes: cheapest insertion, then 2-opt and or-opt.
 * A proposal until the server's own route arrives. Minutes everywhere; times of day in minutes after midnight.
 */

import { distanceM } from "../core/index.ts";
import type { Position } from "../types.ts";

/** One site still to be visited. */
export interface Stop extends Position {
  key: string;
  /** How long the visit takes. */
  minutes: number;
  /** Of two that do not both fit, the more urgent stays. */
  urgency: number;
  /** When somebody is to be met there; none: whenever. */
  open?: readonly (readonly [number, number])[];
}

export interface DayProblem {
  /** Where the member is now. */
  start: Position;
  /** Where the day ends; null: at the last stop. */
  end: Position | null;
  /** From when on, until when. */
  begins: number;
  ends: number;
  /** Pauses in which no visit lies. */
  breaks: readonly (readonly [number, number])[];
  mode: string;
  /** In the order of the route so far; those that are new come last. */
  stops: readonly Stop[];
  /** How many of `stops`, from the front, are the route so far: they keep their order as a beginning. */
  settled: number;
}

export interface Call {
  key: string;
  arrives: number;
  begins: number;
  leaves: number;
}

export interface DayPlan {
  calls: Call[];
  travelMinutes: number;
  /** Keys of the stops that the day's hours have no room for. */
  leftOut: string[];
}

/** Kilometres an hour and the ratio of road to straight distance: the same as the server's planner (routeplan/problem.py). */
const WAYS: Record<string, { kmh: number; detour: number }> = {
  walking: { kmh: 4.5, detour: 1.3 },
  bicycle: { kmh: 12, detour: 1.3 },
  motor: { kmh: 25, detour: 1.4 },
};
const LONGEST_SEGMENT = 3;
const MOST_ROUNDS = 60;
const NOISE = 1e-6;

/** Minutes on the way between two places. */
export function travelMinutes(from: Position, to: Position, mode: string): number {
  const way = WAYS[mode] ?? { kmh: 12, detour: 1.3 };
  return (distanceM(from, to) * way.detour * 60) / (way.kmh * 1000);
}

/** Plans the day anew. */
export function planDay(problem: DayProblem): DayPlan {
  const table = new Table(problem);
  let order = keepWhatFits(table, problem.stops.slice(0, problem.settled).map((_, at) => at));
  const waiting = new Set(problem.stops.keys());
  for (const stop of order) waiting.delete(stop);
  order = improved(table, inserted(table, order, waiting));
  if (waiting.size > 0) order = improved(table, inserted(table, order, waiting)); // a shorter way may have made room
  return table.plan(order, [...waiting]);
}

/** The same stops in the same order, from now on: what the clock alone changes. */
export function timetable(problem: DayProblem): DayPlan {
  const [table, order] = [new Table(problem), [...problem.stops.keys()]];
  if (table.calls(order).every((call) => call.leaves < Infinity)) return table.plan(order, []);
  const whenever = problem.stops.map((stop) => ({ ...stop, open: [] })); // too late for somebody: the way is told all the same
  return new Table({ ...problem, stops: whenever }).plan(order, []);
}

/** Travel times between stops, start and end, looked up by index. */
class Table {
  private readonly minutes: Float64Array;
  private readonly width: number;
  readonly stops: readonly Stop[];

  constructor(private readonly problem: DayProblem) {
    this.stops = problem.stops;
    const places: (Position | null)[] = [...problem.stops, problem.start, problem.end];
    this.width = places.length;
    this.minutes = new Float64Array(this.width ** 2);
    for (const [one, from] of places.entries()) {
      for (const [other, to] of places.entries()) {
        this.minutes[one * this.width + other] = from === null || to === null ? 0 : travelMinutes(from, to, problem.mode);
      }
    }
  }

  get start(): number {
    return this.width - 2;
  }

  get end(): number {
    return this.width - 1;
  }

  way(from: number, to: number): number {
    return this.minutes[from * this.width + to] ?? 0;
  }

  /** Minutes on the way of a whole route. */
  travel(order: readonly number[]): number {
    let [at, total] = [this.start, 0];
    for (const stop of order) {
      total += this.way(at, stop);
      at = stop;
    }
    return order.length === 0 ? 0 : total + this.way(at, this.end);
  }

  calls(order: readonly number[]): Call[] {
    let [at, now] = [this.start, this.problem.begins];
    return order.map((index) => {
      const stop = this.stops[index] as Stop;
      const arrives = now + this.way(at, index);
      const begins = this.earliest(arrives, stop);
      at = index;
      now = begins + stop.minutes;
      return { key: stop.key, arrives, begins, leaves: now };
    });
  }

  /** Whether the last visit is over, and the way back done, within the hours. */
  fits(order: readonly number[]): boolean {
    const last = order.at(-1);
    if (last === undefined) return true;
    const leaves = this.calls(order).at(-1)?.leaves ?? 0;
    return leaves + this.way(last, this.end) <= this.problem.ends + NOISE;
  }

  plan(order: readonly number[], leftOut: readonly number[]): DayPlan {
    const round = (minutes: number): number => Math.round(minutes);
    return {
      calls: this.calls(order).map(({ key, arrives, begins, leaves }) => ({ key, arrives: round(arrives), begins: round(begins), leaves: round(leaves) })),
      travelMinutes: round(this.travel(order)),
      leftOut: leftOut.map((index) => (this.stops[index] as Stop).key),
    };
  }

  /** When a visit can begin that is arrived for `at`: outside the pauses, while it is open there; Infinity when it no more is. */
  private earliest(at: number, { minutes, open = [] }: Stop): number {
    if (open.length === 0) return this.outsideBreaks(at, minutes);
    for (const [from, to] of open) {
      const begins = this.outsideBreaks(Math.max(at, from), minutes);
      if (begins + minutes <= to + NOISE) return begins;
    }
    return Infinity;
  }

  private outsideBreaks(at: number, minutes: number): number {
    let begins = at;
    for (const [from, to] of this.problem.breaks) if (begins < to && begins + minutes > from) begins = to;
    return begins;
  }
}

/** The route so far without the least urgent stops that have become too many. */
function keepWhatFits(table: Table, order: number[]): number[] {
  const kept = [...order];
  while (!table.fits(kept)) {
    const urgencies = kept.map((index) => table.stops[index]?.urgency ?? 0);
    kept.splice(urgencies.lastIndexOf(Math.min(...urgencies)), 1);
  }
  return kept;
}

/** Puts in whatever is waiting, the most urgent first, where it costs the least way; takes those put in out of `waiting`. */
function inserted(table: Table, order: readonly number[], waiting: Set<number>): number[] {
  let route = [...order];
  const byUrgency = [...waiting].sort((one, other) => (table.stops[other]?.urgency ?? 0) - (table.stops[one]?.urgency ?? 0));
  for (const stop of byUrgency) {
    let best: { cost: number; route: number[] } | null = null;
    for (let place = 0; place <= route.length; place++) {
      const longer = [...route.slice(0, place), stop, ...route.slice(place)];
      const cost = table.travel(longer);
      if ((best === null || cost < best.cost) && table.fits(longer)) best = { cost, route: longer };
    }
    if (best === null) continue;
    route = best.route;
    waiting.delete(stop);
  }
  return route;
}

/** Shortens the way: pieces turned round (2-opt), up to three stops moved elsewhere, either way round (or-opt), until nothing helps. */
function improved(table: Table, order: readonly number[]): number[] {
  let route = [...order];
  let cost = table.travel(route);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let better: { cost: number; route: number[] } | null = null;
    for (const candidate of neighbours(route)) {
      const length = table.travel(candidate);
      if (length < (better?.cost ?? cost) - NOISE && table.fits(candidate)) better = { cost: length, route: candidate };
    }
    if (better === null) break;
    ({ cost, route } = better);
  }
  return route;
}

function* neighbours(route: readonly number[]): Generator<number[]> {
  for (let from = 0; from < route.length; from++) {
    for (let to = from + 1; to < route.length; to++) {
      yield [...route.slice(0, from), ...route.slice(from, to + 1).reverse(), ...route.slice(to + 1)];
    }
    for (let length = 1; length <= Math.min(LONGEST_SEGMENT, route.length - from); length++) {
      const segment = route.slice(from, from + length);
      const rest = [...route.slice(0, from), ...route.slice(from + length)];
      for (let place = 0; place <= rest.length; place++) {
        if (place === from) continue;
        yield [...rest.slice(0, place), ...segment, ...rest.slice(place)];
        if (length > 1) yield [...rest.slice(0, place), ...[...segment].reverse(), ...rest.slice(place)];
      }
    }
  }
}
