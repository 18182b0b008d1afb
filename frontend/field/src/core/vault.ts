/** Sealing by AES-GCM 256, and the key's copy under the user's password. Knows nothing of where either is kept. */

import { type Bytes, decode, encode } from "./bytes.ts";

const IV_BYTES = 12;
/** PBKDF2-SHA-256 rounds for new copies: OWASP's figure of 2023, about a second on a cheap phone. Tests take fewer. */
export const cost = { rounds: 600_000 };

/** The key's bytes under a password: useless without it. */
export interface Wrapped {
  salt: Bytes;
  rounds: number;
  box: Bytes;
}

/** A password that does not open what another one closed. */
export class WrongPassword extends Error {}

/** New random key bytes. */
export function randomKey(): Bytes {
  return crypto.getRandomValues(new Uint8Array(32));
}

/** The key as the browser keeps it: usable, but its bytes cannot be read back from it. */
export function importKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Closes key bytes under a password. */
export async function wrap(raw: Bytes, password: string, rounds: number = cost.rounds): Promise<Wrapped> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const outer = new Vault(await derived(password, salt, rounds));
  return { salt, rounds, box: await outer.sealBytes(raw, "key") };
}

/** Opens what `wrap` closed; raises `WrongPassword`. */
export async function unwrap(wrapped: Wrapped, password: string): Promise<Bytes> {
  const outer = new Vault(await derived(password, wrapped.salt, wrapped.rounds));
  try {
    return await outer.openBytes(wrapped.box, "key");
  } catch {
    throw new WrongPassword();
  }
}

async function derived(password: string, salt: Bytes, rounds: number): Promise<CryptoKey> {
  const words = await crypto.subtle.importKey("raw", encode(password.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, words, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/**
 * Seals and opens with one key. A box is 12 random bytes and the ciphertext; `about` (where the box belongs) is
 * authenticated with it, so that a box moved to another place does not open.
 */
export class Vault {
  constructor(private readonly key: CryptoKey) {}

  async sealBytes(data: BufferSource, about: string): Promise<Bytes> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encode(about) }, this.key, data);
    const box = new Uint8Array(IV_BYTES + sealed.byteLength);
    box.set(iv);
    box.set(new Uint8Array(sealed), IV_BYTES);
    return box;
  }

  async openBytes(box: Bytes, about: string): Promise<Bytes> {
    const how = { name: "AES-GCM", iv: box.subarray(0, IV_BYTES), additionalData: encode(about) };
    return new Uint8Array(await crypto.subtle.decrypt(how, this.key, box.subarray(IV_BYTES)));
  }

  /** Seals anything that JSON can hold. */
  seal(value: unknown, about: string): Promise<Bytes> {
    return this.sealBytes(encode(JSON.stringify(value)), about);
  }

  async open<T>(box: Bytes, about: string): Promise<T> {
    return JSON.parse(decode(await this.openBytes(box, about))) as T;
  }
}
