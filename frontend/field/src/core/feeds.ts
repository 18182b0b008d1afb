/** Rows pulled from the server, sealed in the database and open in memory while a page looks at them. */

import { computed, type ComputedRef, type Ref, ref, shallowRef, type ShallowRef } from "vue";

import type { FeedName, Feeds, Me, TaskRow } from "../types.ts";
import { type Account, account } from "./account.ts";
import { rowPlace } from "./boxes.ts";
import { subscribe } from "./bus.ts";
import type { RowRecord } from "./database.ts";
import { outboxItems } from "./outbox_view.ts";

interface Opened {
  rows: ShallowRef<ReadonlyMap<string, unknown>>;
  isReady: Ref<boolean>;
}

export interface FeedView<Row> {
  /** Every row, in the order they were read. */
  rows: ComputedRef<readonly Row[]>;
  byId: ComputedRef<ReadonlyMap<string, Row>>;
  /** Whether the phone has been looked through: before that, no rows means nothing. */
  isReady: Readonly<Ref<boolean>>;
}

const opened = new Map<string, Opened>();

subscribe((news) => {
  if (news.about === "account") {
    for (const feed of opened.values()) {
      feed.rows.value = new Map();
      feed.isReady.value = false;
    }
    if (account() !== null) for (const name of opened.keys()) void load(name);
  } else if (news.about === "feeds") {
    for (const name of news.feeds) if (opened.has(name)) void load(name);
  }
});

/** The rows of a feed, kept up to date. */
export function useFeed<Name extends FeedName>(name: Name): FeedView<Feeds[Name]> {
  const feed = openFeed(name);
  return {
    rows: computed(() => [...feed.rows.value.values()] as Feeds[Name][]),
    byId: computed(() => feed.rows.value as ReadonlyMap<string, Feeds[Name]>),
    isReady: feed.isReady,
  };
}

/** The user; null until the phone has been looked through. */
export function useMe(): ComputedRef<Me | null> {
  const { rows } = useFeed("me");
  return computed(() => rows.value[0] ?? null);
}

/** A task, and whether what does it is already on its way. */
export type MyTask = TaskRow & { sending: "waiting" | "stuck" | null };

/** Tasks, each marked when an operation that does it (`enqueue(…, {task})`) is still on the phone. */
export function useTasks(): { tasks: ComputedRef<readonly MyTask[]>; isReady: Readonly<Ref<boolean>> } {
  const { rows, isReady } = useFeed("tasks");
  const sending = computed(() => {
    const states = new Map<string, "waiting" | "stuck">();
    for (const item of outboxItems.value) {
      if (item.task !== null) states.set(item.task, item.status === "conflict" || item.status === "refused" ? "stuck" : "waiting");
    }
    return states;
  });
  const tasks = computed(() => rows.value.map((task) => ({ ...task, sending: sending.value.get(task.id) ?? null })));
  return { tasks, isReady };
}

function openFeed(name: string): Opened {
  let feed = opened.get(name);
  if (feed === undefined) {
    feed = { rows: shallowRef(new Map()), isReady: ref(false) };
    opened.set(name, feed);
    void load(name);
  }
  return feed;
}

const asked = new Map<string, number>();

async function load(name: string): Promise<void> {
  const feed = opened.get(name);
  const mine = account();
  if (feed === undefined || mine === null) return;
  const turn = (asked.get(name) ?? 0) + 1;
  asked.set(name, turn);
  try {
    await fill(name, feed, mine, () => asked.get(name) === turn);
  } catch (error) {
    if (account() === mine) throw error; // else somebody signed out meanwhile, and the database is closed
  }
}

async function fill(name: string, feed: Opened, mine: Account, isLatest: () => boolean): Promise<void> {
  const records = await mine.database.rows.where("feed").equals(name).toArray();
  const open = async (record: RowRecord): Promise<[string, unknown]> => [
    record.id,
    await mine.vault.open(record.box, rowPlace(name, record.id)),
  ];
  const rows = new Map(await Promise.all(records.map(open)));
  // Somebody may have signed out, or a later load may have begun, meanwhile.
  if (account() !== mine || !isLatest()) return;
  feed.rows.value = rows;
  feed.isReady.value = true;
}
