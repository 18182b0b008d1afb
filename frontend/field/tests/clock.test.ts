import { expect, test } from "vitest";

import { waitMs } from "../src/core/backoff.ts";
import { Clock } from "../src/core/clock.ts";
import { uuid7 } from "../src/core/ids.ts";

function phone(error = 0) {
  const hands = { wall: 1_800_000_000_000 + error, steady: 5000 };
  const clock = new Clock(() => hands.wall, () => hands.steady);
  const pass = (ms: number) => ((hands.wall += ms), (hands.steady += ms));
  return { hands, clock, pass };
}

test("the offset is learnt from an answer, half of the travel taken off", () => {
  const { clock, hands, pass } = phone(3600_000);
  const sentAt = hands.steady;
  pass(400);
  clock.learn(1_800_000_000_000 + 200, sentAt);
  expect(clock.offsetMs()).toBe(-3600_000);
  expect(clock.time()).toBe(1_800_000_000_400);
});

test("without an answer there is no offset", () => {
  expect(phone().clock.offsetMs()).toBeNull();
});

test.each([7200_000, -7200_000])("a clock set by %i ms while the app is awake moves the offset with it", (jump) => {
  const { clock, hands, pass } = phone();
  clock.learn(hands.wall, hands.steady);
  pass(9000);
  hands.wall += jump;
  expect(clock.offsetMs()).toBe(-jump);
});

test("sleep with the screen off is no jump, but a clock that went back meanwhile is not trusted", () => {
  const { clock, hands } = phone();
  clock.learn(hands.wall, hands.steady);
  clock.isAwake = false;
  hands.wall += 8 * 3600_000;
  expect(clock.offsetMs()).toBe(0);
  hands.wall -= 3600_000;
  expect(clock.offsetMs()).toBeNull();
});

test("what an earlier run knew is recalled unless the clock has gone back since", () => {
  const { clock, hands } = phone();
  clock.recall({ offsetMs: 500, seenAt: hands.wall - 1000 });
  expect(clock.offsetMs()).toBe(500);
  const other = phone();
  other.clock.recall({ offsetMs: 500, seenAt: other.hands.wall + 60_000 });
  expect(other.clock.offsetMs()).toBeNull();
});

test("waiting doubles up to ten minutes and is scattered", () => {
  expect([1, 2, 3, 20].map((tries) => waitMs(tries, () => 1))).toEqual([5000, 10_000, 20_000, 600_000]);
  expect(waitMs(3, () => 0)).toBe(10_000);
});

test("ids are UUIDv7 and sort by time", () => {
  const ids = [1, 2, 3].map((later) => uuid7(1_800_000_000_000 + later));
  expect([...ids].sort()).toEqual(ids);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(ids[0]!.slice(0, 8) + ids[0]!.slice(9, 13), 16)).toBe(1_800_000_000_001);
});

test("offsets stay whole milliseconds, whatever fractions the monotonic clock counts in", () => {
  const { clock, hands, pass } = phone();
  clock.learn(hands.wall, hands.steady);
  pass(9000);
  hands.steady += 0.3;
  hands.wall += 3600_000;
  expect(clock.offsetMs()).toBe(-3600_000);
});

test("what another tab has measured is taken, and what was made before it is told right", () => {
  const { clock, hands } = phone();
  clock.recall({ offsetMs: 7200_000, seenAt: hands.wall - 1000 });
  const mark = clock.mark();
  hands.wall += 3600_000;
  expect(clock.hear(-3600_000)).toBe(true);
  expect(clock.offsetFor(mark)).toBe(0);
  expect(clock.hear(5)).toBe(false);
});
