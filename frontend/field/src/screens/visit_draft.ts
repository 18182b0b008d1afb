/** A visit while it is being filled in, and what is sent of it. */

import type { Place } from "../core/index.ts";
import type { Checklist, Payloads, Site } from "../types.ts";
import { type Answers, faults, type Kinds, sent } from "./visit_answers.ts";
import { type CheckIn, needsReason } from "./visit_place.ts";

export type Outcome = "" | "done" | "closed" | "refused" | "moved";
export type Step = "arrive" | "check" | "sign" | "save";

export interface VisitContent {
  step: Step;
  /** The task's row id, "kind:id"; null where it is nobody's plan. */
  task: string | null;
  by: CheckIn["by"];
  place: Place | null;
  qr: string;
  farReason: string;
  outcome: Outcome;
  /** The version that is answered; stays with the visit when a newer one arrives meanwhile. */
  checklist: string | null;
  answers: Answers;
  person: string;
  signature: string | null;
  words: string;
  photos: string[];
}

export const emptyVisit = (): VisitContent => ({
  step: "arrive", task: null, by: "", place: null, qr: "", farReason: "", outcome: "", checklist: null, answers: {},
  person: "", signature: null, words: "", photos: [],
}); // prettier-ignore

/** As long as the server takes them. */
export const MOST = { farReason: 200, person: 60, words: 500, answerWords: 300 };

export interface Lack {
  step: Step;
  words: string;
}

/** What must still be done before the visit can be saved, step by step. */
export function lacks(content: VisitContent, site: Site, checklist: Checklist | undefined, kinds: Kinds): Lack[] {
  const found: Lack[] = [];
  if (needsReason(content, site) && content.farReason.trim() === "") {
    const words = content.by === "" ? "请先签到；定位、扫码都不行的，说明原因" : "签到位置离对象太远，请说明原因";
    found.push({ step: "arrive", words });
  }
  if (content.outcome === "") found.push({ step: "arrive", words: "请选择巡查结果" });
  if ((content.outcome === "refused" || content.outcome === "moved") && content.words.trim() === "") {
    found.push({ step: "sign", words: content.outcome === "refused" ? "拒绝进入的，请说明情况" : "已搬离的，请说明情况" });
  }
  if (content.outcome === "done") {
    if (checklist === undefined) found.push({ step: "check", words: "本机没有适用的检查表，请联网同步后再填" });
    else {
      const wrong = faults(checklist.items, content.answers, kinds).size;
      if (wrong > 0) found.push({ step: "check", words: `检查表还有 ${wrong} 项没有答完或需要改正` });
    }
  }
  return found;
}

/** What is sent. */
export function payloadOf(content: VisitContent, site: Site, checklist: Checklist | undefined): Payloads["patrols.visit"] {
  const isDone = content.outcome === "done";
  return {
    site_id: site.id,
    checklist_id: isDone ? (checklist?.id ?? null) : null,
    outcome: content.outcome,
    checked_in_by: content.by === "qr" ? "qr" : "position",
    qr: content.by === "qr" ? content.qr : "",
    longitude: content.place?.longitude ?? null,
    latitude: content.place?.latitude ?? null,
    accuracy_m: content.place?.accuracy_m ?? null,
    far_reason: needsReason(content, site) ? content.farReason.trim() : "",
    person_met: content.person.trim(),
    signature: content.signature,
    words: content.words.trim(),
    photos: [...content.photos],
    answers: isDone && checklist !== undefined ? sent(checklist.items, content.answers) : [],
    task_id: content.task === null ? null : content.task.slice(content.task.indexOf(":") + 1),
  };
}

/** Every photo that the payload names. */
export const photosOf = (payload: Payloads["patrols.visit"]): string[] => [
  ...payload.photos,
  ...(payload.signature === null ? [] : [payload.signature]),
  ...payload.answers.flatMap((answer) => [...answer.photos, ...answer.after_photos]),
];
