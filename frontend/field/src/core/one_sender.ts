/** One sender at a time over all tabs and the worker: Web Locks, else a lease in the database. */

import { device } from "./database.ts";
import { uuid7 } from "./ids.ts";

const NAME = "safegrid-field-sender";
const LEASE_MS = 90_000;
const RENEW_MS = 20_000;

interface Lease {
  holder: string;
  until: number;
}

/** Runs `work` unless another tab is at it; returns whether it ran. */
export async function asOnlySender(work: () => Promise<void>): Promise<boolean> {
  if (typeof navigator !== "undefined" && "locks" in navigator) {
    return navigator.locks.request(NAME, { ifAvailable: true }, async (lock) => {
      if (lock === null) return false;
      await work();
      return true;
    });
  }
  return withLease(work);
}

/** The way without Web Locks; a holder that died is succeeded when its lease has run out. */
export async function withLease(work: () => Promise<void>): Promise<boolean> {
  const holder = uuid7();
  if (!(await take(holder))) return false;
  const timer = setInterval(() => void take(holder), RENEW_MS);
  try {
    await work();
    return true;
  } finally {
    clearInterval(timer);
    await device.transaction("rw", device.settings, async () => {
      const lease = await device.read<Lease>("lease");
      if (lease?.holder === holder) await device.settings.delete("lease");
    });
  }
}

function take(holder: string): Promise<boolean> {
  return device.transaction("rw", device.settings, async () => {
    const lease = await device.read<Lease>("lease");
    const now = Date.now();
    // A lease that ends further ahead than any can was given under another clock.
    const isHeld = lease !== undefined && lease.holder !== holder && lease.until > now && lease.until <= now + LEASE_MS;
    if (isHeld) return false;
    await device.write("lease", { holder, until: now + LEASE_MS });
    return true;
  });
}
