import { expect, test } from "vitest";

import { encode } from "../src/core/bytes.ts";
import { importKey, randomKey, unwrap, Vault, wrap, WrongPassword } from "../src/core/vault.ts";

const vault = async (): Promise<Vault> => new Vault(await importKey(randomKey()));

test("what is sealed opens again, and looks different every time", async () => {
  const mine = await vault();
  const [one, two] = [await mine.seal({ name: "兴旺木业" }, "row:1"), await mine.seal({ name: "兴旺木业" }, "row:1")];
  expect(await mine.open(one, "row:1")).toEqual({ name: "兴旺木业" });
  expect(one).not.toEqual(two);
  expect(new TextDecoder().decode(one)).not.toContain("兴旺");
});

test("a box does not open in another place, with another key, or changed by a bit", async () => {
  const mine = await vault();
  const box = await mine.seal("secret", "row:1");
  await expect(mine.open(box, "row:2")).rejects.toThrow();
  await expect((await vault()).open(box, "row:1")).rejects.toThrow();
  box[20] = (box[20] ?? 0) ^ 1;
  await expect(mine.open(box, "row:1")).rejects.toThrow();
});

test("the kept key does not give its bytes away", async () => {
  const key = await importKey(randomKey());
  expect(key.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
});

test("a wrapped key opens with its password alone", async () => {
  const raw = randomKey();
  const wrapped = await wrap(raw, "right password", 1000);
  expect(await unwrap(wrapped, "right password")).toEqual(raw);
  await expect(unwrap(wrapped, "wrong password")).rejects.toBeInstanceOf(WrongPassword);
  expect(wrapped.box).not.toEqual(raw);
});

test("empty and large bytes pass", async () => {
  const mine = await vault();
  for (const data of [new Uint8Array(), new Uint8Array(300_000).fill(7), encode("字")]) {
    expect(Buffer.compare(await mine.openBytes(await mine.sealBytes(data, "x"), "x"), data)).toBe(0);
  }
});
