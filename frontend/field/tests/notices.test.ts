import { expect, it } from "vitest";

import type { OutboxItem } from "../src/core/index.ts";
import { unreadOf } from "../src/screens/notice_reading.ts";
import type { Notice } from "../src/types.ts";

const notice = (id: string, is_read: boolean): Notice => ({ id, is_read }) as Notice;
const operation = (kind: string, payload: object): OutboxItem => ({ kind, payload }) as OutboxItem;

it("counts as unread what was read neither elsewhere nor here, sent or not", () => {
  const notices = [notice("elsewhere", true), notice("here", false), notice("new", false)];
  const items = [operation("notices.read", { notice_id: "here" }), operation("patrols.skip", { notice_id: "new" })];
  expect(unreadOf(notices, items).map((one) => one.id)).toEqual(["new"]);
  expect(unreadOf(notices, [])).toHaveLength(2);
});
