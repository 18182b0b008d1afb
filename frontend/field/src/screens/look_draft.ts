/** A look on the spot: to verify before filing, to recheck after handling. Pure. */

import type { Place } from "../core/place.ts";
import type { CaseRow, Payloads, PhotoId, TaskRow } from "../types.ts";

export interface LookContent {
  /** Kept with the draft: the task may have left the phone when a refused look is corrected. */
  caseId: string;
  version: number | null;
  kindName: string;
  placeName: string;
  verdict: string;
  words: string;
  photos: PhotoId[];
  place: Place | null;
}

export const emptyLook = (): LookContent => ({
  caseId: "", version: null, kindName: "", placeName: "", verdict: "", words: "", photos: [], place: null,
}); // prettier-ignore
export const MOST_WORDS = 480;

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Takes over what the task, or the case where it has meanwhile moved, says now. */
export function remember(content: LookContent, task: TaskRow | undefined, found: CaseRow | undefined): void {
  if (task !== undefined) {
    content.caseId = text(task.data["case_id"]);
    content.version = typeof task.data["version"] === "number" ? task.data["version"] : null;
    content.kindName = text(task.data["kind_name"]);
    content.placeName = text(task.data["place"]);
  } else if (found !== undefined) {
    content.version = found.version ?? content.version;
  }
}

export const FINDINGS = [
  { value: "属实", label: "属实", colour: "red" },
  { value: "部分属实", label: "部分属实", colour: "orange" },
  { value: "不属实", label: "不属实", colour: "green" },
  { value: "找不到地点", label: "找不到", colour: "orange" },
] as const;

/** What is missing; "" when nothing. */
export function lackOfLook(content: LookContent, which: "verify" | "pass" | "fail"): string {
  if (which === "verify" && content.verdict === "") return "请选择核实结果";
  if (which === "fail" && content.words.trim() === "") return "请写明哪里没有整改好";
  if (content.photos.length === 0) return "请先拍一张现场照片";
  if (which !== "fail" && content.place === null) return "请定位：须在现场办理";
  return "";
}

function common(content: LookContent): Pick<Payloads["cases.verify"], "case_id" | "version" | "photos" | "longitude" | "latitude"> {
  const { caseId, version, photos, place } = content;
  return { case_id: caseId, version, photos: [...photos], longitude: place?.longitude ?? null, latitude: place?.latitude ?? null };
}

export const verifyPayload = (content: LookContent): Payloads["cases.verify"] => ({
  ...common(content),
  finding: [content.verdict, content.words.trim()].filter((words) => words !== "").join("："),
});
export const passPayload = (content: LookContent): Payloads["cases.recheck_pass"] => ({ ...common(content), words: content.words.trim() });
export const failPayload = (content: LookContent): Payloads["cases.recheck_fail"] => ({ ...common(content), reason: content.words.trim() });
