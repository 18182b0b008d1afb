/**
 * Sends what the outbox holds: photos of an operation first, then operations in order, at most 50 at once.
 * Needs neither a page nor Vue, so that the service worker can send as well. Removes an operation only when the server answers `done`.
 */

import type { Account } from "./account.ts";
import { operationPlace } from "./boxes.ts";
import { isPast } from "./backoff.ts";
import { publish } from "./bus.ts";
import { clock } from "./clock.ts";
import type { OperationRecord } from "./database.ts";
import { Failure, NetworkFailure, ServerFailure, UnreadableFailure } from "./failures.ts";
import { ask } from "./http.ts";
import { type OperationContent } from "./outbox.ts";
import { type Answer, settle, setStatus, verdict } from "./settling.ts";
import { timedOutbox } from "./times.ts";
import { upload } from "./uploads.ts";

const LARGEST_BATCH = 50;
/** Photos of one batch before its operations go: what was done first arrives early. */
const BATCH_PHOTO_BYTES = 3 * 1024 * 1024;
const FAILURES_IN_A_ROW = 4;

/** One flush over everything that is due. Raises the `Failure` that ended it early: no network, 401, "later" for all. */
export class Flush {
  private readonly tried = new Set<string>();
  private batchSize = LARGEST_BATCH;
  private failuresInARow = 0;
  private isFirst = true;

  constructor(
    private readonly mine: Account,
    /** Also what is not due yet. */
    private readonly isForced: boolean,
  ) {}

  async run(): Promise<void> {
    await this.mine.database.operations.filter((record) => record.status === "sending").modify({ status: "waiting" });
    for (;;) {
      const batch = await this.nextBatch();
      if (batch.length === 0) return;
      await this.send(batch);
    }
  }

  /** The next operations that may go, their photos already uploaded. */
  private async nextBatch(): Promise<OperationRecord[]> {
    const all = await timedOutbox(this.mine, this.isFirst);
    this.isFirst = false;
    const here = new Set(all.map((record) => record.id));
    const batch: OperationRecord[] = [];
    const ids = new Set<string>();
    let bytes = 0;
    for (const record of all) {
      if (batch.length >= this.batchSize || bytes > BATCH_PHOTO_BYTES) break;
      const mayGo = this.mayGo(record);
      if (!mayGo && record.holdsOthers) break;
      if (!mayGo || record.dependsOn.some((id) => here.has(id) && !ids.has(id))) continue;
      const sent = await this.sendPhotos(record);
      if (sent === null) continue;
      bytes += sent;
      batch.push(record);
      ids.add(record.id);
    }
    return batch;
  }

  private mayGo(record: OperationRecord): boolean {
    if (this.tried.has(record.id) || record.status === "conflict" || record.status === "refused") return false;
    return this.isForced || isPast(record.nextTryAt, clock.deviceTime());
  }

  /** Bytes sent, or null when the server does not take one of the photos: the operation then says so. */
  private async sendPhotos(record: OperationRecord): Promise<number | null> {
    const photos = await this.mine.database.photos.bulkGet(record.photos);
    let bytes = 0;
    for (const photo of photos) {
      if (photo === undefined || photo.status === "uploaded") continue;
      try {
        await upload(this.mine, photo);
        bytes += photo.size;
      } catch (error) {
        if (!isAboutThisOne(error)) throw error;
        this.tried.add(record.id);
        await verdict(this.mine, record, "later", { ...failed(error), words: `照片没有传上去：${error.words}` });
        return null;
      }
    }
    return bytes;
  }

  private async send(batch: OperationRecord[]): Promise<void> {
    const { mine } = this;
    await setStatus(mine, batch, "sending");
    publish({ about: "outbox" });
    try {
      const answers = await this.post(batch);
      for (const record of batch) this.tried.add(record.id);
      this.failuresInARow = 0;
      if (await settle(mine, batch, answers)) for (const record of batch) await this.allowAgain(record);
    } catch (error) {
      await setStatus(mine, batch, "waiting");
      if (!isAboutThisOne(error)) throw await this.ended(batch, error);
      await this.refusedWhole(batch, error);
    } finally {
      publish({ about: "outbox" });
    }
  }

  /** Photos that the server turned out to lack are sent in the same flush, once. */
  private readonly again = new Set<string>();
  private async allowAgain(record: OperationRecord): Promise<void> {
    const now = await this.mine.database.operations.get(record.position ?? -1);
    if (now?.status !== "later" || this.again.has(record.id)) return;
    const photos = await this.mine.database.photos.bulkGet(now.photos);
    if (!photos.some((photo) => photo?.status === "waiting")) return;
    this.again.add(record.id);
    this.tried.delete(record.id);
    await this.mine.database.operations.update(record.position ?? -1, { nextTryAt: 0 });
  }

  private async post(batch: OperationRecord[]): Promise<Answer[]> {
    const operations = await Promise.all(
      batch.map(async (record) => {
        const { kind, payload } = await this.mine.vault.open<OperationContent>(record.box, operationPlace(record.id));
        const { id, dependsOn: depends_on, offsetMs: offset_ms } = record;
        return { id, kind, device_time: new Date(record.deviceTime).toISOString(), offset_ms, depends_on, payload };
      }),
    );
    const body = { device_now: new Date(clock.deviceTime()).toISOString(), operations };
    const answer = await ask<{ answers?: Answer[] }>(`/${this.mine.county}/operations`, { method: "POST", body, timeoutMs: 60_000 });
    if (!Array.isArray(answer?.answers)) throw new UnreadableFailure(200);
    return answer.answers;
  }

  /** A whole request refused: one operation may be the cause, so they are sent one by one; alone, it bears the verdict. */
  private async refusedWhole(batch: OperationRecord[], failure: ServerFailure): Promise<void> {
    if (batch.length > 1) {
      this.batchSize = 1;
      return;
    }
    for (const record of batch) {
      this.tried.add(record.id);
      const isItsFault = failure.status === 400 || failure.status === 413 || failure.status === 422;
      await verdict(this.mine, record, isItsFault ? "refused" : "later", failed(failure));
    }
    this.failuresInARow += 1;
    if (this.failuresInARow >= FAILURES_IN_A_ROW) throw failure; // not one bad operation: the server is unwell
  }

  private async ended(batch: OperationRecord[], error: unknown): Promise<unknown> {
    if (error instanceof ServerFailure && error.status !== 401) {
      for (const record of batch) await verdict(this.mine, record, "later", { ...failed(error), holdsOthers: true });
    }
    return error;
  }
}

/** Whether a failure says something of what was sent, rather than of the line, the session or the server's load. */
function isAboutThisOne(error: unknown): error is ServerFailure {
  return error instanceof ServerFailure && ![401, 408, 429, 502, 503, 504].includes(error.status);
}

function failed(failure: Failure): { code: string; words: string; fields: Record<string, string>; retryAfterMs: number | null } {
  const fields = failure instanceof ServerFailure ? failure.problem["fields"] : undefined;
  return {
    code: failure.code,
    words: failure.words,
    fields: typeof fields === "object" && fields !== null ? (fields as Record<string, string>) : {},
    retryAfterMs: failure instanceof ServerFailure ? failure.retryAfterMs : null,
  };
}

/** Whether trying on makes sense without the user: lines come back, sessions do not by themselves. */
export const isPassing = (error: unknown): boolean =>
  error instanceof NetworkFailure || error instanceof UnreadableFailure || (error instanceof ServerFailure && error.status !== 401);
