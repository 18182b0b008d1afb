/** The last 200 operations that reached the server: what and when, and what the server had to say. */

import { signedIn } from "./account.ts";
import { logPlace } from "./boxes.ts";

export interface LogItem {
  operation: string;
  kind: string;
  label: string;
  /** What the server said on doing it; mostly nothing. */
  words: string;
  queuedAt: number;
  sentAt: number;
}

/** Newest first. */
export async function sentLog(): Promise<LogItem[]> {
  const { database, vault } = signedIn();
  const records = await database.log.orderBy("position").reverse().toArray();
  return Promise.all(
    records.map(async ({ operation, queuedAt, sentAt, box }) => ({
      operation, queuedAt, sentAt,
      ...(await vault.open<{ kind: string; label: string; words: string }>(box, logPlace(operation))),
    })), // prettier-ignore
  );
}
