import { expect, test } from "vitest";

import { clock } from "../src/core/clock.ts";
import { flush, freshPhone, report, skip } from "./phone.ts";

const HOUR = 3600_000;

test("what was made under a clock that had been set while the app was closed is corrected by the first answer", async () => {
  const { mine, server } = await freshPhone();
  clock.recall({ offsetMs: 2 * HOUR, seenAt: Date.now() - 60_000 }); // since then the phone was set to the right time
  await skip("甲");
  await report("乙", [500]);
  await flush(mine);
  const offsets = [...server.stored.values()].map((operation) => operation.offset_ms ?? NaN);
  expect(offsets.map((offset) => Math.abs(offset) < 1000)).toEqual([true, true]);
  const [announced] = [...server.uploads.values()].map((upload) => Date.parse(upload.taken_at));
  expect(Math.abs((announced ?? NaN) + 2 * HOUR - Date.parse("2026-01-01T00:00:00Z"))).toBeLessThan(1000);
  expect(server.requests[0]).toBe("GET /session");
});

test("a clock moved between two acts leaves both right", async () => {
  const { mine, server } = await freshPhone();
  const now = Date.now;
  server.time = now;
  await skip("甲");
  Date.now = () => now() + 5 * HOUR;
  try {
    await skip("乙");
    await flush(mine);
  } finally {
    Date.now = now;
  }
  const told = [...server.stored.values()].map(({ device_time, offset_ms }) => Date.parse(device_time) + (offset_ms ?? NaN) - now());
  expect(told.map((error) => Math.abs(error) < 60_000)).toEqual([true, true]);
});
