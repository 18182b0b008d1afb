import { beforeEach, expect, test } from "vitest";

import type { Account } from "../src/core/account.ts";
import { draftForCorrection, openDraft, sweepPhotos } from "../src/core/drafts.ts";
import { giveUp } from "../src/core/outbox.ts";
import { outboxItems, reloadOutbox } from "../src/core/outbox_view.ts";
import { flush, freshPhone, picture, report } from "./phone.ts";
import type { Server } from "./server.ts";

let mine: Account;
let server: Server;
beforeEach(async () => {
  ({ mine, server } = await freshPhone());
});

const form = (operation: string | null = null) => openDraft("report", () => ({ words: "", photos: [] as string[] }), "/report", operation);

test("every keystroke is kept and found again", async () => {
  const draft = form();
  await draft.ready;
  draft.content.words = "灭";
  draft.content.words = "灭火器";
  draft.content.photos.push("p");
  await draft.settle();
  const again = form();
  await again.ready;
  expect(again.content).toEqual({ words: "灭火器", photos: ["p"] });
  expect(again.isRestored.value).toBe(true);
});

test("what is typed before the phone was looked through is not overwritten", async () => {
  const before = form();
  await before.ready;
  before.content.words = "旧";
  await before.settle();
  const draft = form();
  draft.content.words = "新";
  await draft.ready;
  expect(draft.content.words).toBe("新");
});

test("saving takes the draft away with the same stroke, and photos removed from it", async () => {
  const draft = form();
  await draft.ready;
  draft.content.words = "甲";
  await picture(500, draft.key); // taken, and taken out again
  await report("甲", [600], draft);
  draft.content.words = "later keystroke";
  await draft.settle();
  expect(await mine.database.drafts.count()).toBe(0);
  expect((await mine.database.photos.toArray()).map(({ size, status }) => [size, status])).toEqual([[600, "waiting"]]);
});

test("a refused operation is corrected in its screen and keeps its id, turn and time", async () => {
  const draft = form();
  await draft.ready;
  draft.content.words = "错";
  const { id, photos } = await report("甲", [700], draft);
  const other = await report("乙", []);
  server.judge = (operation) => (operation.payload["words"] === "甲" ? { status: "refused", words: "请改正" } : undefined);
  await flush(mine);
  await reloadOutbox();
  const item = outboxItems.value[0]!;
  const made = (await mine.database.operations.toArray())[0]!;
  expect(await draftForCorrection(item.id, item.opens!)).toBe(`/report?correct=${id}`);
  const correction = form(id);
  await correction.ready;
  expect(correction.content.words).toBe("错");
  expect(correction.correcting.value).toBe(id);
  const corrected = await report("甲改", [800], correction);
  expect(corrected.id).toBe(id);
  const again = (await mine.database.operations.toArray())[0]!;
  expect([again.position, again.deviceTime]).toEqual([made.position, made.deviceTime]);
  expect(await mine.database.photos.get(photos[0]!.id)).toBeUndefined();
  await flush(mine);
  expect(server.order).toEqual([other.id, id]);
});

test("giving up an operation forgets its correction; sent meanwhile, a correction is another act", async () => {
  const draft = form();
  await draft.ready;
  draft.content.words = "错";
  const { id } = await report("甲", [], draft);
  await draftForCorrection(id, { path: "/report", key: "report", content: { words: "错" } });
  const correction = form(id);
  await correction.ready;
  await picture(500, correction.key);
  await flush(mine);
  const other = await report("甲改", [], correction);
  expect(other.id).not.toBe(id);
  await draftForCorrection(other.id, { path: "/report", key: "report", content: { words: "错" } });
  await picture(500, `report#${other.id}`);
  await giveUp(other.id);
  expect([await mine.database.drafts.count(), await mine.database.photos.count()]).toEqual([0, 0]);
});

test("clearing forgets text and photos", async () => {
  const draft = form();
  await draft.ready;
  draft.content.words = "甲";
  await picture(500, draft.key);
  await draft.clear();
  expect(draft.content).toEqual({ words: "", photos: [] });
  expect([await mine.database.drafts.count(), await mine.database.photos.count()]).toEqual([0, 0]);
  draft.content.words = "乙";
  await draft.settle();
  expect(await mine.database.drafts.count()).toBe(1);
});

test("photos whose draft is gone are swept after a day", async () => {
  const photo = await picture(500, "lost");
  await sweepPhotos();
  expect(await mine.database.photos.count()).toBe(1);
  await mine.database.photos.update(photo.id, { keptAt: Date.now() - 25 * 3600_000 });
  await sweepPhotos();
  expect(await mine.database.photos.count()).toBe(0);
});
