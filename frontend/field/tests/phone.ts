/** A phone for tests: signed in, with a server that it talks to. */

import { type Account, account, enter } from "../src/core/account.ts";
import { device, FieldDatabase } from "../src/core/database.ts";
import type { Draft } from "../src/core/drafts.ts";
import { enqueue } from "../src/core/outbox.ts";
import { keepPicture, type Photo } from "../src/core/photo_store.ts";
import { Flush } from "../src/core/sender.ts";
import type { Bytes } from "../src/core/bytes.ts";
import { Server } from "./server.ts";

export const COUNTY = 330521;

/** An empty phone and a fresh server. */
export async function freshPhone(username = "zhang"): Promise<{ mine: Account; server: Server }> {
  account()?.database.close();
  for (const { name } of await indexedDB.databases()) {
    if (name?.startsWith("safegrid-field-") && name !== device.name) await new FieldDatabase(name.slice(15)).delete();
  }
  await device.settings.clear();
  const server = new Server();
  server.install();
  return { mine: await enter(username, "password-1", COUNTY), server };
}

/** A small operation without photos; returns its id. */
export const skip = (label: string, dependsOn: string[] = []): Promise<string> =>
  enqueue("patrols.skip", { task_id: label, site_id: "s", reason: "下雨" }, { label, dependsOn });

/** An operation with photos of these sizes. */
export async function report(label: string, sizes: number[], draft?: Draft<object>): Promise<{ id: string; photos: Photo[] }> {
  const photos: Photo[] = [];
  for (const size of sizes) photos.push(await picture(size, draft?.key ?? "report"));
  const ids = photos.map((photo) => photo.id);
  const payload = {
    kind: "A01", words: label, site_id: null, place_words: "路边", town: "", village: "",
    longitude: 119.9, latitude: 30.5, photos: ids, suspected_major: false, joins: null,
  }; // prettier-ignore
  return { id: await enqueue("cases.report", payload, { label, photos: ids, draft }), photos };
}

export function picture(size: number, draft: string): Promise<Photo> {
  const bytes = new Uint8Array(size).map((_, place) => (place * 31 + size) % 251) as Bytes;
  const facts = { taken_at: "2026-01-01T00:00:00Z", longitude: null, latitude: null, accuracy_m: null, camera_sha256: "" };
  return keepPicture(bytes, "image/jpeg", facts, draft);
}

/** Sends what is due (or all); gives the failure that ended it early. */
export async function flush(mine: Account, isForced = true): Promise<unknown> {
  try {
    await new Flush(mine, isForced).run();
    return null;
  } catch (error) {
    return error;
  }
}
