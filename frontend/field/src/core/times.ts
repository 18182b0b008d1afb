/** Times of what was made before the phone knew how wrong its clock is. */

import type { Account } from "./account.ts";
import { clock } from "./clock.ts";
import type { OperationRecord, PhotoRecord } from "./database.ts";
import { ask } from "./http.ts";

/** Asks for the server's time where something made since the app was opened needs it, and corrects what was made. Raises as `ask`. */
export async function correctTimes(mine: Account): Promise<void> {
  const { operations, photos } = mine.database;
  const isOpen = ({ mark }: OperationRecord | PhotoRecord): boolean => clock.covers(mark);
  if (!clock.isMeasured && (await operations.filter(isOpen).count()) > 0) await ask("/session");
  await operations.filter(isOpen).modify((record) => {
    const offsetMs = clock.offsetFor(record.mark);
    if (offsetMs !== null) Object.assign(record, { offsetMs, mark: { timeline: "", movedMs: 0 } });
  });
  await photos.filter(isOpen).modify((photo) => {
    const offsetMs = clock.offsetFor(photo.mark);
    if (offsetMs !== null) Object.assign(photo, { lackedMs: offsetMs - (photo.offsetMs ?? 0), mark: { timeline: "", movedMs: 0 } });
  });
}
