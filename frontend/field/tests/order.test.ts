import { beforeEach, expect, test } from "vitest";

import type { Account } from "../src/core/account.ts";
import { isPast } from "../src/core/backoff.ts";
import { subscribe } from "../src/core/bus.ts";
import { sentLog } from "../src/core/log.ts";
import { flush, freshPhone, skip } from "./phone.ts";
import type { Server } from "./server.ts";

let mine: Account;
let server: Server;
beforeEach(async () => {
  ({ mine, server } = await freshPhone());
});

test("what the server was too busy for is not overtaken: neither by the rest of the outbox nor by what is done after it", async () => {
  const ids: string[] = [];
  for (let count = 0; count < 52; count += 1) ids.push(await skip(`第 ${count} 件`));
  server.judge = ({ id }) => (ids.indexOf(id) >= 48 ? { status: "later", code: "busy", words: "系统正忙" } : undefined);
  await flush(mine);
  expect(server.order).toEqual(ids.slice(0, 48));
  server.judge = () => undefined;
  ids.push(await skip("后来的"));
  await flush(mine, false);
  expect(server.order).toEqual(ids.slice(0, 48));
  await flush(mine);
  expect(server.order).toEqual(ids);
});

test("after a 503 for all, what is done later waits its turn", async () => {
  const first = await skip("甲");
  server.trouble = (_method, path) => (path.endsWith("/operations") ? { status: 503, headers: { "Retry-After": "30" } } : undefined);
  await flush(mine);
  server.trouble = () => undefined;
  const second = await skip("乙");
  await flush(mine, false);
  expect(server.order).toEqual([]);
  await flush(mine);
  expect(server.order).toEqual([first, second]);
});

test("an operation put off because of itself holds nobody up", async () => {
  const faulty = await skip("甲");
  const other = await skip("乙");
  server.judge = ({ id }) => (id === faulty ? { status: "later", code: "fault", words: "出错" } : undefined);
  await flush(mine);
  expect(server.order).toEqual([other]);
});

test("a moment to wait for that a clock set back has put hours ahead has come", () => {
  expect([isPast(1000, 999), isPast(1000, 1000), isPast(5 * 3600_000, 1000)]).toEqual([false, true, true]);
});

test("what the server says on something it has done is told, and stands in the log", async () => {
  const told: string[] = [];
  const stop = subscribe((news) => news.about === "words" && told.push(news.words));
  await skip("甲");
  server.judge = () => ({ status: "done" });
  const results = server.answered;
  server.answered = (answer) => ({ ...results(answer), result: { id: "x", words: "原案件已办结，已单独立案" } });
  await flush(mine);
  stop();
  expect(told).toEqual(["甲：原案件已办结，已单独立案"]);
  expect((await sentLog()).map((item) => item.words)).toEqual(["原案件已办结，已单独立案"]);
});
