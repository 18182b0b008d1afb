import { beforeEach, expect, test } from "vitest";

import { account, enter, leave, OldPasswordNeeded, openAccount } from "../src/core/account.ts";
import { device, FieldDatabase } from "../src/core/database.ts";
import { keepRow, pull } from "../src/core/pull.ts";
import { COUNTY, flush, freshPhone, report, skip } from "./phone.ts";

beforeEach(async () => {
  await freshPhone();
});

const everything = async (): Promise<string> => {
  const words: string[] = [];
  for (const { name } of await indexedDB.databases()) {
    if (name === undefined || !name.startsWith("safegrid-field-")) continue;
    const database = name === device.name ? device : new FieldDatabase(name.slice(15));
    for (const table of database.tables) {
      for (const record of await table.toArray()) {
        words.push(JSON.stringify(record, (_, value: unknown) => (value instanceof Uint8Array ? new TextDecoder().decode(value) : value)));
      }
    }
    if (database !== device) database.close();
  }
  return words.join("\n");
};

test("nothing of a row, an operation or a photo lies readable in the database", async () => {
  await keepRow(account()!, "sites", { id: "1", name: "兴旺木业" } as { id: string });
  await report("举报黑作坊", [1000]);
  const all = await everything();
  expect(all).toContain('"feed":"sites"');
  expect(all).not.toMatch(/兴旺木业|举报黑作坊|cases\.report/);
});

test("opening the app again finds the user signed in", async () => {
  const id = await skip("甲");
  account()!.database.close();
  const mine = await openAccount();
  expect(mine?.username).toBe("zhang");
  expect((await mine!.database.operations.toArray()).map((record) => record.id)).toEqual([id]);
});

test("signing out removes key and rows, keeps unsent work, and the same password opens it", async () => {
  await keepRow(account()!, "sites", { id: "1" });
  const { id } = await report("甲", [5000]);
  expect(await leave()).toBe(1);
  expect(account()).toBeNull();
  expect(await openAccount()).toBeNull();
  expect(await device.read("signed")).toBeUndefined();
  const again = await enter("zhang", "password-1", COUNTY);
  expect(await again.database.rows.count()).toBe(0);
  const { server } = await withServer();
  expect(await flush(again)).toBeNull();
  expect([...server.stored.keys()]).toEqual([id]);
});

test("with nothing unsent, signing out leaves nothing behind, and the phone is another device afterwards", async () => {
  const before = account()!.deviceId;
  await leave();
  expect((await device.settings.toArray()).filter(({ name }) => name !== "clock")).toEqual([]);
  expect((await enter("zhang", "password-1", COUNTY)).deviceId).not.toBe(before);
});

test("another user has a database of their own and cannot open the first one's work", async () => {
  await skip("甲的");
  const [space, wrapped] = [account()!.space, await device.read(`wrapped:${account()!.space}`)];
  await leave();
  const other = await enter("li", "password-1", COUNTY);
  expect(other.space).not.toBe(space);
  expect(await other.database.operations.count()).toBe(0);
  const left = new FieldDatabase(space);
  const [record] = await left.operations.toArray();
  await expect(other.vault.open(record!.box, `operation:${record!.id}`)).rejects.toThrow();
  expect(await device.read(`wrapped:${space}`)).toEqual(wrapped);
  left.close();
});

test("a password changed while signed out asks for the old one; the old one opens, the new one serves from then on", async () => {
  await skip("甲");
  await leave();
  await expect(enter("zhang", "password-2", COUNTY)).rejects.toBeInstanceOf(OldPasswordNeeded);
  await expect(enter("zhang", "password-2", COUNTY, "wrong")).rejects.toBeInstanceOf(OldPasswordNeeded);
  expect(await (await enter("zhang", "password-2", COUNTY, "password-1")).database.operations.count()).toBe(1);
  await leave();
  expect(await (await enter("zhang", "password-2", COUNTY)).database.operations.count()).toBe(1);
});

test("a password changed while signed in needs nothing: the key is there", async () => {
  await skip("甲");
  await enter("zhang", "password-2", COUNTY);
  await leave();
  expect(await (await enter("zhang", "password-2", COUNTY)).database.operations.count()).toBe(1);
});

async function withServer() {
  const { Server } = await import("./server.ts");
  const server = new Server();
  server.install();
  return { server };
}

test("a tab that learns late of its sign-out leaves alone who signed in since", async () => {
  await device.write("signed", { space: "other", deviceId: "another device" });
  const name = `wrapped:${account()!.space}`;
  await device.write(name, "kept");
  expect(await leave()).toBe(0);
  expect(account()).toBeNull();
  expect(await device.read("signed")).toMatchObject({ deviceId: "another device" });
  expect(await device.read(name)).toBe("kept");
});

test("what is pulled while signing out is not kept", async () => {
  const { mine, server } = await freshPhone();
  await skip("甲");
  server.pages[""] = { cursor: "1", more: false, reset: false, feeds: { sites: { rows: [{ id: "a" }], gone: [] } } };
  const count = mine.database.operations.count.bind(mine.database.operations);
  mine.database.operations.count = (async () => {
    mine.database.operations.count = count;
    await pull(mine).catch(() => undefined);
    return count();
  }) as never;
  await leave();
  const left = new FieldDatabase(mine.space);
  expect([await left.rows.count(), await left.state.count()]).toEqual([0, 0]);
  left.close();
});
