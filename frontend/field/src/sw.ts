/// <reference lib="webworker" />
/** The service worker: keeps the shell, answers navigations without a network, sends the outbox when the browser wakes it. */

import { addPlugins, cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute, type PrecacheEntry } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";

import { openAccount } from "./core/account.ts";
import { asOnlySender } from "./core/one_sender.ts";
import { Flush } from "./core/sender.ts";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: (PrecacheEntry | string)[] };

// The shell is the same for everybody and in every language: kept with `Vary`, it would not be found for a page whose headers differ.
addPlugins([
  {
    cacheWillUpdate: async ({ response }) => {
      if (!response.ok) return null;
      const headers = new Headers(response.headers);
      headers.delete("Vary");
      return new Response(await response.blob(), { status: response.status, headers });
    },
  },
]);
// Answers of the API are never kept here: what the phone may keep is sealed in its database.
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(createHandlerBoundToURL("/m/"), { allowlist: [/^\/m\//] }));

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (event.data === "activate") void self.skipWaiting();
});

interface SyncEvent extends ExtendableEvent {
  tag: string;
}
self.addEventListener("sync" as "message", ((event: SyncEvent) => {
  if (event.tag === "outbox") event.waitUntil(wake());
}) as unknown as (event: ExtendableMessageEvent) => void);

/** Open pages send by themselves; with none open the worker sends. */
async function wake(): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window" });
  for (const page of pages) page.postMessage("sync");
  if (pages.length > 0) return;
  const mine = await openAccount();
  if (mine !== null) await asOnlySender(() => new Flush(mine, true).run());
}
