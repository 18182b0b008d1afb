import { describe, expect, it } from "vitest";

import { couldBeDoubled, doubles, emptyReport, lack, reportPayload, settledPayload, sitesAround, usualKinds } from "../src/screens/report_draft.ts";
import type { CaseRow, HazardKind, NearbyCase, Site } from "../src/types.ts";

const HERE = { longitude: 119.97, latitude: 30.54, accuracy_m: 8, at: 0, by: "position" as const };
const NOW = Date.parse("2026-03-10T10:00:00+08:00");

const kind = (code: string, more: Partial<HazardKind> = {}): HazardKind => ({
  id: code, code, parent_code: "FIRE", name: `类别${code}`, nature: "hazard", severity: "general", is_leaf: true, is_active: true,
  may_settle_on_spot: false, duplicate_distance_m: 50, duplicate_days: 30, position: 1, ...more,
}); // prettier-ignore
const near = (more: Partial<NearbyCase> = {}): NearbyCase => ({
  id: "c1", number: "1", kind: "A", kind_name: "A", place: "门口", site_id: null, longitude: 119.9702, latitude: 30.54,
  reported_at: "2026-03-01T10:00:00+08:00", state_label: "处置中", ...more,
}); // prettier-ignore
const site = (id: string, longitude: number | null): Site => ({ id, name: id, longitude, latitude: longitude === null ? null : 30.54 }) as Site;

describe("what a report lacks", () => {
  it("asks for a photo, a kind and a place, one after the other", () => {
    const content = emptyReport();
    expect(lack(content, undefined)).toContain("照片");
    content.photos = ["p1"];
    expect(lack(content, undefined)).toContain("类别");
    expect(lack(content, kind("A"))).toContain("地点");
    content.placeWords = "三号楼";
    expect(lack(content, kind("A"))).toBe("");
  });

  it("asks for a photo from after where it was put right", () => {
    const content = { ...emptyReport(), photos: ["p1"], place: HERE, isPutRight: true };
    expect(lack(content, kind("A"))).toContain("整改后");
    content.after = ["p2"];
    expect(lack(content, kind("A"))).toBe("");
    expect(settledPayload(content, kind("A"))).toMatchObject({ before_photos: ["p1"], after_photos: ["p2"], longitude: HERE.longitude });
  });

  it("says the kind where nothing was written", () => {
    expect(reportPayload({ ...emptyReport(), photos: ["p1"] }, kind("A")).words).toBe("发现：类别A");
    expect(reportPayload({ ...emptyReport(), words: " 门锁着 " }, kind("A")).words).toBe("门锁着");
  });
});

describe("what a report could double", () => {
  const content = { ...emptyReport(), place: HERE };
  it("is an open case of the same kind close by", () => {
    expect(doubles(content, kind("A"), [near()], NOW)).toHaveLength(1);
  });
  it("is none of another kind, too far, too old, or without a position", () => {
    const others = [near({ kind: "B" }), near({ longitude: 119.98 }), near({ reported_at: "2026-01-01T10:00:00+08:00" }), near({ longitude: null, latitude: null })];
    expect(doubles(content, kind("A"), others, NOW)).toEqual([]);
  });
  it("may be one of one's own outside the grid, while that is open", () => {
    const own = (id: string, outcome = ""): CaseRow => ({ ...near({ id }), part: ["reporter"], state: outcome === "" ? "reported" : "closed", outcome }) as unknown as CaseRow;
    expect(couldBeDoubled([near()], [own("c1"), own("c2"), own("c3", "已结案")]).map((one) => one.id)).toEqual(["c1", "c2"]);
  });
  it("is one at the same site, however far its position", () => {
    expect(doubles({ ...content, site: "s1" }, kind("A"), [near({ site_id: "s1", longitude: 120.5 })], NOW)).toHaveLength(1);
  });
});

it("offers the sites around, the nearest first", () => {
  const found = sitesAround(HERE, [site("far", 119.98), site("near", 119.9705), site("here", 119.97), site("nowhere", null)]);
  expect(found.map((one) => one.site.id)).toEqual(["here", "near"]);
});

it("offers the kinds that one reports most, never groups or retired ones", () => {
  const kinds = new Map([kind("A"), kind("B"), kind("G", { is_leaf: false }), kind("R", { is_active: false })].map((one) => [one.code, one]));
  const mine = { kind: "B", part: ["reporter"] } as CaseRow;
  expect(usualKinds(kinds, [mine, { ...mine, kind: "R" }]).map((one) => one.code)).toEqual(["B", "A"]);
});
