/** Short words to the user, and questions. */

import "vant/es/dialog/style/index";
import "vant/es/toast/style/index";

import { showConfirmDialog, showDialog, showToast } from "vant/es";

import { Failure } from "../core/failures.ts";
import { CodeMissing, isMissingCode } from "../missing_code.ts";

/** A word that goes by itself. */
export function say(words: string): void {
  showToast({ message: words, duration: 2600, wordBreak: "break-word" });
}

/** A question; true when the user agrees. */
export async function ask(title: string, words: string, agree = "确定", refuse = "取消"): Promise<boolean> {
  try {
    await showConfirmDialog({ title, message: words, confirmButtonText: agree, cancelButtonText: refuse });
    return true;
  } catch {
    return false;
  }
}

/** Why something was not done, with the fields to mend: of a server's answer or of a `Failure`. Stays until it is read. */
export async function showRefusal(refusal: unknown): Promise<void> {
  await showDialog({ title: "没有完成", message: wordsOf(refusal).join("\n"), messageAlign: "left", confirmButtonText: "知道了" });
}

/** The words of whatever went wrong. */
export function wordsOf(refusal: unknown): string[] {
  if (isMissingCode(refusal)) return [new CodeMissing().words];
  if (refusal instanceof Failure) {
    const fields = "problem" in refusal ? (refusal.problem as { fields?: unknown }).fields : undefined;
    return [refusal.words, ...fieldWords(fields)];
  }
  const told = refusal as { words?: unknown; fields?: unknown; message?: unknown } | null;
  if (typeof told?.words === "string" && told.words !== "") return [told.words, ...fieldWords(told.fields)];
  if (typeof refusal === "string") return [refusal];
  return [`出了意外，请重试；仍不行请告诉管理员：${typeof told?.message === "string" ? told.message : String(refusal)}`];
}

function fieldWords(fields: unknown): string[] {
  if (typeof fields !== "object" || fields === null) return [];
  return Object.values(fields).filter((words): words is string => typeof words === "string");
}
