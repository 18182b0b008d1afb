import { expect, it } from "vitest";

import { foundItems, foundKinds, inForce } from "../src/screens/handbook_search.ts";
import { qrPath } from "../src/screens/qr_path.ts";
import type { Checklist, HazardKind } from "../src/types.ts";

const list = (number: number, more: Partial<Checklist> = {}): Checklist => ({
  id: `l${number}`, code: "CL-SHOP", number, name: "小商铺巡查表", site_type: "shop", industry_prefix: "",
  items: [{ id: "i1", code: "1", position: 1, text: "疏散通道是否畅通", how_to_judge: "看有无杂物", what_to_do: "", hazard_kind: "A", answer_kind: "yes_no", is_mandatory: true, legal_basis: "《消防法》第二十八条" }],
  ...more,
}); // prettier-ignore

it("finds items by text, judgement and law, every word", () => {
  expect(foundItems([list(1)], "消防法")).toHaveLength(1);
  expect(foundItems([list(1)], "通道 杂物")).toHaveLength(1);
  expect(foundItems([list(1)], "通道 煤气")).toEqual([]);
  expect(foundItems([list(1)], " ")).toEqual([]);
});

it("shows the newest version in force of each checklist", () => {
  expect(inForce([list(1), list(3, { is_published: false }), list(2)]).map((one) => one.number)).toEqual([2]);
});

it("finds kinds by their group's name, too, never retired ones", () => {
  const kind = { code: "A", parent_code: "FIRE", name: "堵塞通道", is_leaf: true, is_active: true, position: 1 } as HazardKind;
  const kinds = new Map([kind, { ...kind, code: "B", is_active: false }, { ...kind, code: "FIRE", parent_code: "", name: "消防安全", is_leaf: false }].map((one) => [one.code, one]));
  expect(foundKinds(kinds, "消防 通道").map((one) => one.code)).toEqual(["A"]);
});

it("draws a QR code with a quiet zone of four modules", () => {
  const { side, path } = qrPath("https://example.test/m/q/abc");
  expect(side).toBeGreaterThanOrEqual(21 + 8);
  const starts = [...path.matchAll(/M(\d+) (\d+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  expect(Math.min(...starts.flat())).toBe(4);
  expect(Math.max(...starts.flat())).toBe(side - 5);
});
