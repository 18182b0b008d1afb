/** Whether a checklist is answered whole, by the same rules as the server (safegrid/patrols/answers.py). */

import type { ChecklistItem, HazardKind, VisitAnswer } from "../types.ts";

/** One answer while it is being given. */
export type DraftAnswer = Omit<VisitAnswer, "item_id">;
export type Answers = Record<string, DraftAnswer>;
export type Kinds = ReadonlyMap<string, HazardKind>;

export const emptyAnswer = (): DraftAnswer => ({
  value: "", words: "", photos: [], put_right_on_spot: false, after_photos: [], keep_on_visit: false, together_with: null,
}); // prettier-ignore

export const isFinding = (item: ChecklistItem, answer: DraftAnswer | undefined): boolean =>
  item.answer_kind === "yes_no" && answer?.value === "no";

export const isAnswered = (item: ChecklistItem, answer: DraftAnswer | undefined): boolean =>
  answer !== undefined && (answer.value.trim() !== "" || (item.answer_kind === "photo" && answer.photos.length > 0));

/** Whether the handbook lets a hazard of this item be put right before the member's eyes. */
export const maySettle = (item: ChecklistItem, kinds: Kinds): boolean => kinds.get(item.hazard_kind ?? "")?.may_settle_on_spot ?? false;

/** Whether a hazard of this item may stay a note of the visit: minor ones only. */
export const mayKeep = (item: ChecklistItem, kinds: Kinds): boolean => kinds.get(item.hazard_kind ?? "")?.severity === "minor";

/** Whether this item's answer reports a case of its own. */
export function reports(item: ChecklistItem, answer: DraftAnswer | undefined): boolean {
  return isFinding(item, answer) && !!item.hazard_kind && !answer?.keep_on_visit && answer?.together_with === null;
}

/** What is wrong or missing, in words, by item id; empty when whole. */
export function faults(items: readonly ChecklistItem[], answers: Answers, kinds: Kinds): Map<string, string> {
  const reporting = new Set(items.filter((item) => reports(item, answers[item.id])).map((item) => item.id));
  const found = new Map<string, string>();
  for (const item of items) {
    const words = fault(item, answers[item.id], reporting, kinds);
    if (words !== "") found.set(item.id, words);
  }
  return found;
}

function fault(item: ChecklistItem, answer: DraftAnswer | undefined, reporting: ReadonlySet<string>, kinds: Kinds): string {
  if (answer === undefined || !isAnswered(item, answer)) return item.is_mandatory ? "还没有回答" : "";
  if (item.answer_kind === "yes_no" && !["yes", "no", "na"].includes(answer.value)) return "只能答符合、不符合或不涉及";
  if (item.answer_kind === "number" && !isNumber(answer.value)) return "请填数字";
  if (!isFinding(item, answer)) return "";
  if (answer.put_right_on_spot) {
    if (!maySettle(item, kinds)) return "这类隐患不能当场整改了结，请直接上报";
    if (answer.photos.length === 0 || answer.after_photos.length === 0) return "当场整改要有整改前、整改后的照片";
  }
  if (answer.keep_on_visit && item.hazard_kind && !mayKeep(item, kinds)) return "不是轻微问题，必须上报";
  if (answer.together_with !== null && !reporting.has(answer.together_with)) return "所并入的检查项没有上报隐患，请重选";
  return "";
}

const isNumber = (words: string): boolean => words.trim() !== "" && Number.isFinite(Number(words.trim()));

/** Items that another finding may go together with: those that report a case, but not the item itself. */
export const companions = (item: ChecklistItem, items: readonly ChecklistItem[], answers: Answers): ChecklistItem[] =>
  items.filter((other) => other.id !== item.id && reports(other, answers[other.id]));

/** The yes/no items without an answer: what "all the rest in order" fills in. */
export const unanswered = (items: readonly ChecklistItem[], answers: Answers): ChecklistItem[] =>
  items.filter((item) => item.answer_kind === "yes_no" && !isAnswered(item, answers[item.id]));

/** The answers as they are sent, in the checklist's order; what does not belong to an answer is left behind. */
export function sent(items: readonly ChecklistItem[], answers: Answers): VisitAnswer[] {
  return items.flatMap((item) => {
    const answer = answers[item.id];
    if (answer === undefined || !isAnswered(item, answer)) return [];
    const finding = isFinding(item, answer);
    const isRight = finding && answer.put_right_on_spot && !answer.keep_on_visit && answer.together_with === null;
    return [{
      item_id: item.id,
      value: answer.value.trim(),
      words: finding ? answer.words.trim() : "",
      photos: finding || item.answer_kind === "photo" ? [...answer.photos] : [],
      put_right_on_spot: isRight,
      after_photos: isRight ? [...answer.after_photos] : [],
      keep_on_visit: finding && answer.keep_on_visit,
      together_with: finding ? answer.together_with : null,
    }]; // prettier-ignore
  });
}

export interface ItemGroup {
  name: string;
  items: ChecklistItem[];
}

/** Items under the names of their hazards' families, in the checklist's order. */
export function grouped(items: readonly ChecklistItem[], kinds: Kinds): ItemGroup[] {
  const groups = new Map<string, ChecklistItem[]>();
  for (const item of [...items].sort((one, other) => one.position - other.position)) {
    const name = familyOf(item.hazard_kind ?? "", kinds);
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return [...groups].map(([name, own]) => ({ name, items: own }));
}

function familyOf(code: string, kinds: Kinds): string {
  let kind = kinds.get(code);
  for (let parent = kinds.get(kind?.parent_code ?? ""); parent !== undefined; parent = kinds.get(kind?.parent_code ?? "")) kind = parent;
  return kind?.name ?? "其他";
}
