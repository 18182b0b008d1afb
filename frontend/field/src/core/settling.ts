/** What becomes of operations when the server has answered. */

import type { Account } from "./account.ts";
import { waitMs } from "./backoff.ts";
import { logPlace, operationPlace, verdictPlace } from "./boxes.ts";
import { publish } from "./bus.ts";
import { clock } from "./clock.ts";
import type { OperationRecord, OperationStatus } from "./database.ts";
import { type OperationContent } from "./outbox.ts";

const LOG_LENGTH = 200;

/** The server's answer to one operation. */
export interface Answer {
  id: string;
  status: "done" | "later" | "conflict" | "refused";
  result?: Record<string, unknown> | null;
  code?: string | null;
  words?: string | null;
  fields?: Record<string, string> | null;
  missing?: string[] | null;
}

interface Words {
  code: string;
  words: string;
  fields: Record<string, string>;
  retryAfterMs?: number | null;
  /** "Later" for the server's own reasons. */
  holdsOthers?: boolean;
}

/** Takes the answers in; what got none waits on. Returns whether photos must be sent again. */
export async function settle(mine: Account, batch: OperationRecord[], answers: Answer[]): Promise<boolean> {
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  let isMissing = false;
  for (const record of batch) {
    const answer = byId.get(record.id);
    if (answer?.status === "done") {
      const told = typeof answer.result?.["words"] === "string" ? answer.result["words"] : "";
      const label = await remove(mine, record, told);
      if (told !== "") publish({ about: "words", words: `${label}：${told}` });
      continue;
    }
    if (answer?.status === "later") isMissing = (await markMissing(mine, answer.missing ?? [])) || isMissing;
    const status = answer?.status === "conflict" || answer?.status === "refused" ? answer.status : "later";
    const words = answer === undefined ? "服务器没有提到这一件，稍后自动再发。" : (answer.words ?? "");
    const holdsOthers = answer?.code === "busy";
    await verdict(mine, record, status, { code: answer?.code ?? "", words, fields: answer?.fields ?? {}, holdsOthers });
  }
  return isMissing;
}

/** Writes the server's words on an operation that stays. */
export async function verdict(mine: Account, record: OperationRecord, status: OperationStatus, words: Words): Promise<void> {
  const tries = record.tries + 1;
  const now = clock.deviceTime();
  const { code, fields } = words;
  const box = await mine.vault.seal({ at: now, code, words: words.words, fields }, verdictPlace(record.id));
  const nextTryAt = status === "later" ? now + Math.max(words.retryAfterMs ?? 0, waitMs(tries)) : 0;
  const holdsOthers = status === "later" && words.holdsOthers === true;
  await mine.database.operations.update(record.position ?? -1, { status, tries, nextTryAt, holdsOthers, verdict: box });
}

export async function setStatus(mine: Account, batch: OperationRecord[], status: OperationStatus): Promise<void> {
  const positions = batch.map((record) => record.position ?? -1);
  await mine.database.operations.where("position").anyOf(positions).modify({ status });
}

/** The server has it: off the phone with its photos, a line of the log stays. Returns its label. */
async function remove(mine: Account, record: OperationRecord, words: string): Promise<string> {
  const { database, vault } = mine;
  const { kind, label } = await vault.open<OperationContent>(record.box, operationPlace(record.id));
  const box = await vault.seal({ kind, label, words }, logPlace(record.id));
  await database.transaction("rw", [database.operations, database.photos, database.log], async () => {
    await database.operations.delete(record.position ?? -1);
    await database.photos.bulkDelete(record.photos);
    await database.log.add({ operation: record.id, sentAt: clock.deviceTime(), queuedAt: record.queuedAt, box });
    const surplus = (await database.log.count()) - LOG_LENGTH;
    if (surplus > 0) await database.log.bulkDelete(await database.log.orderBy("position").limit(surplus).primaryKeys());
  });
  return label;
}

async function markMissing(mine: Account, uploads: string[]): Promise<boolean> {
  const marked = await mine.database.photos.where("id").anyOf(uploads).modify({ status: "waiting" });
  return marked > 0;
}
