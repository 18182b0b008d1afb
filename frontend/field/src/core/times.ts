/** Times of what was made before the phone knew how wrong its clock is. */

import { type Account, account } from "./account.ts";
import { publish, subscribe } from "./bus.ts";
import { clock } from "./clock.ts";
import type { OperationRecord, PhotoRecord } from "./database.ts";
import { ask } from "./http.ts";

const MEASURED = { timeline: "", movedMs: 0 };
/** For another tab to correct what it has made itself. */
const OTHERS_MS = 300;

/**
 * The outbox in order, its times corrected as far as they can be: asks for the server's time where something was made before it was known.
 * `asksOthers`: give other tabs, whose clocks stand on timelines of their own, the time to correct theirs. Raises as `ask`.
 */
export async function timedOutbox(mine: Account, asksOthers: boolean): Promise<OperationRecord[]> {
  const all = await inOrder(mine);
  if (all.every(isSettled)) return all;
  if (!clock.isMeasured) await ask("/session");
  await correct(mine, all);
  const offsetMs = clock.offsetMs();
  if (!asksOthers || offsetMs === null || all.every(isSettled)) return all;
  publish({ about: "clock", offsetMs });
  await new Promise((resolve) => setTimeout(resolve, OTHERS_MS));
  return inOrder(mine); // what is unsettled now was made by a tab that is gone
}

subscribe((news) => {
  const mine = account();
  if (news.about !== "clock" || mine === null) return;
  clock.hear(news.offsetMs);
  void inOrder(mine).then((all) => correct(mine, all)).catch(() => undefined); // signed out meanwhile: nothing is left to correct
});

const inOrder = (mine: Account): Promise<OperationRecord[]> => mine.database.operations.orderBy("position").toArray();
const isSettled = ({ mark }: OperationRecord): boolean => mark.timeline === "";

async function correct(mine: Account, records: OperationRecord[]): Promise<void> {
  const { operations, photos } = mine.database;
  for (const record of records) {
    const offsetMs = clock.offsetFor(record.mark);
    if (offsetMs === null) continue;
    await mine.database.transaction("rw", [operations, photos], async () => {
      await photos.where("id").anyOf(record.photos).modify(correctPhoto);
      await operations.update(record.position ?? -1, { offsetMs, mark: MEASURED });
    });
    Object.assign(record, { offsetMs, mark: MEASURED });
  }
}

/** What an operation takes along may have been made under an earlier timeline, of which nothing is known any more. */
function correctPhoto(photo: PhotoRecord): void {
  const offsetMs = clock.offsetFor(photo.mark);
  if (offsetMs !== null) Object.assign(photo, { lackedMs: offsetMs - (photo.offsetMs ?? 0), mark: MEASURED });
}
