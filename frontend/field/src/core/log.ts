/** The last 200 operations that reached the server: what and when, not what they said. */

import { signedIn } from "./account.ts";
import { logPlace } from "./boxes.ts";

export interface LogItem {
  operation: string;
  kind: string;
  label: string;
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
      ...(await vault.open<{ kind: string; label: string }>(box, logPlace(operation))),
    })), // prettier-ignore
  );
}
