/** Pages whose code is not here any more (a new version is on the server) or not here yet (no worker keeps it, and there is no network). */

import { untilWritten } from "./core/outbox.ts";
import { Failure } from "./core/failures.ts";

/** What browsers and Vite say when a page's code or style could not be read. */
const SAYINGS = /dynamically imported module|Importing a module script failed|Unable to preload CSS/i;
/** So that a server whose files are broken is not asked for ever. */
const AGAIN_AFTER_MS = 60_000;
const NOTE = "reloaded-for-code";

/** Whether an error means that a part of the app could not be read. */
export const isMissingCode = (error: unknown): boolean => error instanceof Error && SAYINGS.test(error.message);

/** For the user, where reading the app anew does not help either. */
export class CodeMissing extends Failure {
  constructor() {
    super("这一页还不在手机上，要有网络才打得开。已填的内容都在；有信号后再点一次。", "code");
  }
}

/** Starts the app anew at `address`, by the version that the server has now; raises `CodeMissing` where it cannot be reached, or was just tried. */
export async function startAnew(address: string): Promise<void> {
  const before = Number(sessionStorage.getItem(NOTE) ?? 0);
  if (Math.abs(Date.now() - before) < AGAIN_AFTER_MS || !(await isShellThere())) throw new CodeMissing();
  sessionStorage.setItem(NOTE, String(Date.now()));
  await untilWritten();
  window.history.replaceState(null, "", address);
  window.location.reload();
}

/** Without a worker a reload without a network would leave nothing but the browser's own error. */
async function isShellThere(): Promise<boolean> {
  try {
    return (await fetch("/m/", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
