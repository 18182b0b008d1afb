/** What changed for this user since the last pull, and what is no longer theirs (wiped). */

import { type Account, account } from "./account.ts";
import { rowPlace } from "./boxes.ts";
import { publish } from "./bus.ts";
import { clock } from "./clock.ts";
import type { RowRecord } from "./database.ts";
import { UnreadableFailure, whileSpaceLasts } from "./failures.ts";
import { ask } from "./http.ts";

interface Page {
  cursor: string;
  more: boolean;
  reset: boolean;
  feeds: Record<string, { rows: { id: string }[]; gone: string[] }>;
}

/** Pulls page by page until there is no more. Each page and its cursor are one transaction: stopped anywhere, it goes on from there. */
export async function pull(mine: Account): Promise<void> {
  for (;;) {
    const cursor = ((await mine.database.state.get("cursor"))?.value as string | undefined) ?? "";
    const query = cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const page = await ask<Page>(`/${mine.county}/pull${query}`, { timeoutMs: 60_000 });
    if (typeof page?.cursor !== "string" || typeof page.feeds !== "object") throw new UnreadableFailure(200);
    const changed = await store(mine, page);
    if (changed.length > 0) publish({ about: "feeds", feeds: changed });
    if (!page.more) break;
  }
  await mine.database.state.put({ name: "pulled_at", value: clock.deviceTime() });
}

/** Forgets what was pulled and where from, so that the next pull brings everything anew. */
export async function forgetPulled(mine: Account): Promise<void> {
  const { database } = mine;
  const feeds = await feedNames(mine);
  await database.transaction("rw", [database.rows, database.state], async () => {
    await database.rows.where("feed").notEqual("me").delete();
    await database.state.delete("cursor");
  });
  publish({ about: "feeds", feeds });
}

/** Keeps one row that came otherwise than by a pull. */
export async function keepRow(mine: Account, feed: string, row: { id: string }): Promise<void> {
  await mine.database.rows.put(await sealed(mine, feed, row));
  publish({ about: "feeds", feeds: [feed] });
}

async function store(mine: Account, page: Page): Promise<string[]> {
  const feeds = Object.entries(page.feeds);
  const rows = await Promise.all(feeds.flatMap(([feed, { rows }]) => rows.map((row) => sealed(mine, feed, row))));
  const gone = feeds.flatMap(([feed, { gone }]) => gone.map((id): [string, string] => [feed, id]));
  const known = page.reset ? await feedNames(mine) : [];
  const { database } = mine;
  await whileSpaceLasts(() =>
    database.transaction("rw", [database.rows, database.state], async () => {
      if (account() !== mine) throw new Error("signed out meanwhile"); // what was pulled has just been wiped
      if (page.reset) await database.rows.clear();
      await database.rows.bulkDelete(gone);
      await database.rows.bulkPut(rows);
      await database.state.put({ name: "cursor", value: page.cursor });
    }),
  );
  const changed = feeds.filter(([, { rows, gone }]) => rows.length + gone.length > 0).map(([feed]) => feed);
  return [...new Set([...known, ...changed])];
}

async function sealed(mine: Account, feed: string, row: { id: string }): Promise<RowRecord> {
  return { feed, id: row.id, box: await mine.vault.seal(row, rowPlace(feed, row.id)) };
}

const feedNames = async (mine: Account): Promise<string[]> =>
  (await mine.database.rows.orderBy("feed").uniqueKeys()).map((name) => String(name));
