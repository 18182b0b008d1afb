import { describe, expect, it } from "vitest";

import { type Answers, companions, emptyAnswer, faults, grouped, isFinding, sent, unanswered } from "../src/screens/visit_answers.ts";
import type { ChecklistItem, HazardKind } from "../src/types.ts";

function item(id: string, more: Partial<ChecklistItem> = {}): ChecklistItem {
  return { id, code: id, position: 0, text: id, how_to_judge: "", what_to_do: "", hazard_kind: "FIRE-1", answer_kind: "yes_no", is_mandatory: true, legal_basis: "", ...more };
}
function kind(code: string, more: Partial<HazardKind> = {}): HazardKind {
  return { id: code, code, parent_code: "FIRE", name: code, nature: "", severity: "minor", is_leaf: true, is_active: true, may_settle_on_spot: true, duplicate_distance_m: null, duplicate_days: null, position: 0, ...more };
}
const kinds = new Map([kind("FIRE", { parent_code: null, name: "消防安全" }), kind("FIRE-1"), kind("BIG", { severity: "major", may_settle_on_spot: false })].map((one) => [one.code, one]));
const answer = (value: string, more = {}): Answers[string] => ({ ...emptyAnswer(), value, ...more });

describe("a checklist's answers", () => {
  it("must all be there where the handbook says so", () => {
    const items = [item("a"), item("b", { is_mandatory: false }), item("p", { answer_kind: "photo" })];
    expect([...faults(items, {}, kinds).keys()]).toEqual(["a", "p"]);
    expect(faults(items, { a: answer("yes"), p: answer("", { photos: ["1"] }) }, kinds).size).toBe(0);
  });

  it("are of their kind", () => {
    const items = [item("a"), item("n", { answer_kind: "number" })];
    expect([...faults(items, { a: answer("maybe"), n: answer("三") }, kinds).values()]).toEqual(["只能答符合、不符合或不涉及", "请填数字"]);
    expect(faults(items, { a: answer("na"), n: answer("12.5") }, kinds).size).toBe(0);
    expect(faults([items[1] as ChecklistItem], { n: answer("Infinity") }, kinds).size).toBe(1);
  });

  it("put right on the spot want both photographs and a kind that allows it", () => {
    const right = { put_right_on_spot: true, photos: ["1"] };
    expect(faults([item("a")], { a: answer("no", right) }, kinds).get("a")).toContain("整改后");
    expect(faults([item("a")], { a: answer("no", { ...right, after_photos: ["2"] }) }, kinds).size).toBe(0);
    expect(faults([item("a", { hazard_kind: "BIG" })], { a: answer("no", { ...right, after_photos: ["2"] }) }, kinds).get("a")).toContain("不能当场整改");
  });

  it("stay with the visit only when minor", () => {
    expect(faults([item("a")], { a: answer("no", { keep_on_visit: true }) }, kinds).size).toBe(0);
    expect(faults([item("a", { hazard_kind: "BIG" })], { a: answer("no", { keep_on_visit: true }) }, kinds).get("a")).toContain("必须上报");
  });

  it("go together only with a finding that reports a case", () => {
    const items = [item("a"), item("b"), item("c", { hazard_kind: "" })];
    const b = answer("no", { together_with: "a" });
    expect(faults(items, { a: answer("no"), b, c: answer("yes") }, kinds).size).toBe(0);
    for (const other of [answer("yes"), answer("no", { keep_on_visit: true }), answer("no", { together_with: "b" })]) {
      expect(faults(items, { a: other, b, c: answer("yes") }, kinds).get("b")).toContain("没有上报隐患");
    }
    expect(faults(items, { a: answer("no", { together_with: "c" }), b: answer("yes"), c: answer("no") }, kinds).has("a")).toBe(true);
    expect(companions(items[1] as ChecklistItem, items, { a: answer("no"), b, c: answer("no") }).map((one) => one.id)).toEqual(["a"]);
  });

  it("are sent in the list's order, without what belongs to no finding", () => {
    const items = [item("a"), item("b"), item("c", { is_mandatory: false })];
    const answers = { b: answer("yes", { words: "忘了删", photos: ["9"], put_right_on_spot: true }), a: answer("no", { words: " 堵了 ", photos: ["1"] }) };
    expect(sent(items, answers)).toEqual([
      { item_id: "a", value: "no", words: "堵了", photos: ["1"], put_right_on_spot: false, after_photos: [], keep_on_visit: false, together_with: null },
      { item_id: "b", value: "yes", words: "", photos: [], put_right_on_spot: false, after_photos: [], keep_on_visit: false, together_with: null },
    ]);
    expect(unanswered(items, answers).map((one) => one.id)).toEqual(["c"]);
  });

  it("are findings for yes/no items alone", () => {
    expect(isFinding(item("a"), answer("no"))).toBe(true);
    expect(isFinding(item("t", { answer_kind: "text" }), answer("no"))).toBe(false);
  });

  it("stand under the families of their hazards", () => {
    const items = [item("b", { position: 2 }), item("a", { position: 1 }), item("x", { position: 3, hazard_kind: "" })];
    expect(grouped(items, kinds).map((one) => [one.name, one.items.map((each) => each.id)])).toEqual([["消防安全", ["a", "b"]], ["其他", ["x"]]]);
  });
});
