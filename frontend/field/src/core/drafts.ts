/** What is being filled in, kept at every keystroke: a page that was killed opens as it was. */

import { reactive, type Ref, ref, shallowRef, watch } from "vue";
import { useRoute } from "vue-router";

import { account, signedIn } from "./account.ts";
import { draftPlace } from "./boxes.ts";
import { clock } from "./clock.ts";
import { whileWriting } from "./outbox.ts";
import { showFailure } from "./tell.ts";

interface DraftContent {
  content: object;
  correcting: string | null;
}

export interface Draft<Content extends object> {
  /** What is filled in; changing it, however deep, keeps it. */
  content: Content;
  /** Where it is kept: give it to `takePhotos`. */
  key: string;
  /** The key without the operation that is being corrected. */
  baseKey: string;
  /** The page's path, for coming back. */
  path: string;
  /** Whether the phone has been looked through for an earlier draft. */
  isReady: Readonly<Ref<boolean>>;
  /** Whether there was one. */
  isRestored: Readonly<Ref<boolean>>;
  /** The operation that is being corrected, or null. */
  correcting: Readonly<Ref<string | null>>;
  /** Resolves when `isReady`. */
  ready: Promise<void>;
  /** Throws away what is filled in, with its photos, and begins anew. */
  clear(): Promise<void>;
  /** For `enqueue`: waits for writes under way. */
  settle(): Promise<void>;
  /** For `enqueue`: it has become an operation and is not written any more. */
  finish(): void;
}

/** A draft under a name of the page ("report", `visit:${site}`). On `?correct=<operation>` it is that operation's. */
export function useDraft<Content extends object>(baseKey: string, initial: () => Content): Draft<Content> {
  const route = useRoute();
  const asked = route.query["correct"];
  const operation = typeof asked === "string" && asked !== "" ? asked : null;
  return openDraft(baseKey, initial, route.path, operation);
}

/** The same without a page. */
export function openDraft<Content extends object>(
  baseKey: string,
  initial: () => Content,
  path: string,
  operation: string | null,
): Draft<Content> {
  const key = operation === null ? baseKey : correctionKey(baseKey, operation);
  const content = reactive(initial()) as Content;
  const isReady = ref(false);
  const isRestored = ref(false);
  const correcting = shallowRef<string | null>(operation);
  const keeper = new Keeper(key, () => ({ content, correcting: correcting.value }));
  const ready = restore(key).then((kept) => {
    if (kept !== null && !keeper.isTouched) {
      keeper.quietly(() => Object.assign(content, kept.content));
      correcting.value = kept.correcting;
      isRestored.value = true;
    }
    isReady.value = true;
  });
  const stop = watch(() => content, () => keeper.changed(), { deep: true, flush: "sync" });
  const finish = (): void => {
    stop();
    keeper.stop();
  };
  const clear = async (): Promise<void> => {
    keeper.quietly(() => {
      for (const name of Object.keys(content)) delete (content as Record<string, unknown>)[name];
      Object.assign(content, initial());
    });
    correcting.value = null;
    isRestored.value = false;
    await keeper.settle();
    await dropDraft(key);
  };
  return { content, key, baseKey, path, isReady, isRestored, correcting, ready, clear, settle: () => keeper.settle(), finish };
}

/** Removes a draft and the photos taken for it. */
export async function dropDraft(key: string): Promise<void> {
  const { database } = signedIn();
  await database.transaction("rw", [database.drafts, database.photos], async () => {
    await database.drafts.delete(key);
    await database.photos.where("draft").equals(key).delete();
  });
}

/** Puts what a refused operation was made from back into its screen; returns where to go. */
export async function draftForCorrection(operation: string, opens: { path: string; key: string; content: unknown }): Promise<string> {
  const key = correctionKey(opens.key, operation);
  const { database } = signedIn();
  if ((await database.drafts.get(key)) === undefined) {
    await writeDraft(key, { content: opens.content as object, correcting: operation });
  }
  return `${opens.path}?correct=${operation}`;
}

/** Removes photos whose draft is gone: taken, and then the tab was killed before the draft was written. */
export async function sweepPhotos(): Promise<void> {
  const { database } = signedIn();
  const drafts = new Set(await database.drafts.toCollection().primaryKeys());
  const old = clock.deviceTime() - 24 * 3600 * 1000;
  await database.photos
    .where("draft")
    .above("")
    .filter((photo) => !drafts.has(photo.draft) && photo.keptAt < old)
    .delete();
}

const correctionKey = (key: string, operation: string): string => `${key}#${operation}`;

async function restore(key: string): Promise<DraftContent | null> {
  const mine = account();
  const record = await mine?.database.drafts.get(key);
  return mine === null || record === undefined ? null : mine.vault.open<DraftContent>(record.box, draftPlace(key));
}

async function writeDraft(key: string, draft: DraftContent): Promise<void> {
  await whileWriting(async () => {
    const { vault, database } = signedIn();
    await database.drafts.put({ key, changedAt: clock.deviceTime(), box: await vault.seal(draft, draftPlace(key)) });
  });
}

/** Writes the newest state, one write at a time; what changes meanwhile is written next. */
class Keeper {
  isTouched = false;
  private isQuiet = false;
  private isStopped = false;
  private isStale = false;
  private running: Promise<void> | null = null;

  constructor(
    private readonly key: string,
    private readonly state: () => DraftContent,
  ) {}

  changed(): void {
    if (this.isQuiet || this.isStopped) return;
    this.isTouched = true;
    this.isStale = true;
    this.running ??= this.run();
  }

  /** Changes that are not the user's. */
  quietly(change: () => void): void {
    this.isQuiet = true;
    change();
    this.isQuiet = false;
  }

  async settle(): Promise<void> {
    await this.running;
  }

  stop(): void {
    this.isStopped = true;
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // changes of one stroke together
    try {
      while (this.isStale && !this.isStopped) {
        this.isStale = false;
        await writeDraft(this.key, this.state());
      }
    } catch (error) {
      showFailure(error);
    } finally {
      this.running = null;
    }
  }
}
