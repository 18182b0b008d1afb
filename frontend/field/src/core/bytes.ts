/** Bytes in an ordinary buffer, as WebCrypto and IndexedDB take them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Lower-case hexadecimal SHA-256. */
export async function sha256(data: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const encode = (words: string): Bytes => new TextEncoder().encode(words) as Bytes;
export const decode = (data: BufferSource): string => new TextDecoder().decode(data);
