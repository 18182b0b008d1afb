/** Which notices are read: by the server's word, or on this phone and still on the way there. */

import { computed, type ComputedRef } from "vue";

import { type FeedView, type OutboxItem, useFeed, useSync } from "../core/index.ts";
import type { Notice, Payloads } from "../types.ts";

/** Those that nobody has read, neither here nor elsewhere. */
export function unreadOf(notices: readonly Notice[], items: readonly OutboxItem[]): Notice[] {
  const here = new Set(items.filter((item) => item.kind === "notices.read").map((item) => (item.payload as Payloads["notices.read"]).notice_id));
  return notices.filter((one) => !one.is_read && !here.has(one.id));
}

export interface NoticesView extends Pick<FeedView<Notice>, "rows" | "isReady"> {
  unread: ComputedRef<readonly Notice[]>;
}

export function useNotices(): NoticesView {
  const [{ rows, isReady }, { items }] = [useFeed("notices"), useSync()];
  return { rows, isReady, unread: computed(() => unreadOf(rows.value, items.value)) };
}
