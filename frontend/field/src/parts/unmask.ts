/** Seeing a contact in full: asked of the server each time, with a reason that goes into the trace; kept nowhere. */

import { account } from "../core/account.ts";
import { NetworkFailure } from "../core/failures.ts";
import { ask } from "../core/http.ts";

export interface SeenContact {
  name: string;
  phone: string;
}

/** Raises `Failure` with words. */
export async function seeContact(site: string, contact: string, reason: string): Promise<SeenContact> {
  const county = account()?.county ?? 0;
  try {
    return await ask<SeenContact>(`/${county}/sites/${site}/contacts/${contact}/unmask`, { method: "POST", body: { reason } });
  } catch (error) {
    if (error instanceof NetworkFailure) throw new NetworkFailure("查看完整号码要联网登记理由，现在连不上服务器；有信号后再试。");
    throw error;
  }
}
