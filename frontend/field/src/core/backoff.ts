const FIRST_MS = 5_000;
const LONGEST_MS = 10 * 60_000;

/** Milliseconds to wait after the n-th failure: doubling from 5 s to 10 min, scattered by a half so that a county's phones do not come at once. */
export function waitMs(tries: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, tries - 1));
  return Math.round(full * (0.5 + random() * 0.5));
}
