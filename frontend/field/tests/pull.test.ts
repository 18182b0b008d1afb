import { beforeEach, expect, test } from "vitest";

import type { Account } from "../src/core/account.ts";
import { rowPlace } from "../src/core/boxes.ts";
import { forgetPulled, pull } from "../src/core/pull.ts";
import { freshPhone, skip } from "./phone.ts";
import type { Server } from "./server.ts";

let mine: Account;
let server: Server;
beforeEach(async () => {
  ({ mine, server } = await freshPhone());
});

const page = (cursor: string, feeds: object, extra: object = {}) => ({ cursor, more: false, reset: false, feeds, ...extra });
const rows = async (feed: string): Promise<unknown[]> => {
  const records = await mine.database.rows.where("feed").equals(feed).toArray();
  return Promise.all(records.map((record) => mine.vault.open(record.box, rowPlace(feed, record.id))));
};

test("pages are pulled while there is more, changed rows replaced, rows gone wiped", async () => {
  server.pages[""] = page("1", { sites: { rows: [{ id: "a", n: 1 }, { id: "b", n: 1 }], gone: [] } }, { more: true, reset: true });
  server.pages["1"] = page("2", { sites: { rows: [{ id: "a", n: 2 }], gone: ["b"] }, kinds: { rows: [{ id: "k" }], gone: [] } });
  await pull(mine);
  expect(await rows("sites")).toEqual([{ id: "a", n: 2 }]);
  expect(await rows("kinds")).toEqual([{ id: "k" }]);
  expect((await mine.database.state.get("cursor"))?.value).toBe("2");
});

test("reset forgets what is not sent again, and unsent work stays", async () => {
  server.pages[""] = page("1", { sites: { rows: [{ id: "a" }], gone: [] } });
  await pull(mine);
  await skip("甲");
  server.pages["1"] = page("9", { kinds: { rows: [{ id: "k" }], gone: [] } }, { reset: true });
  await pull(mine);
  expect(await rows("sites")).toEqual([]);
  expect(await mine.database.operations.count()).toBe(1);
});

test("a line that breaks between pages goes on from the page that came", async () => {
  server.pages[""] = page("1", { sites: { rows: [{ id: "a" }], gone: [] } }, { more: true });
  server.pages["1"] = page("2", { sites: { rows: [{ id: "b" }], gone: [] } });
  server.trouble = (_method, path) => (path.includes("cursor=1") ? "drop" : undefined);
  await expect(pull(mine)).rejects.toMatchObject({ code: "network" });
  expect(await rows("sites")).toEqual([{ id: "a" }]);
  server.trouble = () => undefined;
  await pull(mine);
  expect(await rows("sites")).toEqual([{ id: "a" }, { id: "b" }]);
});

test("an answer that is no pull changes nothing", async () => {
  server.pages[""] = page("1", { sites: { rows: [{ id: "a" }], gone: [] } });
  await pull(mine);
  server.trouble = () => ({ status: 200, body: { cursor: 5 } });
  await expect(pull(mine)).rejects.toMatchObject({ code: "unreadable" });
  expect(await rows("sites")).toEqual([{ id: "a" }]);
});

test("forgetting what was pulled asks for everything again, without who is signed in", async () => {
  server.pages[""] = page("1", { sites: { rows: [{ id: "a" }], gone: [] }, me: { rows: [{ id: "m" }], gone: [] } });
  await pull(mine);
  await forgetPulled(mine);
  expect(await rows("sites")).toEqual([]);
  expect(await rows("me")).toEqual([{ id: "m" }]);
  await pull(mine);
  expect(server.requests.filter((line) => line === "GET /330521/pull")).toHaveLength(2);
});
