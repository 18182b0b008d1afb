import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { whileWriting } from "../src/core/outbox.ts";
import { applyUpdate, hasUpdate, startWorker } from "../src/core/worker.ts";

const soon = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  await vi.advanceTimersByTimeAsync(60_000);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A phone on which the app is installed, its next version waiting. */
function phone() {
  const container = Object.assign(new EventTarget(), {
    controller: null as object | null,
    ready: new Promise(() => undefined),
    register: async () => registration,
  });
  const told: unknown[] = [];
  const next = Object.assign(new EventTarget(), { postMessage: (words: unknown) => told.push(words) });
  const registration = Object.assign(new EventTarget(), { waiting: null as object | null, installing: next, update: async () => undefined });
  const reload = vi.fn();
  vi.stubGlobal("navigator", { serviceWorker: container });
  vi.stubGlobal("location", { reload });
  vi.stubGlobal("setInterval", () => 0);
  const change = (): boolean => container.dispatchEvent(new Event("controllerchange"));
  const install = (): void => {
    container.controller = {};
    registration.dispatchEvent(new Event("updatefound"));
    registration.waiting = next;
    next.dispatchEvent(new Event("statechange"));
  };
  return { registration, told, reload, change, install };
}

test("an update is taken also where the page was the first to install the app, and nobody is reloaded unasked", async () => {
  const { registration, told, reload, change, install } = phone();
  await startWorker();
  change(); // the first worker takes the page
  install();
  expect(hasUpdate.value).toBe(true);
  expect(reload).not.toHaveBeenCalled();
  void applyUpdate();
  void applyUpdate(); // asked for on another screen
  await soon();
  change();
  await soon();
  expect(told).toEqual(["activate"]);
  expect(reload).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(20_000);
  registration.waiting = null; // another tab has taken it: this one has but to follow
  void applyUpdate();
  await soon();
  expect(told).toEqual(["activate"]);
  expect(reload).toHaveBeenCalledTimes(2);
});

test("an update that the browser holds back is told, may be asked for again, and reloads nobody later", async () => {
  const { told, reload, change, install } = phone();
  await startWorker();
  install();
  const heldBack = applyUpdate();
  await vi.advanceTimersByTimeAsync(20_000);
  await heldBack;
  change(); // minutes later, in the middle of something
  expect(reload).not.toHaveBeenCalled();
  void applyUpdate();
  await soon();
  change();
  await soon();
  expect(told).toEqual(["activate", "activate"]);
  expect(reload).toHaveBeenCalledTimes(1);
});

test("an update waits for what is being saved when it comes", async () => {
  const { reload, change, install } = phone();
  await startWorker();
  install();
  void applyUpdate();
  await soon();
  let saved = (): void => undefined;
  void whileWriting(() => new Promise<void>((resolve) => (saved = resolve)));
  change();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(reload).not.toHaveBeenCalled();
  saved();
  await vi.advanceTimersByTimeAsync(200);
  expect(reload).toHaveBeenCalledTimes(1);
});
