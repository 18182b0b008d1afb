/** When the phone talks to the server: after saving, on opening, back online, visible again, by timer, by hand. */

import { computed, type ComputedRef, type Ref, ref } from "vue";

import { account } from "./account.ts";
import { isPast, waitMs } from "./backoff.ts";
import { publish, subscribe } from "./bus.ts";
import { clock } from "./clock.ts";
import { device } from "./database.ts";
import { Failure, ServerFailure } from "./failures.ts";
import { asOnlySender } from "./one_sender.ts";
import { onEnqueue } from "./outbox.ts";
import { type OutboxItem, outboxItems, reloadOutbox } from "./outbox_view.ts";
import { forgetPulled, pull } from "./pull.ts";
import { Flush } from "./sender.ts";
import { finishSigningOut, meetUnauthorised, needsSignIn } from "./session.ts";
import { wishForBackgroundSync } from "./worker.ts";

const BEAT_MS = 10_000;
const PULL_EVERY_MS = 5 * 60_000;

const isOnline = ref(typeof navigator === "undefined" ? true : navigator.onLine);
const isBusy = ref(false);
const failure = ref("");
const pulledAt = ref<number | null>(null);

let failures = 0;
let notBefore = 0;
let isWanted: { isForced: boolean; withPull: boolean } | null = null;

export interface SyncView {
  /** As the browser says; a connection may still be dead. */
  isOnline: Readonly<Ref<boolean>>;
  /** Whether this tab is talking to the server. */
  isBusy: Readonly<Ref<boolean>>;
  /** Why the last try ended early, in words; "" when it did not. */
  failure: Readonly<Ref<string>>;
  /** When everything had last been pulled, phone's clock. */
  pulledAt: Readonly<Ref<number | null>>;
  needsSignIn: Readonly<Ref<boolean>>;
  items: Readonly<Ref<readonly OutboxItem[]>>;
  /** How many wait without the user having to do anything, and how many wait for the user. */
  waiting: ComputedRef<number>;
  stuck: ComputedRef<number>;
  /** Sends and pulls now, whatever the waiting times say. */
  syncNow(): Promise<void>;
  /** Forgets what was pulled and pulls it again; what was not sent stays. */
  pullAnew(): Promise<void>;
}

const isStuck = (item: OutboxItem): boolean => item.status === "conflict" || item.status === "refused";
const waiting = computed(() => outboxItems.value.filter((item) => !isStuck(item)).length);
const stuck = computed(() => outboxItems.value.filter(isStuck).length);

/** The state of sending and pulling, for pages. */
export function useSync(): SyncView {
  return { isOnline, isBusy, failure, pulledAt, needsSignIn, items: outboxItems, waiting, stuck, syncNow, pullAnew };
}

const syncNow = (): Promise<void> => sync({ isForced: true, withPull: true });

async function pullAnew(): Promise<void> {
  const mine = account();
  if (mine === null) return;
  await forgetPulled(mine);
  await syncNow();
}

/** Begins listening; once, at the start of the app. */
export function startSync(): void {
  window.addEventListener("online", () => ((isOnline.value = true), wake()));
  window.addEventListener("offline", () => (isOnline.value = false));
  document.addEventListener("visibilitychange", () => {
    clock.beat();
    clock.isAwake = document.visibilityState === "visible";
    if (clock.isAwake) wake();
  });
  window.addEventListener("pageshow", (event) => event.persisted && wake());
  navigator.serviceWorker?.addEventListener("message", (event: MessageEvent) => event.data === "sync" && wake());
  onEnqueue(() => void sync({ isForced: false, withPull: false }));
  subscribe((news) => {
    if (news.about === "account") {
      void readState();
      if (account() !== null) void syncNow();
    }
  });
  setInterval(beat, BEAT_MS);
  void readState();
  void finishSigningOut().catch(() => undefined);
  void syncNow();
}

function wake(): void {
  failures = 0;
  notBefore = 0;
  void reloadOutbox();
  void sync({ isForced: true, withPull: pullIsDue(60_000) });
}

function beat(): void {
  clock.beat();
  const measured = clock.measured();
  if (measured !== null) void device.write("clock", measured).catch(() => undefined);
  if (document.visibilityState === "hidden" || account() === null || needsSignIn.value) return;
  const now = Date.now();
  const isDue = outboxItems.value.some((item) => !isStuck(item) && isPast(item.nextTryAt, now));
  if (isPast(notBefore, now) && (isDue || pullIsDue(PULL_EVERY_MS))) void sync({ isForced: false, withPull: pullIsDue(PULL_EVERY_MS) });
}

const pullIsDue = (every: number): boolean => pulledAt.value === null || Math.abs(Date.now() - pulledAt.value) > every;

async function readState(): Promise<void> {
  pulledAt.value = ((await account()?.database.state.get("pulled_at"))?.value as number | undefined) ?? null;
}

/** One talk at a time in this tab; a wish that comes meanwhile is met right after. */
async function sync(wish: { isForced: boolean; withPull: boolean }): Promise<void> {
  if (account() === null) return;
  isWanted = { isForced: wish.isForced || (isWanted?.isForced ?? false), withPull: wish.withPull || (isWanted?.withPull ?? false) };
  if (isBusy.value) return;
  isBusy.value = true;
  try {
    while (isWanted !== null) {
      const now: { isForced: boolean; withPull: boolean } = isWanted;
      isWanted = null;
      if (!(await talk(now))) break;
    }
  } finally {
    isBusy.value = false;
  }
}

/** Returns whether talking on makes sense. */
async function talk(wish: { isForced: boolean; withPull: boolean }): Promise<boolean> {
  const mine = account();
  if (mine === null || (needsSignIn.value && !wish.isForced)) return false;
  try {
    const ran = await asOnlySender(async () => {
      const before = await mine.database.operations.toCollection().keys();
      await new Flush(mine, wish.isForced).run();
      // What was done has changed tasks and routes: they come at once, not with the next round.
      const left = new Set(await mine.database.operations.toCollection().keys());
      if (wish.withPull || before.some((position) => !left.has(position))) await pull(mine);
    });
    if (!ran) return false; // another tab is at it, and tells when it has done
    failures = 0;
    failure.value = "";
    needsSignIn.value = false;
    await readState();
    return true;
  } catch (error) {
    await meet(error);
    return false;
  } finally {
    await reloadOutbox();
  }
}

async function meet(error: unknown): Promise<void> {
  if (account() === null) return; // signed out meanwhile: what it was about is gone
  if (error instanceof ServerFailure && error.status === 401) await meetUnauthorised();
  failures += 1;
  const told = error instanceof ServerFailure ? (error.retryAfterMs ?? 0) : 0;
  notBefore = Date.now() + Math.max(told, waitMs(failures));
  failure.value = error instanceof Failure ? error.words : `出了意外：${error instanceof Error ? error.message : String(error)}`;
  if (!(error instanceof Failure)) console.error(error);
  publish({ about: "outbox" });
  await wishForBackgroundSync();
}
