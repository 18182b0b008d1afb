const FIRST_MS = 5_000;
const LONGEST_MS = 10 * 60_000;

/** No wish to wait is for longer: one that seems so was written under a clock that has been set back since. */
const UNBELIEVABLE_MS = 60 * 60_000;

/** Whether a moment to wait for has come. */
export const isPast = (moment: number, now: number): boolean => moment <= now || moment > now + UNBELIEVABLE_MS;

/** Milliseconds to wait after the n-th failure: doubling from 5 s to 10 min, scattered by a half so that a county's phones do not come at once. */
export function waitMs(tries: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, tries - 1));
  return Math.round(full * (0.5 + random() * 0.5));
}
