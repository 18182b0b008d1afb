import { afterEach, expect, test, vi } from "vitest";

import { applyUpdate, hasUpdate, startWorker } from "../src/core/worker.ts";

afterEach(() => {
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
  change();
  expect(told).toEqual(["activate"]);
  expect(reload).toHaveBeenCalledTimes(1);
  registration.waiting = null; // another tab has taken it: this one has but to follow
  void applyUpdate();
  expect(told).toEqual(["activate"]);
  expect(reload).toHaveBeenCalledTimes(2);
});

test("an update that the browser holds back is told, may be asked for again, and reloads nobody later", async () => {
  vi.useFakeTimers();
  const { told, reload, change, install } = phone();
  await startWorker();
  install();
  const heldBack = applyUpdate();
  await vi.advanceTimersByTimeAsync(20_000);
  await heldBack;
  change(); // minutes later, in the middle of something
  expect(reload).not.toHaveBeenCalled();
  void applyUpdate();
  change();
  expect(told).toEqual(["activate", "activate"]);
  expect(reload).toHaveBeenCalledTimes(1);
});
