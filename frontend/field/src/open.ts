/** Opens the app on a browser that can run it: who is signed in, then the frame, then the network. */

import { createApp } from "vue";

import App from "./App.vue";
import { openAccount } from "./core/account.ts";
import { clock, type Measured } from "./core/clock.ts";
import { device } from "./core/database.ts";
import { sweepPhotos } from "./core/drafts.ts";
import { reloadOutbox } from "./core/outbox_view.ts";
import { isSignedIn } from "./core/session.ts";
import { askToKeep } from "./core/storage.ts";
import { startSync } from "./core/sync.ts";
import { setTeller } from "./core/tell.ts";
import { startWorker } from "./core/worker.ts";
import { isMissingCode, startAnew } from "./missing_code.ts";
import { showRefusal } from "./parts/say.ts";
import { router, tabs } from "./router.ts";

export async function open(): Promise<void> {
  // All that the worker keeps is at hand: the page is read while the database opens.
  if (navigator.serviceWorker?.controller) void loadPage();
  setTeller((error) => void showRefusal(error));
  const measured = await device.read<Measured>("clock");
  if (measured !== undefined) clock.recall(measured);
  isSignedIn.value = (await openAccount()) !== null;
  const app = createApp(App);
  app.config.errorHandler = (error) => {
    console.error(error);
    void showRefusal(error);
  };
  router.onError((error: unknown, to) => {
    if (isMissingCode(error)) startAnew(router.resolve(to.fullPath).href).catch(showRefusal);
    else app.config.errorHandler?.(error, null, "router");
  });
  // What a touched link promised, and the router has told already.
  window.addEventListener("unhandledrejection", (event) => isMissingCode(event.reason) && event.preventDefault());
  app.use(router).mount("#app");
  await reloadOutbox();
  startSync();
  void startWorker();
  if (isSignedIn.value) {
    void askToKeep();
    await sweepPhotos();
  }
}

/** Reads the code of the page that will be shown; what goes wrong, the router meets again. */
async function loadPage(): Promise<void> {
  const path = window.location.hash.slice(1) || "/";
  const shown = router.resolve(path === "/" ? (tabs[0]?.path ?? "/sync") : path).matched;
  for (const { components } of shown) {
    const load = components?.["default"];
    if (typeof load === "function") await (load as () => Promise<unknown>)().catch(() => undefined);
  }
}
