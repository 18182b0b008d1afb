import { afterEach, expect, test, vi } from "vitest";

import { applyUpdate, hasUpdate, startWorker } from "../src/core/worker.ts";

afterEach(() => vi.unstubAllGlobals());

test("an update is taken also where the page was the first to install the app, and nobody is reloaded unasked", async () => {
  const container = Object.assign(new EventTarget(), {
    controller: null as object | null,
    ready: new Promise(() => undefined),
    register: async () => registration,
  });
  const told: unknown[] = [];
  const installing = Object.assign(new EventTarget(), { postMessage: (words: unknown) => told.push(words) });
  const registration = Object.assign(new EventTarget(), { waiting: null as object | null, installing, update: async () => undefined });
  let reloads = 0;
  vi.stubGlobal("navigator", { serviceWorker: container });
  vi.stubGlobal("location", { reload: () => (reloads += 1) });
  vi.stubGlobal("setInterval", () => 0);
  await startWorker();
  container.controller = {};
  container.dispatchEvent(new Event("controllerchange")); // the first worker takes the page
  registration.dispatchEvent(new Event("updatefound"));
  registration.waiting = installing;
  installing.dispatchEvent(new Event("statechange"));
  expect([hasUpdate.value, reloads]).toEqual([true, 0]);
  await applyUpdate();
  container.dispatchEvent(new Event("controllerchange"));
  expect([told, reloads]).toEqual([["activate"], 1]);
  registration.waiting = null; // another tab has taken it: this one has but to follow
  await applyUpdate();
  expect([told, reloads]).toEqual([["activate"], 2]);
});
