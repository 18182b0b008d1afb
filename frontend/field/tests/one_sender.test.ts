import { beforeEach, expect, test } from "vitest";

import { device } from "../src/core/database.ts";
import { withLease } from "../src/core/one_sender.ts";

beforeEach(() => device.settings.clear());

test("while one sends, another does not; after it, it may", async () => {
  let release = (): void => undefined;
  const first = withLease(() => new Promise<void>((resolve) => (release = resolve)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  let ran = 0;
  expect(await withLease(async () => void (ran += 1))).toBe(false);
  release();
  expect(await first).toBe(true);
  expect(await withLease(async () => void (ran += 1))).toBe(true);
  expect(ran).toBe(1);
});

test("a lease is given back when sending fails", async () => {
  await expect(withLease(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await withLease(() => Promise.resolve())).toBe(true);
});

test("a holder that died is succeeded when its lease has run out, or was given under another clock", async () => {
  await device.write("lease", { holder: "dead", until: Date.now() - 1 });
  expect(await withLease(() => Promise.resolve())).toBe(true);
  await device.write("lease", { holder: "dead", until: Date.now() + 86_400_000 });
  expect(await withLease(() => Promise.resolve())).toBe(true);
  await device.write("lease", { holder: "alive", until: Date.now() + 30_000 });
  expect(await withLease(() => Promise.resolve())).toBe(false);
});
