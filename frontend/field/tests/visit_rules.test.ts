import { describe, expect, it } from "vitest";

import type { MyTask, Place } from "../src/core/index.ts";
import { clockWords, distanceWords } from "../src/parts/site_words.ts";
import { found } from "../src/screens/site_search.ts";
import { isForToday, isWanted, lastDay, ordered, weekEnd } from "../src/screens/today_rows.ts";
import { codeIn, distanceTo, isPoor, needsReason, siteOfCode } from "../src/screens/visit_place.ts";
import type { Site } from "../src/types.ts";

const site = { id: "1", name: "兴旺木业", address: "塔山街 1 号", code: "S-1", industry_name: "木材", site_type_label: "生产经营单位", village_name: "甲村", longitude: 119.9, latitude: 30.5, qr: "ABCDEFGH" } as Site;
const at = (metres: number, accuracy_m = 10): Place => ({ longitude: 119.9, latitude: 30.5 + metres / 111_195, accuracy_m, at: 0, by: "position" });

describe("checking in", () => {
  it("wants a reason farther than 200 m away, or without any check-in", () => {
    expect(distanceTo(site, at(150))).toBeCloseTo(150, 0);
    expect(needsReason({ by: "position", place: at(150), qr: "" }, site)).toBe(false);
    expect(needsReason({ by: "position", place: at(260), qr: "" }, site)).toBe(true);
    expect(needsReason({ by: "qr", place: at(260), qr: "ABCDEFGH" }, site)).toBe(false);
    expect(needsReason({ by: "", place: null, qr: "" }, site)).toBe(true);
    expect(needsReason({ by: "position", place: at(999), qr: "" }, { ...site, longitude: null, latitude: null })).toBe(false);
  });

  it("says when the position is poor", () => {
    expect([isPoor(at(0, 30)), isPoor(at(0, 400))]).toEqual([false, true]);
  });

  it("reads a code alone or in an address, and knows whose it is", () => {
    expect(codeIn("https://h.example/m/q/abcdefgh/?x=1")).toBe("ABCDEFGH");
    expect(siteOfCode(" abcdefgh ", [site])).toBe(site);
    expect(siteOfCode("abcd efgh", [site])).toBe(site);
    expect(codeIn("ABCD-EFGH\n")).toBe("ABCDEFGH");
    expect(siteOfCode("https://weixin.example/pay/1", [site])).toBeUndefined();
    expect(siteOfCode("", [{ ...site, qr: "" }])).toBeUndefined();
  });
});

function task(id: string, more: Partial<MyTask> = {}): MyTask {
  return { id, kind: "patrols.visit", kind_label: "巡查", title: id, words: "", site_id: id, longitude: null, latitude: null, due_at: null, on: null, is_mandatory: true, urgency: "normal", data: {}, sending: null, ...more };
}

describe("the day's tasks", () => {
  const today = "2026-11-25"; // a Wednesday
  it("are those planned for it, and what cannot wait", () => {
    expect(weekEnd(today)).toBe("2026-11-29");
    expect(weekEnd("2026-11-29")).toBe("2026-11-29");
    expect(isForToday(task("a", { on: today }), today)).toBe(true);
    expect(isForToday(task("a", { on: "2026-11-26", urgency: "overdue" }), today)).toBe(false);
    expect(isForToday(task("a", { due_at: "2026-12-01T00:00:00+08:00" }), today)).toBe(false);
    expect(isForToday(task("a", { kind: "cases.recheck", due_at: "2026-11-26T00:00:00+08:00" }), today)).toBe(true);
    expect(isForToday(task("a", { kind: "cases.verify", due_at: "2026-11-28T17:30:00+08:00" }), today)).toBe(true);
    expect(isForToday(task("a", { kind: "cases.verify", due_at: "2026-12-09T17:30:00+08:00" }), today)).toBe(false);
    expect(isForToday(task("a", { kind: "later.kind" }), today)).toBe(true);
    expect(isWanted(task("a", { on: "2026-11-29" }), "week", today)).toBe(true);
    expect(isWanted(task("a", { on: "2026-11-30" }), "week", today)).toBe(false);
    expect(isWanted(task("a", { on: "2026-11-30" }), "all", today)).toBe(true);
    expect(lastDay(task("a", { due_at: "2026-11-26T00:00:00+08:00" }))).toBe("2026-11-25");
  });

  it("stand in the order asked for", () => {
    const [a, b, c] = [task("a", { due_at: "2026-12-03T00:00:00+08:00" }), task("b", { due_at: "2026-12-01T00:00:00+08:00" }), task("c", { kind: "cases.recheck" })];
    const known = { places: new Map([["a", 0], ["b", 1]]), risk: (one: MyTask) => (one.id === "b" ? "red" : ""), distance: (one: MyTask) => (one.id === "c" ? 5 : one.id === "a" ? 9 : null) };
    const inOrder = (order: Parameters<typeof ordered>[1]): string => ordered([c, a, b], order, known).map((one) => one.id).join("");
    expect([inOrder("route"), inOrder("limit"), inOrder("risk"), inOrder("distance")]).toEqual(["abc", "bac", "bac", "cab"]);
  });
});

it("finds sites by every word", () => {
  const other = { ...site, id: "2", name: "金属厂", address: "兴旺路" };
  expect(found([other, site], "兴旺").map((one) => one.id)).toEqual(["1", "2"]);
  expect(found([other, site], "塔山 木").map((one) => one.id)).toEqual(["1"]);
});

it("tells distances and times shortly", () => {
  expect([distanceWords(3), distanceWords(87), distanceWords(1240), distanceWords(23_400)]).toEqual(["5 米", "85 米", "1.2 公里", "23 公里"]);
  expect(clockWords(545)).toBe("09:05");
});
