import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { account } from "../src/core/account.ts";
import { device } from "../src/core/database.ts";
import "../src/core/session.ts";
import { freshPhone } from "./phone.ts";

let reloads = 0;
let other: BroadcastChannel;
beforeEach(async () => {
  await freshPhone();
  reloads = 0;
  vi.stubGlobal("location", { reload: () => (reloads += 1) });
  other = new BroadcastChannel("safegrid-field");
});
afterEach(() => {
  other.close();
  vi.unstubAllGlobals();
});

const hear = async (): Promise<void> => {
  other.postMessage({ about: "account" });
  await new Promise((resolve) => setTimeout(resolve, 100));
};

test("a page begins anew when another tab has signed out or somebody else in", async () => {
  await device.write("signed", { space: "other", deviceId: "another device" });
  await hear();
  expect(reloads).toBe(1);
  await device.settings.delete("signed");
  await hear();
  expect(reloads).toBe(2);
});

test("the same user signing in again in another tab disturbs nothing", async () => {
  await hear();
  expect([reloads, account()?.username]).toEqual([0, "zhang"]);
});
