import { describe, expect, it } from "vitest";

import type { MyTask, OutboxItem } from "../src/core/index.ts";
import { minuteOfDay, type RouteFacts, todayRoute, undelivered } from "../src/screens/route_day.ts";
import { changes, formOf, obstacle } from "../src/screens/site_change.ts";
import type { DayRoute, Site } from "../src/types.ts";

const TODAY = "2026-11-25";
const site = (id: string, east: number): Site => ({ id, name: id, longitude: 119.9 + east / 95_000, latitude: 30.5, site_type: "shop", employees: 3, status: "active", village: "330521001001", scale: "none", risk_grade: "blue", industry: "", address: "旧" }) as Site;
const sites = new Map([site("a", 500), site("b", 1000), site("c", 1500), site("x", 1250)].map((one) => [one.id, one]));
const task = (id: string, on: string): MyTask => ({ id: `patrols.visit:${id}`, kind: "patrols.visit", site_id: id, on, urgency: "normal", is_mandatory: true, due_at: null, data: { minutes: 20 }, sending: null }) as unknown as MyTask;
const served: DayRoute = {
  id: TODAY, travel_minutes: 12, mode: "bicycle", left_out: [], start: { longitude: 119.9, latitude: 30.5 }, hours: { begins: 510, ends: 1050, breaks: [[720, 840]] },
  calls: ["a", "b", "c"].map((id, at) => ({ site_id: id, task_id: id, arrives: 520 + at * 30, begins: 520 + at * 30, leaves: 540 + at * 30 })),
}; // prettier-ignore
const operation = (kind: string, payload: object): OutboxItem => ({ kind, payload }) as OutboxItem;
function facts(minute: number, items: OutboxItem[] = []): RouteFacts {
  return { today: TODAY, minute, here: null, served, sites, tasks: ["a", "b", "c"].map((id) => task(id, TODAY)), waiting: undelivered(items, TODAY) };
}
const order = (given: RouteFacts): string => todayRoute(given).calls.map((call) => call.site.id).join("");

describe("today's route", () => {
  it("is the server's as long as nothing was done here", () => {
    expect(todayRoute(facts(500))).toMatchObject({ by: "server", travelMinutes: 12, leftOut: [] });
    expect(order(facts(500))).toBe("abc");
  });

  it("keeps its order and moves its times when the member is late", () => {
    const route = todayRoute(facts(600));
    expect([route.by, route.calls.map((call) => call.site.id).join("")]).toEqual(["moved", "abc"]);
    expect(route.calls[0]?.arrives).toBeGreaterThan(600);
  });

  it("is planned anew at once when a stop is skipped, added or done, by what is still on the phone", () => {
    expect(order(facts(500, [operation("patrols.skip", { site_id: "b" })]))).toBe("ac");
    expect(order(facts(500, [operation("patrols.visit", { site_id: "a" })]))).toBe("bc");
    const more = facts(500, [operation("patrols.add", { site_id: "x", on: TODAY })]);
    expect(order(more)).toHaveLength(4);
    expect(todayRoute(more)).toMatchObject({ by: "own", leftOut: [] });
    expect(todayRoute(more).calls.find((call) => call.site.id === "x")?.task).toBeNull();
    expect(order(facts(500, [operation("patrols.add", { site_id: "x", on: "2026-11-26" })]))).toBe("abc");
    expect(order(facts(500, [operation("patrols.skip", { site_id: "b" }), operation("patrols.add", { site_id: "b", on: TODAY })]))).toHaveLength(3);
  });

  it("names what the hours have no room for", () => {
    expect(todayRoute(facts(1040, [operation("patrols.skip", { site_id: "b" })]))).toMatchObject({ calls: [], leftOut: ["a", "c"] });
  });

  it("names nothing as without room that is on the route, was visited or put off", () => {
    const given = (items: OutboxItem[]): RouteFacts => ({ ...facts(500, items), served: { ...served, left_out: ["x"] } });
    const added = todayRoute(given([operation("patrols.add", { site_id: "x", on: TODAY })]));
    expect([added.calls.some((call) => call.site.id === "x"), added.leftOut]).toEqual([true, []]);
    expect(todayRoute(given([operation("patrols.visit", { site_id: "x" })])).leftOut).toEqual([]);
    expect(todayRoute(given([operation("patrols.skip", { site_id: "x" })])).leftOut).toEqual([]);
    expect(todayRoute(given([])).leftOut).toEqual(["x"]);
    expect(todayRoute({ ...given([operation("patrols.add", { site_id: "x", on: TODAY })]), minute: 1045 }).leftOut.filter((name) => name === "x")).toHaveLength(1);
  });

  it("reckons in China's minutes", () => {
    expect(minuteOfDay(Date.parse("2026-11-25T09:05:00+08:00"))).toBe(545);
  });
});

describe("what is wrong with a site", () => {
  const known = sites.get("a") as Site;
  it("holds only what was changed", () => {
    const form = { ...formOf(known), address: " 新 ", employees: "12", opening_hours: "08:00-18:00 " };
    expect(changes(form, known)).toEqual({ address: "新", employees: 12, opening_hours: "08:00-18:00" });
    expect(obstacle(form, known)).toBe("");
    expect(obstacle(formOf(known), known)).toBe("还没有改动");
    expect(obstacle({ ...formOf(known), status: "closed" }, known)).toBe("改状态要说明情况");
  });

  it("never sends a household's masked name back", () => {
    const home = { ...known, name: "王**", site_type: "household" };
    expect(changes({ ...formOf(home), address: "新" }, home)).toEqual({ address: "新" });
  });

  it("of a new site says where and what it is", () => {
    const form = { ...formOf(undefined), name: "新店", site_type: "shop" };
    expect(obstacle(form, undefined)).toBe("请选择所在村（社区）");
    expect(changes({ ...form, village: "330521001001" }, undefined)).toEqual({ name: "新店", site_type: "shop", village: "330521001001", town: "330521001" });
  });
});
