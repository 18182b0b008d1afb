/** How much room there is on the phone, and whether the browser promises not to clear it. */

export interface StorageState {
  /** Bytes; null where the browser does not say. */
  used: number | null;
  available: number | null;
  /** The browser will not clear it by itself when space runs short. */
  isPersistent: boolean;
}

/** Asks the browser to keep our data; it may say no. */
export async function askToKeep(): Promise<boolean> {
  try {
    return (await navigator.storage?.persist?.()) ?? false;
  } catch {
    return false;
  }
}

export async function storageState(): Promise<StorageState> {
  try {
    const estimate = await navigator.storage?.estimate?.();
    const isPersistent = (await navigator.storage?.persisted?.()) ?? false;
    const used = estimate?.usage ?? null;
    const available = estimate?.quota === undefined || used === null ? null : Math.max(0, estimate.quota - used);
    return { used, available, isPersistent };
  } catch {
    return { used: null, available: null, isPersistent: false };
  }
}
