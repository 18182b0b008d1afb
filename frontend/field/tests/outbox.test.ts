import { beforeEach, expect, test } from "vitest";

import type { Account } from "../src/core/account.ts";
import { StorageFull } from "../src/core/failures.ts";
import { sentLog } from "../src/core/log.ts";
import { enqueue, giveUp, retry } from "../src/core/outbox.ts";
import { outboxItems, reloadOutbox } from "../src/core/outbox_view.ts";
import { flush, freshPhone, picture, report, skip } from "./phone.ts";
import type { Server } from "./server.ts";

let mine: Account;
let server: Server;
beforeEach(async () => {
  ({ mine, server } = await freshPhone());
});

const left = async () => {
  await reloadOutbox();
  return outboxItems.value;
};

test("operations arrive in the order made, at most 50 at once, and leave the phone", async () => {
  const ids: string[] = [];
  for (let count = 0; count < 60; count += 1) ids.push(await skip(`第 ${count} 件`));
  expect(await flush(mine)).toBeNull();
  expect(server.order).toEqual(ids);
  expect(server.batches.map((batch) => batch.length)).toEqual([50, 10]);
  expect(await left()).toEqual([]);
  expect((await sentLog()).map((item) => item.operation)).toEqual([...ids].reverse());
});

test("a lost answer is asked for again and stored once", async () => {
  const id = await skip("甲");
  server.trouble = (_method, path) => (path.endsWith("/operations") ? "lose" : undefined);
  expect(await flush(mine)).toMatchObject({ code: "network" });
  expect((await left()).map((item) => item.status)).toEqual(["waiting"]);
  server.trouble = () => undefined;
  await flush(mine);
  expect(server.order).toEqual([id]);
  expect(await left()).toEqual([]);
});

test.each([
  ["401", { status: 401, body: { code: "not_signed_in", detail: "请登录" } }],
  ["403", { status: 403, body: { code: "csrf", detail: "请刷新" } }],
  ["404", { status: 404, raw: "<html>" }],
  ["500", { status: 500, raw: "<html>" }],
  ["502 of a proxy", { status: 502, raw: "bad gateway" }],
  ["503", { status: 503, headers: { "Retry-After": "30" } }],
  ["a captive portal's page", { status: 200, raw: "<html>login</html>", headers: { "Content-Type": "text/html" } }],
  ["half an answer", { status: 200, raw: '{"answers": [{' }],
  ["an answer that says nothing", { status: 200, body: {} }],
  ["an answer to something else", { status: 200, body: { answers: [{ id: "x", status: "done" }] } }],
])("nothing is dropped on %s", async (_, reply) => {
  const first = await report("甲", [3000]);
  const second = await skip("乙");
  server.trouble = (_method, path) => (path.endsWith("/operations") ? reply : undefined);
  await flush(mine);
  expect((await left()).map((item) => [item.id, item.status === "waiting" || item.status === "later"])).toEqual([[first.id, true], [second, true]]);
  expect(await mine.database.photos.count()).toBe(1);
  server.trouble = () => undefined;
  expect(await flush(mine)).toBeNull();
  expect(server.order).toEqual([first.id, second]);
});

test("Retry-After is kept to, and a flush that is not forced waits for it", async () => {
  await skip("甲");
  server.trouble = () => ({ status: 503, headers: { "Retry-After": "120" } });
  const before = Date.now();
  await flush(mine, false);
  const [item] = await left();
  expect(item!.status).toBe("later");
  expect(item!.nextTryAt - before).toBeGreaterThanOrEqual(120_000);
  server.trouble = () => undefined;
  await flush(mine, false);
  expect(server.stored.size).toBe(0);
  await flush(mine, true);
  expect(server.stored.size).toBe(1);
});

test("conflict and refused stay with the server's words until the user acts; others pass by them", async () => {
  const [taken, wrong, fine] = [await skip("被抢先"), await skip("填错"), await skip("没事")];
  server.judge = ({ id }) =>
    id === taken ? { status: "conflict", words: "李四已复查" } : id === wrong ? { status: "refused", words: "请改正", fields: { reason: "太短" } } : undefined;
  await flush(mine);
  await flush(mine);
  expect(server.order).toEqual([fine]);
  expect((await left()).map(({ status, why, verdict }) => [status, why, verdict!.fields])).toEqual([
    ["conflict", "李四已复查", {}],
    ["refused", "请改正", { reason: "太短" }],
  ]);
  expect(server.requests.filter((line) => line.endsWith("/operations"))).toHaveLength(1); // not asked again by itself
  server.judge = () => undefined;
  await retry(taken);
  await flush(mine);
  expect(server.order).toEqual([fine, taken]);
});

test("what depends on an operation waits for it, and goes in the same batch after it", async () => {
  const first = await skip("甲");
  const second = await skip("乙", [first]);
  server.judge = ({ id }) => (id === first ? { status: "refused", words: "错" } : undefined);
  await flush(mine);
  expect((await left()).map((item) => item.status)).toEqual(["refused", "later"]);
  await flush(mine);
  expect((await left())[1]!.why).toBe("等前一件发出后再发");
  server.judge = () => undefined;
  await retry(first);
  await flush(mine);
  expect(server.order).toEqual([first, second]);
});

test("giving one up removes it with its photos and tells what depended on it", async () => {
  const first = await report("甲", [2000]);
  await skip("乙", [first.id]);
  await giveUp(first.id);
  expect(await mine.database.photos.count()).toBe(0);
  expect((await left()).map(({ label, status, dependsOn }) => [label, status, dependsOn])).toEqual([["乙", "refused", []]]);
});

test("one operation that the server cannot read does not hold the others up", async () => {
  const [bad, good] = [await skip("坏"), await skip("好")];
  server.trouble = (_method, path) => {
    if (!path.endsWith("/operations")) return undefined;
    return nextHolds(bad) ? { status: 422, body: { code: "invalid", detail: "看不懂", fields: { reason: "不对" } } } : undefined;
  };
  let seen = 0;
  const nextHolds = (id: string): boolean => {
    seen += 1;
    return id === bad && seen <= 2; // the batch of both, then the bad one alone
  };
  await flush(mine);
  expect(server.order).toEqual([good]);
  expect((await left()).map(({ id, status, why }) => [id, status, why])).toEqual([[bad, "refused", "看不懂"]]);
});

test("photos go first, in chunks, and a broken line does not send them twice", async () => {
  const { id, photos } = await report("甲", [300 * 1024]);
  let puts = 0;
  server.trouble = (method) => (method === "PUT" && ++puts === 2 ? "drop" : undefined);
  expect(await flush(mine)).toMatchObject({ code: "network" });
  expect(server.uploads.get(photos[0]!.id)!.bytes.length).toBe(128 * 1024);
  await flush(mine);
  expect(server.chunks).toBe(3);
  expect(server.order).toEqual([id]);
  expect(await mine.database.photos.count()).toBe(0);
});

test("a chunk whose answer was lost goes on where the server is", async () => {
  const { id } = await report("甲", [200 * 1024]);
  let puts = 0;
  server.trouble = (method) => (method === "PUT" && ++puts === 1 ? "lose" : undefined);
  await flush(mine);
  await flush(mine);
  expect(server.chunks).toBe(2);
  expect(server.order).toEqual([id]);
});

test("photos that the server has lost are sent again in the same flush", async () => {
  const { id, photos } = await report("甲", [1000]);
  server.trouble = (_method, path) => (path.endsWith("/operations") ? "drop" : undefined);
  await flush(mine);
  server.trouble = () => undefined;
  server.uploads.delete(photos[0]!.id);
  await flush(mine);
  expect(server.order).toEqual([id]);
});

test("the clock's error known when it was made goes with the operation", async () => {
  server.time = () => Date.now() + 3 * 3600_000;
  await skip("之前");
  await flush(mine);
  await skip("之后");
  await flush(mine);
  const offsets = [...server.stored.values()].map((operation) => operation.offset_ms);
  expect(Math.abs((offsets[1] ?? 0) - 3 * 3600_000)).toBeLessThan(2000);
});

test("a phone that is full says so; operation and photo are not half saved", async () => {
  const photo = await picture(1000, "report");
  const put = mine.database.operations.put.bind(mine.database.operations);
  mine.database.operations.put = () => Promise.reject(Object.assign(new Error("full"), { name: "QuotaExceededError" })) as never;
  await expect(
    enqueue("notices.read", { notice_id: "1" }, { label: "甲", photos: [photo.id] }),
  ).rejects.toBeInstanceOf(StorageFull);
  mine.database.operations.put = put;
  expect(await left()).toEqual([]);
  expect((await mine.database.photos.toArray()).map(({ status }) => status)).toEqual(["draft"]);
});
