/** The outbox opened for pages: what is still on the phone, and why. */

import { shallowRef } from "vue";

import { type Account, account } from "./account.ts";
import { operationPlace, verdictPlace } from "./boxes.ts";
import { subscribe } from "./bus.ts";
import type { OperationRecord, OperationStatus } from "./database.ts";
import { type OperationContent, type Verdict } from "./outbox.ts";

export interface OutboxItem extends OperationContent {
  id: string;
  status: OperationStatus;
  /** When it was saved, phone's clock. */
  queuedAt: number;
  tries: number;
  nextTryAt: number;
  photos: string[];
  dependsOn: string[];
  verdict: Verdict | null;
  /** Why it is still here, in words. */
  why: string;
}

/** Everything on the phone that has not been sent, in order. */
export const outboxItems = shallowRef<readonly OutboxItem[]>([]);

let loading: Promise<void> | null = null;
let isStale = false;

/** Reads the outbox anew; several wishes at once become one reading. */
export function reloadOutbox(): Promise<void> {
  isStale = true;
  loading ??= load().finally(() => (loading = null));
  return loading;
}

async function load(): Promise<void> {
  while (isStale) {
    isStale = false;
    const mine = account();
    try {
      outboxItems.value = await read(mine);
    } catch (error) {
      if (account() === mine) throw error; // else somebody signed out meanwhile, and the database is closed
      isStale = true;
    }
  }
}

async function read(mine: Account | null): Promise<OutboxItem[]> {
  if (mine === null) return [];
  const records = await mine.database.operations.orderBy("position").toArray();
  const here = new Set(records.map((record) => record.id));
  const items = await Promise.all(
    records.map(async (record): Promise<OutboxItem> => {
      const content = await mine.vault.open<OperationContent>(record.box, operationPlace(record.id));
      const verdict = record.verdict === null ? null : await mine.vault.open<Verdict>(record.verdict, verdictPlace(record.id));
      const { id, status, queuedAt, tries, nextTryAt, photos, dependsOn } = record;
      const why = whyHere(record, verdict, here);
      return { ...content, id, status, queuedAt, tries, nextTryAt, photos, dependsOn, verdict, why };
    }),
  );
  return account() === mine ? items : [];
}

function whyHere(record: OperationRecord, verdict: Verdict | null, here: ReadonlySet<string>): string {
  if (record.status === "sending") return "正在发送";
  if (record.status === "conflict") return verdict?.words || "服务器上已有别人先办了这件事。";
  if (record.status === "refused") return verdict?.words || "服务器没有接受，请改正。";
  if (record.dependsOn.some((id) => here.has(id))) return "等前一件发出后再发";
  if (verdict !== null && verdict.words !== "") return verdict.words;
  return record.status === "later" ? "服务器说稍后再发" : "等待发送";
}

subscribe((news) => {
  if (news.about === "outbox" || news.about === "account") void reloadOutbox();
});
