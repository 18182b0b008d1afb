/** Reading the handbook on the phone: checklists and kinds, found by words. Pure. */

import type { Checklist, ChecklistItem, HazardKind } from "../types.ts";

export interface FoundItem {
  list: Checklist;
  item: ChecklistItem;
}

const wordsOf = (asked: string): string[] => asked.trim().toLowerCase().split(/\s+/).filter(Boolean);

/** Items of checklists in force that hold every word. */
export function foundItems(lists: readonly Checklist[], asked: string): FoundItem[] {
  const words = wordsOf(asked);
  if (words.length === 0) return [];
  const found: FoundItem[] = [];
  for (const list of lists) {
    for (const item of list.items) {
      const text = [item.text, item.how_to_judge, item.what_to_do, item.legal_basis].join(" ").toLowerCase();
      if (words.every((word) => text.includes(word))) found.push({ list, item });
    }
  }
  return found;
}

/** Active kinds that hold every word in their name or their group's. */
export function foundKinds(kinds: ReadonlyMap<string, HazardKind>, asked: string): HazardKind[] {
  const words = wordsOf(asked);
  return [...kinds.values()]
    .filter((kind) => kind.is_leaf && kind.is_active)
    .filter((kind) => words.every((word) => `${kinds.get(kind.parent_code ?? "")?.name ?? ""} ${kind.name}`.toLowerCase().includes(word)))
    .sort((one, other) => one.position - other.position);
}

/** The newest version of each checklist in force. */
export function inForce(lists: readonly Checklist[]): Checklist[] {
  const newest = new Map<string, Checklist>();
  for (const list of lists) {
    if (list.is_published === false) continue;
    if ((newest.get(list.code)?.number ?? 0) < list.number) newest.set(list.code, list);
  }
  return [...newest.values()].sort((one, other) => one.name.localeCompare(other.name, "zh-CN"));
}
