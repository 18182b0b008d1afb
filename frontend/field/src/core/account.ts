/**
 * Who is signed in on this phone, and the key to what is theirs.
 *
 * While signed in the key lies in the device database as a `CryptoKey` whose bytes cannot be read. A copy of its bytes under the user's password
 * stays behind after signing out if work has not been sent; with it and that password alone the work opens again.
 */

import { publish } from "./bus.ts";
import { type Bytes, encode, sha256 } from "./bytes.ts";
import { device, FieldDatabase } from "./database.ts";
import { uuid7 } from "./ids.ts";
import { importKey, randomKey, unwrap, Vault, wrap, type Wrapped, WrongPassword } from "./vault.ts";

interface Signed {
  space: string;
  username: string;
  county: number;
  deviceId: string;
  key: CryptoKey;
  /** The key's bytes under the key itself: lets a changed password close them anew while signed in. */
  self: Bytes;
}

export interface Account {
  space: string;
  username: string;
  county: number;
  deviceId: string;
  vault: Vault;
  database: FieldDatabase;
}

/** Unsent work of the same user is closed under a password that is not the present one. */
export class OldPasswordNeeded extends Error {
  constructor(readonly unsent: number) {
    super("old password needed");
  }
}

let current: Account | null = null;

/** The account signed in, or null. */
export const account = (): Account | null => current;

/** The account signed in; an error of the program without one. */
export function signedIn(): Account {
  if (current === null) throw new Error("nobody is signed in");
  return current;
}

/** The device that is signed in on this phone, as every tab has it; undefined for none. */
export const signedDevice = async (): Promise<string | undefined> => (await device.read<Signed>("signed"))?.deviceId;

/** Opens what an earlier run left signed in. */
export async function openAccount(): Promise<Account | null> {
  const signed = await device.read<Signed>("signed");
  current = signed === undefined ? null : await opened(signed);
  return current;
}

/** The id that this phone has for the user: its own, or a new one when the user was not here before. */
export async function deviceIdFor(username: string): Promise<string> {
  const name = `device:${await spaceOf(username)}`;
  const known = await device.read<string>(name);
  if (known !== undefined) return known;
  const id = uuid7();
  await device.write(name, id);
  return id;
}

/**
 * After the server has accepted the password: opens the user's database with its old key, or makes a new one.
 * Raises `OldPasswordNeeded` where unsent work was closed under another password; `oldPassword` answers that.
 */
export async function enter(username: string, password: string, county: number, oldPassword?: string): Promise<Account> {
  const space = await spaceOf(username);
  const raw = await keyFor(space, password, oldPassword);
  const key = await importKey(raw);
  const self = await new Vault(key).sealBytes(raw, "self");
  const signed: Signed = { space, username, county, deviceId: await deviceIdFor(username), key, self };
  await device.write(`wrapped:${space}`, await wrap(raw, password));
  await device.write("signed", signed);
  current?.database.close();
  current = await opened(signed);
  publish({ about: "account" });
  return current;
}

/**
 * Destroys the key and every row pulled. Unsent work stays, closed under the password; returns how many operations that are.
 * Where another tab has signed out and in since, all that was done there, and what lies here now is not this tab's any more.
 */
export async function leave(): Promise<number> {
  const { database, space, deviceId } = signedIn();
  const now = (await signedDevice()) ?? deviceId;
  current = null; // from here on, what is still being pulled is not kept
  if (now !== deviceId) {
    database.close();
    publish({ about: "account" });
    return 0;
  }
  await device.settings.delete("signed");
  await database.transaction("rw", [database.rows, database.log, database.state], async () => {
    await Promise.all([database.rows.clear(), database.log.clear(), database.state.clear()]);
  });
  const unsent = await database.operations.count();
  const kept = unsent + (await database.drafts.count());
  database.close();
  if (kept === 0) await forget(space);
  // The server has ended this device; the next sign-in is another one.
  await device.settings.delete(`device:${space}`);
  publish({ about: "account" });
  return unsent;
}

/** Gives up whatever a user left on this phone. */
export async function forgetUser(username: string): Promise<void> {
  await forget(await spaceOf(username));
}

async function forget(space: string): Promise<void> {
  await new FieldDatabase(space).delete();
  await device.settings.bulkDelete([`wrapped:${space}`, `device:${space}`]);
}

async function opened(signed: Signed): Promise<Account> {
  const database = new FieldDatabase(signed.space);
  await database.open();
  const { space, username, county, deviceId } = signed;
  return { space, username, county, deviceId, vault: new Vault(signed.key), database };
}

async function keyFor(space: string, password: string, oldPassword?: string): Promise<Bytes> {
  const signed = await device.read<Signed>("signed");
  if (signed?.space === space) return new Vault(signed.key).openBytes(signed.self, "self");
  const wrapped = await device.read<Wrapped>(`wrapped:${space}`);
  if (wrapped === undefined) return randomKey();
  try {
    return await unwrap(wrapped, oldPassword ?? password);
  } catch (error) {
    if (!(error instanceof WrongPassword)) throw error;
    const database = new FieldDatabase(space);
    const unsent = await database.operations.count();
    const kept = unsent + (await database.drafts.count());
    database.close();
    if (kept > 0) throw new OldPasswordNeeded(unsent);
    await forget(space);
    return randomKey();
  }
}

/** Names a user's database without telling the user's name. */
async function spaceOf(username: string): Promise<string> {
  return (await sha256(encode(`safegrid-field:${username.trim().toLowerCase()}`))).slice(0, 24);
}
