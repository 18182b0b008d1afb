/** What is kept on the phone. Everything that says something of a person, a site or a case is a sealed box. */

import { Dexie, type Table } from "dexie";

import type { Bytes } from "./bytes.ts";
import type { Mark } from "./clock.ts";

export interface RowRecord {
  feed: string;
  id: string;
  /** The row, sealed about `row:<feed>:<id>`. */
  box: Bytes;
}

export type OperationStatus = "waiting" | "sending" | "later" | "conflict" | "refused";

export interface OperationRecord {
  /** Order of sending; kept when an operation is corrected. */
  position?: number;
  id: string;
  status: OperationStatus;
  /** The phone's clock, milliseconds. */
  deviceTime: number;
  offsetMs: number | null;
  /** The clock that both were read from; `timeline` is "" once the offset is measured. */
  mark: Mark;
  queuedAt: number;
  tries: number;
  /** Not before this moment (phone's clock); 0: at once. */
  nextTryAt: number;
  /** Put off because of the server and not of itself: what was done after it waits, so that the order stays. */
  holdsOthers: boolean;
  dependsOn: string[];
  photos: string[];
  /** `OperationContent`, sealed about `operation:<id>`. */
  box: Bytes;
  /** `Verdict`, sealed about `verdict:<id>`: the server's last words on it. */
  verdict: Bytes | null;
}

export type PhotoStatus = "draft" | "waiting" | "uploaded";

export interface PhotoRecord {
  id: string;
  status: PhotoStatus;
  /** Key of the draft that it belongs to; "" once an operation has taken it. */
  draft: string;
  keptAt: number;
  size: number;
  sha256: string;
  mediaType: string;
  /** The clock under which it was taken, the offset that its facts were corrected by, and what that lacked. */
  mark: Mark;
  offsetMs: number | null;
  lackedMs: number;
  /** `PhotoFacts`, sealed about `facts:<id>`. */
  facts: Bytes;
  /** The picture, sealed about `photo:<id>`. */
  box: Bytes;
}

export interface DraftRecord {
  key: string;
  changedAt: number;
  /** `DraftContent`, sealed about `draft:<key>`. */
  box: Bytes;
}

export interface LogRecord {
  position?: number;
  operation: string;
  sentAt: number;
  queuedAt: number;
  /** Kind, label and the server's words on what was done, sealed about `log:<operation>`. */
  box: Bytes;
}

/** Settings of one account: the cursor and when it was last pulled. */
export interface StateRecord {
  name: string;
  value: unknown;
}

/** One user's data: a name-space of its own on a phone that several use. */
export class FieldDatabase extends Dexie {
  rows!: Table<RowRecord, [string, string]>;
  operations!: Table<OperationRecord, number>;
  photos!: Table<PhotoRecord, string>;
  drafts!: Table<DraftRecord, string>;
  log!: Table<LogRecord, number>;
  state!: Table<StateRecord, string>;

  constructor(space: string) {
    // "Saved" holds though the battery dies the next moment: Chrome otherwise leaves the last writes to the system's memory.
    super(`safegrid-field-${space}`, { chromeTransactionDurability: "strict" });
    this.version(1).stores({
      rows: "[feed+id], feed",
      operations: "++position, &id",
      photos: "id, draft",
      drafts: "key",
      log: "++position",
      state: "name",
    });
  }
}

/** What belongs to the phone and not to one user: who is signed in, keys, the clock, the lease of the sender. */
export class DeviceDatabase extends Dexie {
  settings!: Table<StateRecord, string>;

  constructor() {
    super("safegrid-field-device");
    this.version(1).stores({ settings: "name" });
  }

  async read<T>(name: string): Promise<T | undefined> {
    return (await this.settings.get(name))?.value as T | undefined;
  }

  async write(name: string, value: unknown): Promise<void> {
    await this.settings.put({ name, value });
  }
}

export const device = new DeviceDatabase();
