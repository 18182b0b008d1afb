/**
 * The app's core as a program without screens, which browser tests put into a page of the app: same origin, same database, same account.
 * It does in numbers what screens do one by one, and sends like another tab. Built by `bundle.mjs`; no part of the app.
 */

import { openAccount } from "../../src/core/account.ts";
import { clock, type Measured } from "../../src/core/clock.ts";
import { device } from "../../src/core/database.ts";
import { sentLog } from "../../src/core/log.ts";
import { enqueue, type EnqueueOptions } from "../../src/core/outbox.ts";
import { outboxItems, reloadOutbox } from "../../src/core/outbox_view.ts";
import { keepPhoto } from "../../src/core/photo.ts";
import { startSync, useSync } from "../../src/core/sync.ts";
import type { OperationKind, Payloads } from "../../src/types.ts";

interface Act {
  kind: OperationKind;
  /** Strings "photo:0", "photo:1" … stand for the pictures. */
  payload: unknown;
  label: string;
  /** Files of the camera, base64. */
  pictures: string[];
  dependsOn: string[];
}

interface Known {
  id: string;
  label: string;
  status: string;
  why: string;
}

const core = {
  /** Opens what is signed in on this phone, and begins to send. */
  async begin(): Promise<void> {
    const measured = await device.read<Measured>("clock");
    if (measured !== undefined) clock.recall(measured);
    if ((await openAccount()) === null) throw new Error("nobody is signed in");
    await reloadOutbox();
    startSync();
  },

  /** One act as a screen does it; returns the operation's id. */
  async act({ kind, payload, label, pictures, dependsOn }: Act): Promise<string> {
    const photos: string[] = [];
    for (const picture of pictures) {
      const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
      const file = new File([bytes], "camera.jpg", { type: "image/jpeg" });
      photos.push((await keepPhoto(file, null, { draft: "by-hand", words: [label] })).id);
    }
    const filled: unknown = JSON.parse(JSON.stringify(payload), (_, value: unknown) =>
      typeof value === "string" && value.startsWith("photo:") ? photos[Number(value.slice(6))] : value,
    );
    const options: EnqueueOptions = { label, photos, dependsOn };
    return enqueue(kind, filled as Payloads[OperationKind], options);
  },

  /** What is on the phone, in order, and then what was sent, the oldest first. */
  async known(): Promise<{ left: Known[]; sent: { id: string; label: string }[] }> {
    await reloadOutbox();
    const left = outboxItems.value.map(({ id, label, status, why }) => ({ id, label, status, why }));
    const sent = (await sentLog()).reverse().map(({ operation, label }) => ({ id: operation, label }));
    return { left, sent };
  },

  /** Sends now. */
  send: (): Promise<void> => useSync().syncNow(),
};

(globalThis as unknown as { core: typeof core }).core = core;
