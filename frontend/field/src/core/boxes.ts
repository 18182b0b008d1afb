/** Where each sealed box belongs: a box moved to another place does not open. */

export const rowPlace = (feed: string, id: string): string => `row:${feed}:${id}`;
export const operationPlace = (id: string): string => `operation:${id}`;
export const verdictPlace = (id: string): string => `verdict:${id}`;
export const logPlace = (operation: string): string => `log:${operation}`;
export const photoPlace = (id: string): string => `photo:${id}`;
export const factsPlace = (id: string): string => `facts:${id}`;
export const draftPlace = (key: string): string => `draft:${key}`;
