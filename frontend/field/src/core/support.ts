/** What the browser lacks, in words. */

import { device } from "./database.ts";

/** Things without which the app cannot keep anything safely; empty when it can run. */
export function lacking(): string[] {
  const words: string[] = [];
  if (typeof indexedDB === "undefined") words.push("浏览器没有本机数据库（IndexedDB），或处于无痕模式，内容无处保存。");
  if (!isSecureContext) words.push("网址不是 https:// 开头，浏览器不允许加密和定位。请用 https 地址打开，或请管理员配置证书。");
  else if (typeof crypto === "undefined" || crypto.subtle === undefined) words.push("浏览器没有加密功能（WebCrypto），资料不能安全保存。");
  if (typeof AbortController === "undefined") words.push("浏览器版本太旧。");
  return words;
}

/** Whether the database really opens: private windows of some browsers offer one that does not. */
export async function databaseOpens(): Promise<boolean> {
  try {
    await device.open();
    return true;
  } catch {
    return false;
  }
}
