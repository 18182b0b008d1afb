/** Photos to the server in chunks: what has arrived is not sent again after a broken connection. */

import type { Account } from "./account.ts";
import { factsPlace, photoPlace } from "./boxes.ts";
import type { PhotoRecord } from "./database.ts";
import { ServerFailure } from "./failures.ts";
import { ask } from "./http.ts";
import { type PhotoFacts } from "./photo_store.ts";

const CHUNK_BYTES = 128 * 1024;

interface Progress {
  received: number;
  done: boolean;
}

/** Sends one photo to its end and marks it; raises as `ask`. Damaged on the way it is sent anew once. */
export async function upload(mine: Account, photo: PhotoRecord): Promise<void> {
  const facts = await mine.vault.open<PhotoFacts>(photo.facts, factsPlace(photo.id));
  const bytes = await mine.vault.openBytes(photo.box, photoPlace(photo.id));
  for (let attempt = 0; ; attempt += 1) {
    try {
      await sendBytes(mine, photo, facts, bytes);
      break;
    } catch (error) {
      if (!(error instanceof ServerFailure) || error.code !== "damaged" || attempt > 0) throw error;
    }
  }
  await mine.database.photos.update(photo.id, { status: "uploaded" });
}

async function sendBytes(mine: Account, photo: PhotoRecord, facts: PhotoFacts, bytes: Uint8Array): Promise<void> {
  const taken_at = new Date(Date.parse(facts.taken_at) + photo.lackedMs).toISOString();
  const body = { id: photo.id, size: photo.size, sha256: photo.sha256, media_type: photo.mediaType, ...facts, taken_at };
  let progress = await ask<Progress>(`/${mine.county}/uploads`, { method: "POST", body });
  while (!progress.done) {
    const offset = progress.received;
    const chunk = bytes.slice(offset, offset + CHUNK_BYTES);
    progress = await put(mine, photo.id, offset, chunk);
  }
}

async function put(mine: Account, id: string, offset: number, chunk: Uint8Array): Promise<Progress> {
  try {
    return await ask<Progress>(`/${mine.county}/uploads/${id}?offset=${offset}`, { method: "PUT", body: chunk });
  } catch (error) {
    // Another tab, or the answer to the last chunk was lost: go on from where the server is.
    const received = error instanceof ServerFailure && error.status === 409 ? error.problem["received"] : undefined;
    if (typeof received === "number" && received !== offset) return { received, done: false };
    throw error;
  }
}
