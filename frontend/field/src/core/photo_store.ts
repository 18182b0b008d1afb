/** Pictures on the phone, sealed. */

import { onScopeDispose, type Ref, ref, watch } from "vue";

import { account, signedIn } from "./account.ts";
import { factsPlace, photoPlace } from "./boxes.ts";
import { type Bytes, sha256 } from "./bytes.ts";
import { clock, type Mark } from "./clock.ts";
import { uuid7 } from "./ids.ts";
import { whileWriting } from "./outbox.ts";

/** What is known of a picture besides its bytes; goes to the server with it. */
export interface PhotoFacts {
  /** ISO 8601, corrected by what is known of the clock's error. */
  taken_at: string;
  longitude: number | null;
  latitude: number | null;
  accuracy_m: number | null;
  /** SHA-256 of the camera's own file; empty for a drawing. */
  camera_sha256: string;
}

/** A picture kept for a draft: name its id in the payload and in `photos` of `enqueue`. */
export interface Photo extends PhotoFacts {
  id: string;
  size: number;
}

/** The clock by which a moment is told. Read once: it may learn better while the picture is being made. */
export interface Reading {
  mark: Mark;
  offsetMs: number | null;
}

export const readClock = (): Reading => ({ mark: clock.mark(), offsetMs: clock.offsetMs() });

/** Seals and keeps a picture for a draft; its `taken_at` was told by `read`. Raises `StorageFull`. */
export async function keepPicture(bytes: Bytes, mediaType: string, facts: PhotoFacts, draft: string, read = readClock()): Promise<Photo> {
  const id = uuid7();
  await whileWriting(async () => {
    const { vault, database } = signedIn();
    const [hash, sealedFacts, box] = await Promise.all([
      sha256(bytes),
      vault.seal(facts, factsPlace(id)),
      vault.sealBytes(bytes, photoPlace(id)),
    ]);
    const keptAt = clock.deviceTime();
    const size = bytes.byteLength;
    const time = { ...read, lackedMs: 0 };
    await database.photos.put({ id, status: "draft", draft, keptAt, size, sha256: hash, mediaType, facts: sealedFacts, box, ...time });
  });
  return { id, size: bytes.byteLength, ...facts };
}

/** Removes a picture that no operation has taken yet. */
export async function dropPicture(id: string): Promise<void> {
  const { database } = signedIn();
  await database.photos.where("id").equals(id).filter((photo) => photo.draft !== "").delete();
}

/** A picture as an address for `<img>`; null when it is not on the phone (any more). */
export function usePhotoUrl(id: () => string): Readonly<Ref<string | null>> {
  const url = ref<string | null>(null);
  const release = (): void => {
    if (url.value !== null) URL.revokeObjectURL(url.value);
    url.value = null;
  };
  watch(
    id,
    async (wanted) => {
      release();
      const mine = account();
      const photo = await mine?.database.photos.get(wanted);
      if (mine === null || photo === undefined) return;
      const bytes = await mine.vault.openBytes(photo.box, photoPlace(wanted));
      if (id() === wanted) url.value = URL.createObjectURL(new Blob([bytes], { type: photo.mediaType }));
    },
    { immediate: true },
  );
  onScopeDispose(release);
  return url;
}
