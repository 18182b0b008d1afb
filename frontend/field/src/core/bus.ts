/** News between the parts of the app, its other tabs and its worker: what changed in the database. */

export type News =
  | { about: "feeds"; feeds: string[] }
  | { about: "outbox" }
  | { about: "drafts" }
  /** server − device, just measured. */
  | { about: "clock"; offsetMs: number }
  /** What the server had to say on something that it has done. */
  | { about: "words"; words: string }
  | { about: "account" };

type Listener = (news: News) => void;

const listeners = new Set<Listener>();
// Absent in old browsers: another tab then sees what changed when it is next shown.
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("safegrid-field");
if (channel !== null) {
  channel.onmessage = (event: MessageEvent<News>) => listeners.forEach((listener) => listener(event.data));
  // In Node (tests) a channel would keep the process alive.
  (channel as unknown as { unref?: () => void }).unref?.();
}

/** Tells every part of the app, here and in other tabs. */
export function publish(news: News): void {
  listeners.forEach((listener) => listener(news));
  channel?.postMessage(news);
}

/** Hears news until the returned function is called. */
export function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
