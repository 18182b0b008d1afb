import { expect, it } from "vitest";

import { isOpen, lookTask, shownCases } from "../src/screens/case_words.ts";
import { emptyLook, failPayload, lackOfLook, passPayload, remember, verifyPayload } from "../src/screens/look_draft.ts";
import type { CaseRow, TaskRow } from "../src/types.ts";

const PLACE = { longitude: 119.97, latitude: 30.54, accuracy_m: 8, at: 0, by: "position" as const };
const task = { id: "cases.verify:c1", data: { case_id: "c1", version: 3, kind_name: "堵塞通道", place: "某厂" } } as unknown as TaskRow;
const row = (more: Partial<CaseRow>): CaseRow =>
  ({ id: "c1", number: "330521-1", kind_name: "堵塞通道", place: "某厂", words: "门锁着", site_name: "", state: "closed", part: ["reporter"], is_mine_now: false, reported_at: "2026-03-01", ...more }) as CaseRow;

it("takes the task's case and version, and keeps them when the task has gone", () => {
  const content = emptyLook();
  remember(content, task, undefined);
  expect(content).toMatchObject({ caseId: "c1", version: 3, kindName: "堵塞通道" });
  remember(content, undefined, row({ version: 5 }));
  expect(content).toMatchObject({ caseId: "c1", version: 5, kindName: "堵塞通道" });
});

it("wants result, photo and position, and a reason for a failed recheck", () => {
  const content = emptyLook();
  expect(lackOfLook(content, "verify")).toContain("核实结果");
  expect(lackOfLook(content, "fail")).toContain("哪里");
  content.verdict = "属实";
  content.words = "三楼也有";
  expect(lackOfLook(content, "verify")).toContain("照片");
  content.photos = ["p1"];
  expect(lackOfLook(content, "verify")).toContain("定位");
  expect(lackOfLook(content, "fail")).toBe("");
  content.place = PLACE;
  expect(lackOfLook(content, "pass")).toBe("");
  expect(verifyPayload(content)).toMatchObject({ finding: "属实：三楼也有", photos: ["p1"], longitude: 119.97 });
  expect(passPayload(content).words).toBe("三楼也有");
  expect(failPayload(content).reason).toBe("三楼也有");
});

it("shows those whose turn is mine first, then the latest, and finds by words", () => {
  const rows = [row({ id: "old", reported_at: "2026-01-01" }), row({ id: "new" }), row({ id: "mine", state: "verifying", is_mine_now: true, reported_at: "2025-01-01", part: ["verifier"] })];
  expect(shownCases(rows, "all", "").map((one) => one.id)).toEqual(["mine", "new", "old"]);
  expect(shownCases(rows, "reported", "").map((one) => one.id)).toEqual(["new", "old"]);
  expect(shownCases(rows, "open", "").map((one) => one.id)).toEqual(["mine"]);
  expect(shownCases(rows, "all", "某厂 通道")).toHaveLength(3);
  expect(shownCases(rows, "all", "油库")).toEqual([]);
  expect(lookTask(rows[2]!)).toBe("cases.verify:mine");
});

it("knows an open case by its state: what became of it is empty then, not missing", () => {
  expect([row({ state: "verifying", outcome: "" }), row({ state: "rectified", outcome: "" }), row({ state: "merged" }), row({ state: "closed", outcome: "已结案" })].map(isOpen)).toEqual([true, true, false, false]);
});
