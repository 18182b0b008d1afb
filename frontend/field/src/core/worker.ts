/** The service worker: makes the app open without a network. Without it everything else works on. */

import { ref } from "vue";

import { untilWritten } from "./outbox.ts";

/** `none`: the browser has no service workers, or refused ours. */
export const workerState = ref<"starting" | "ready" | "none">("starting");
/** Another version is loaded and waits for the user's word. */
export const hasUpdate = ref(false);

const LOOK_EVERY_MS = 30 * 60_000;
const CHANGES_WITHIN_MS = 20_000;
let registration: ServiceWorkerRegistration | null = null;
let isReloading = false;
/** The change that is under way: screens may ask for it each on its own. */
let updating: Promise<void> | null = null;

/** Registers the worker; once. */
export async function startWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) {
    workerState.value = "none";
    return;
  }
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (isReloading) void untilWritten().then(() => location.reload());
  });
  try {
    // Browsers that are told to have no workers may answer with nothing.
    registration = (await navigator.serviceWorker.register("/m/sw.js", { scope: "/m/" })) ?? null;
  } catch {
    registration = null;
  }
  if (registration === null) {
    workerState.value = "none";
    return;
  }
  watchForUpdate(registration);
  void navigator.serviceWorker.ready.then(() => (workerState.value = "ready"));
  setInterval(() => void registration?.update().catch(() => undefined), LOOK_EVERY_MS);
}

function watchForUpdate(found: ServiceWorkerRegistration): void {
  const look = (): void => {
    if (found.waiting !== null && navigator.serviceWorker.controller !== null) hasUpdate.value = true;
  };
  look();
  found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", look));
}

/**
 * Changes to the new version; waits while something is being saved. Returns only where the browser holds it back: as long as the old
 * worker has anything in hand, for up to five minutes. Then nobody is reloaded in the middle of other work later.
 */
export function applyUpdate(): Promise<void> {
  updating ??= changeOver().finally(() => (updating = null));
  return updating;
}

async function changeOver(): Promise<void> {
  await untilWritten();
  isReloading = true;
  const next = registration?.waiting ?? null;
  if (next === null) location.reload(); // another tab has taken it already
  else next.postMessage("activate");
  await new Promise((resolve) => setTimeout(resolve, CHANGES_WITHIN_MS));
  isReloading = false;
}

/** Asks the browser to wake us when there is a network, where it can; it forgets such wishes after a server's outage, so timers go on. */
export async function wishForBackgroundSync(): Promise<void> {
  const sync = (registration as unknown as { sync?: { register(tag: string): Promise<void> } } | null)?.sync;
  await sync?.register("outbox").catch(() => undefined);
}
