/** What was done on the phone and has not reached the server: written in one transaction, removed only when the server has it. */

import type { OperationKind, Payloads } from "../types.ts";
import { signedIn } from "./account.ts";
import { operationPlace, verdictPlace } from "./boxes.ts";
import { publish } from "./bus.ts";
import { clock } from "./clock.ts";
import type { FieldDatabase, OperationRecord } from "./database.ts";
import type { Draft } from "./drafts.ts";
import { whileSpaceLasts } from "./failures.ts";
import { uuid7 } from "./ids.ts";

/** What an operation says; sealed. */
export interface OperationContent {
  kind: string;
  label: string;
  payload: unknown;
  /** The task that it does, so that lists show it as on its way. */
  task: string | null;
  /** The screen that made it and what was filled in there: opened again to correct it. */
  opens: { path: string; key: string; content: unknown } | null;
}

/** The server's last words on an operation; sealed. */
export interface Verdict {
  at: number;
  code: string;
  words: string;
  fields: Record<string, string>;
}

export interface EnqueueOptions {
  /** What the user will recognise it by: "巡查 · 兴旺木业". */
  label: string;
  /** Every photo that the payload names. */
  photos?: string[];
  /** Operations that must be done before. */
  dependsOn?: string[];
  /** Id of the task that it does. */
  task?: string | null;
  /** The draft it was made from: cleared with the same stroke, and given back for correcting. */
  draft?: Draft<object>;
}

type EnqueueListener = () => void;
const enqueueListeners = new Set<EnqueueListener>();
/** Called after every operation saved by this tab. */
export function onEnqueue(listener: EnqueueListener): void {
  enqueueListeners.add(listener);
}

let writing = 0;
/** Returns when nothing is being saved: before that is no time to load another version. */
export async function untilWritten(): Promise<void> {
  while (writing > 0) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** Runs a write that must not be cut off by an update. */
export async function whileWriting<T>(write: () => Promise<T>): Promise<T> {
  writing += 1;
  try {
    return await whileSpaceLasts(write);
  } finally {
    writing -= 1;
  }
}

/**
 * Saves an operation with its photos and returns its id; once it returns, the page may say "saved". Raises `StorageFull`; nothing is half saved.
 * Made from a draft that corrects a refused operation, it takes that operation's place and id.
 */
export async function enqueue<Kind extends OperationKind>(
  kind: Kind,
  payload: Payloads[Kind],
  options: EnqueueOptions,
): Promise<string> {
  const { draft } = options;
  const correcting = draft?.correcting.value ?? null;
  const content: OperationContent = {
    kind,
    label: options.label,
    payload,
    task: options.task ?? null,
    opens: draft === undefined ? null : { path: draft.path, key: draft.baseKey, content: draft.content },
  };
  // Sent meanwhile after all: what is filled in now is another act, and the server knows the old id as done.
  const isHere = correcting !== null && (await signedIn().database.operations.where("id").equals(correcting).count()) > 0;
  const id = isHere ? correcting : uuid7();
  await whileWriting(async () => {
    const { vault, database } = signedIn();
    const record: OperationRecord = {
      id,
      status: "waiting",
      deviceTime: clock.deviceTime(),
      offsetMs: clock.offsetMs(),
      mark: clock.mark(),
      queuedAt: clock.deviceTime(),
      tries: 0,
      nextTryAt: 0,
      holdsOthers: false,
      dependsOn: options.dependsOn ?? [],
      photos: [...new Set(options.photos ?? [])],
      box: await vault.seal(content, operationPlace(id)),
      verdict: null,
    };
    await draft?.settle();
    await database.transaction("rw", [database.operations, database.photos, database.drafts], () =>
      write(database, record, draft?.key ?? null),
    );
  });
  draft?.finish();
  publish({ about: "outbox" });
  for (const listener of enqueueListeners) listener();
  return id;
}

async function write(database: FieldDatabase, record: OperationRecord, draftKey: string | null): Promise<void> {
  const before = await database.operations.where("id").equals(record.id).first();
  if (before !== undefined) {
    // A correction: the act happened when it happened, and keeps its turn.
    record.position = before.position;
    record.deviceTime = before.deviceTime;
    record.offsetMs = before.offsetMs;
    record.mark = before.mark;
    record.queuedAt = before.queuedAt;
    record.dependsOn = before.dependsOn;
    await database.photos.bulkDelete(before.photos.filter((photo) => !record.photos.includes(photo)));
  }
  const photos = await database.photos.bulkGet(record.photos);
  for (const [place, photo] of photos.entries()) {
    if (photo === undefined) throw new Error(`no photo ${record.photos[place] ?? ""} on the phone`);
    await database.photos.update(photo.id, { draft: "", status: photo.status === "draft" ? "waiting" : photo.status });
  }
  await database.operations.put(record);
  if (draftKey !== null) {
    await database.drafts.delete(draftKey);
    await database.photos.where("draft").equals(draftKey).delete(); // taken for the draft, removed from it again
  }
}

/** Tries an operation again at once. */
export async function retry(id: string): Promise<void> {
  const { database } = signedIn();
  await database.operations.where("id").equals(id).modify({ status: "waiting", nextTryAt: 0, tries: 0, holdsOthers: false });
  publish({ about: "outbox" });
  for (const listener of enqueueListeners) listener();
}

/** Removes an operation that the user gives up, with its photos; what depended on it says so and waits for the user. */
export async function giveUp(id: string): Promise<void> {
  const { database, vault } = signedIn();
  const words = "它所依据的前一件已经放弃，请改正后再发或一并放弃。";
  const dependents = (await database.operations.toArray()).filter((record) => record.dependsOn.includes(id));
  const verdicts = await Promise.all(
    dependents.map((one) => vault.seal({ at: clock.deviceTime(), code: "given_up", words, fields: {} }, verdictPlace(one.id))),
  );
  await database.transaction("rw", [database.operations, database.photos, database.drafts], async () => {
    for (const key of await database.drafts.toCollection().primaryKeys()) {
      if (!key.endsWith(`#${id}`)) continue; // it was being corrected
      await database.drafts.delete(key);
      await database.photos.where("draft").equals(key).delete();
    }
    const record = await database.operations.where("id").equals(id).first();
    if (record === undefined) return;
    await database.photos.bulkDelete(record.photos);
    await database.operations.delete(record.position ?? -1);
    for (const [place, one] of dependents.entries()) {
      const dependsOn = one.dependsOn.filter((other) => other !== id);
      const verdict = verdicts[place] ?? null;
      await database.operations.update(one.position ?? -1, { status: "refused", dependsOn, verdict });
    }
  });
  publish({ about: "outbox" });
}
