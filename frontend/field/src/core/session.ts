/** Signing in and out, and what to do when the server no longer knows this phone. */

import { ref } from "vue";

import type { Me } from "../types.ts";
import { account, deviceIdFor, enter, forgetUser, leave, OldPasswordNeeded, signedDevice, signedIn } from "./account.ts";
import { subscribe } from "./bus.ts";
import { device } from "./database.ts";
import { ServerFailure } from "./failures.ts";
import { ask } from "./http.ts";
import { keepRow } from "./pull.ts";

export { OldPasswordNeeded };

interface Answer {
  me: Me;
  server_time: string;
}

export interface Credentials {
  username: string;
  password: string;
  /** Of the second factor, once the server has asked for it. */
  code?: string;
  /** The password under which unsent work was closed, once `OldPasswordNeeded` asked for it. */
  oldPassword?: string;
}

/** The server wants the user to sign in again; everything stays where it is. */
export const needsSignIn = ref(false);
/** Why nobody is signed in any more, for the sign-in page; "" when the user did it. */
export const signedOutWords = ref("");
/** Whether somebody is signed in. */
export const isSignedIn = ref(false);

/**
 * Signs in. Raises `ServerFailure` with code `second_factor_required`, `password_change_required` (`problem.url`), `wrong_password`,
 * `locked_out`; `NetworkFailure`; `OldPasswordNeeded`.
 */
export async function signIn(credentials: Credentials): Promise<void> {
  const username = credentials.username.trim();
  await finishSigningOut();
  const deviceId = await deviceIdFor(username);
  if (!document.cookie.includes("csrftoken=")) await ask(`/devices/${deviceId}/state`, { deviceId });
  const { password, code } = credentials;
  const body = { username, password, code: code ?? "", device_id: deviceId, device_name: deviceName() };
  const { me } = await ask<Answer>("/sign-in", { method: "POST", body, deviceId, timeoutMs: 60_000 });
  const mine = await enter(username, password, me.county, credentials.oldPassword);
  await keepRow(mine, "me", me);
  needsSignIn.value = false;
  signedOutWords.value = "";
  isSignedIn.value = true;
}

/** Throws away unsent work whose password is not known any more. The user has been asked. */
export const giveUpOldWork = (username: string): Promise<void> => forgetUser(username);

/** Signs out here at once and at the server as soon as it can be reached. Returns how many operations stay, sealed. */
export async function signOut(words = ""): Promise<number> {
  await device.write("ending", signedIn().deviceId);
  signedOutWords.value = words;
  const unsent = await leave();
  needsSignIn.value = false;
  isSignedIn.value = false;
  await finishSigningOut().catch(() => undefined); // no network: at the next opening or signing in
  return unsent;
}

/** Ends the server's session of a device that was signed out without a network. */
export async function finishSigningOut(): Promise<void> {
  const deviceId = await device.read<string>("ending");
  if (deviceId === undefined) return;
  try {
    await ask("/sign-out", { method: "POST", body: {}, deviceId });
  } catch (error) {
    if (!(error instanceof ServerFailure) || error.status >= 500) throw error; // refused: there is no such session (any more)
  }
  await device.settings.delete("ending");
}

/** After a 401: whether the session merely ended, or the device was signed out from elsewhere (then its key is destroyed). */
export async function meetUnauthorised(): Promise<void> {
  const mine = account();
  if (mine === null) return;
  try {
    const { state } = await ask<{ state: string }>(`/devices/${mine.deviceId}/state`);
    if (account() !== mine) return;
    if (state === "signed_out") {
      await leave();
      isSignedIn.value = false;
      needsSignIn.value = false;
      signedOutWords.value = "本机已被远程退出，拉取的资料已清除。没有发送的内容仍加密保存，用原账号登录后继续发送。";
      return;
    }
  } catch {
    // Not reachable: the user signs in when it is.
  }
  needsSignIn.value = true;
}

subscribe((news) => {
  if (news.about !== "account") return;
  if (account() === null) isSignedIn.value = false;
  void followOtherTabs();
});

/** Where another tab has signed out, or somebody else in, this page begins anew; what was being filled in is kept as a draft. */
async function followOtherTabs(): Promise<void> {
  const signed = await signedDevice();
  if (signed !== account()?.deviceId) location.reload();
}

/** What the user finds this phone by in the list of devices. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const model = /Android [^;)]*; ([^;)]+?)(?: Build|\))/.exec(agent)?.[1] ?? (/iPhone|iPad/.exec(agent)?.[0] ?? navigator.platform);
  const browser = /wxwork/i.test(agent) ? "企业微信" : /MicroMessenger/i.test(agent) ? "微信" : "浏览器";
  return `${model} · ${browser}`.slice(0, 200);
}
