import { describe, expect, it } from "vitest";

import { type DayProblem, planDay, type Stop, timetable, travelMinutes } from "../src/screens/route_plan.ts";

const START = { longitude: 119.9, latitude: 30.5 };
/** A stop so many metres east and north of the start. */
function stop(key: string, east: number, north = 0, urgency = 0, minutes = 20): Stop {
  const latitude = START.latitude + north / 111_195;
  return { key, longitude: START.longitude + east / (111_195 * Math.cos((30.5 * Math.PI) / 180)), latitude, minutes, urgency };
}
function day(stops: Stop[], more: Partial<DayProblem> = {}): DayProblem {
  return { start: START, end: START, begins: 8 * 60, ends: 17 * 60, breaks: [], mode: "bicycle", stops, settled: 0, ...more };
}
const keys = (plan: { calls: { key: string }[] }): string => plan.calls.map((call) => call.key).join("");

/** Minutes on the way of the best of all orders. */
function best(problem: DayProblem): number {
  let shortest = Infinity;
  const walk = (at: Stop | typeof START, rest: Stop[], so_far: number): void => {
    if (rest.length === 0) shortest = Math.min(shortest, so_far + travelMinutes(at, START, problem.mode));
    for (const next of rest) walk(next, rest.filter((one) => one !== next), so_far + travelMinutes(at, next, problem.mode));
  };
  walk(START, [...problem.stops], 0);
  return shortest;
}

describe("planning the day anew", () => {
  it("finds the shortest way among a few stops", () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let turn = 0; turn < 20; turn++) {
      const stops = [..."abcdefg"].map((key) => stop(key, (random() - 0.5) * 6000, (random() - 0.5) * 6000));
      const problem = day(stops);
      const plan = planDay(problem);
      expect(plan.calls).toHaveLength(7);
      expect(plan.travelMinutes).toBeLessThanOrEqual(best(problem) * 1.05 + 1);
    }
  });

  it("puts an added stop where it costs least and keeps the order otherwise", () => {
    const route = [stop("a", 1000, 100), stop("b", 2000, 100), stop("c", 3000, 100)];
    expect(keys(planDay(day([...route, stop("x", 2500, 100)], { settled: 3, end: null })))).toBe("abxc");
  });

  it("tells arrival, beginning and leaving, and does not visit in the break", () => {
    const plan = planDay(day([stop("a", 1000, 0, 0, 30)], { begins: 11 * 60 + 20, breaks: [[11.5 * 60, 13.5 * 60]] }));
    const way = travelMinutes(START, stop("a", 1000), "bicycle");
    expect(plan.calls[0]).toEqual({ key: "a", arrives: Math.round(680 + way), begins: 810, leaves: 840 });
    expect(plan.travelMinutes).toBe(Math.round(2 * way));
  });

  it("waits until a site opens, goes to others first, and leaves out who has closed", () => {
    const late = { ...stop("a", 500), open: [[10 * 60, 12 * 60]] as [number, number][] };
    const plan = planDay(day([late, stop("b", 900), { ...stop("c", 700), open: [[6 * 60, 7 * 60]] }]));
    expect(keys(plan)).toBe("ba");
    expect(plan.calls.at(-1)).toMatchObject({ begins: 600, leaves: 620 });
    expect(plan.leftOut).toEqual(["c"]);
  });

  it("tells the times of a given order though somebody will have closed by then", () => {
    const plan = timetable(day([stop("b", 2000, 0, 0, 60), { ...stop("a", 500), open: [[480, 500]] }]));
    expect(keys(plan)).toBe("ba");
    expect(plan.calls.every((call) => call.leaves < 17 * 60)).toBe(true);
  });

  it("leaves out what does not fit, the least urgent first", () => {
    const stops = [stop("a", 500, 0, 1, 60), stop("b", 600, 0, 9, 60), stop("c", 700, 0, 5, 60)];
    const plan = planDay(day(stops, { begins: 15 * 60 - 15, settled: 3 }));
    expect([...keys(plan)].sort().join("")).toBe("bc");
    expect(plan.leftOut).toEqual(["a"]);
    expect((plan.calls.at(-1)?.leaves ?? 0) + travelMinutes(stop("c", 700), START, "bicycle")).toBeLessThanOrEqual(17 * 60);
  });

  it("has no calls after the hours, and none without stops", () => {
    expect(planDay(day([stop("a", 100)], { begins: 18 * 60 }))).toEqual({ calls: [], travelMinutes: 0, leftOut: ["a"] });
    expect(planDay(day([]))).toEqual({ calls: [], travelMinutes: 0, leftOut: [] });
  });

  it("only moves the times where the order stands", () => {
    const plan = timetable(day([stop("b", 2000), stop("a", 1000)], { begins: 10 * 60 }));
    expect(keys(plan)).toBe("ba");
    expect(plan.calls[0]?.arrives).toBeGreaterThan(10 * 60);
  });

  it("plans sixty stops while a finger waits", () => {
    const stops = Array.from({ length: 60 }, (_, at) => stop(`${at};`, ((at * 37) % 60) * 90, ((at * 53) % 61) * 90, 0, 4));
    const began = performance.now();
    expect(planDay(day(stops, { ends: 24 * 60 })).calls).toHaveLength(60);
    expect(performance.now() - began).toBeLessThan(2500);
  });
});
