/** The phone's clock against the server's, and whether somebody has moved the phone's. Times in milliseconds. */

import { uuid7 } from "./ids.ts";

/** Beats further apart than this may have sleep between them, in which the monotonic clock stands still. */
const LONGEST_WAKING_BEAT_MS = 60_000;
/** Differences below this are the noise of timers. */
const NOISE_MS = 2_000;

/** Under which clock something was made: comparable with others of the same timeline. */
export interface Mark {
  timeline: string;
  /** By how much the clock had been moved since the timeline began. */
  movedMs: number;
}

export interface Measured {
  /** server − device. */
  offsetMs: number;
  /** The device's clock when it was last looked at: running backwards from here means that it was set. */
  seenAt: number;
}

/**
 * Learns server − device from answers. A jump of the wall clock against the monotonic one is a clock that was set: the offset moves with
 * it where its size is certain. Where it is not (the phone slept, or the app was closed), another timeline begins: its offset is a guess
 * until the next answer, which then tells the true one of everything made since (`offsetFor`).
 */
export class Clock {
  private offset: number | null = null;
  private wall: number;
  private steady: number;
  private timeline = uuid7();
  private movedMs = 0;
  private isMeasuredHere = false;

  constructor(
    private readonly now: () => number = () => Date.now(),
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.wall = now();
    this.steady = monotonic();
  }

  /** An answer that carried the server's time; `sentAt` is `monotonic` when the request left. */
  learn(serverTime: number, sentAt: number): void {
    this.beat();
    const travel = Math.max(0, this.monotonic() - sentAt);
    this.offset = Math.round(serverTime + travel / 2 - this.now());
    this.isMeasuredHere = true;
  }

  /** What another tab has just measured; returns whether that is news here. */
  hear(offsetMs: number): boolean {
    this.beat();
    if (this.isMeasuredHere) return false;
    this.offset = offsetMs;
    this.isMeasuredHere = true;
    return true;
  }

  /** What an earlier run knew; not trusted when the clock stands before the moment it was last seen at. */
  recall(measured: Measured): void {
    if (this.offset === null && this.now() >= measured.seenAt - NOISE_MS) this.offset = measured.offsetMs;
  }

  /** To be called every few seconds while the app is awake, and before any time is told. */
  beat(): void {
    const wall = this.now();
    const steady = this.monotonic();
    const waking = steady - this.steady;
    const jump = Math.round(wall - this.wall - waking); // the monotonic clock counts in fractions, which no offset has
    this.wall = wall;
    this.steady = steady;
    if (Math.abs(jump) < NOISE_MS) return;
    if (this.isAwake && waking <= LONGEST_WAKING_BEAT_MS) {
      this.movedMs += jump;
      if (this.offset !== null) this.offset -= jump;
      return;
    }
    this.timeline = uuid7();
    this.movedMs = 0;
    this.isMeasuredHere = false;
    // A leap forward with the screen off is sleep, in which the monotonic clock stands still, or so it is guessed.
    if (jump < 0) this.offset = null; // set back, but perhaps slept too: by how much is not known
  }

  /** Whether an answer has told the server's time since the timeline began. */
  get isMeasured(): boolean {
    this.beat();
    return this.isMeasuredHere;
  }

  /** For what is made now. */
  mark(): Mark {
    this.beat();
    return { timeline: this.timeline, movedMs: this.movedMs };
  }

  /** Whether something was made on the present timeline. */
  covers(mark: Mark): boolean {
    this.beat();
    return mark.timeline === this.timeline;
  }

  /** server − device when something was made; null when it cannot be told (yet). */
  offsetFor(mark: Mark): number | null {
    if (!this.covers(mark) || !this.isMeasuredHere || this.offset === null) return null;
    return this.offset + this.movedMs - mark.movedMs;
  }

  /** Whether the app was on the screen since the last beat: only then a leap forward is a clock that was set, not sleep. */
  isAwake = true;

  /** server − device, or null when nothing reliable is known. */
  offsetMs(): number | null {
    this.beat();
    return this.offset;
  }

  /** Now by the server's clock as far as it is known. */
  time(): number {
    return this.now() + (this.offsetMs() ?? 0);
  }

  /** Now by the phone's own clock. */
  deviceTime(): number {
    return this.now();
  }

  /** For the next run. */
  measured(): Measured | null {
    const offsetMs = this.offsetMs();
    return offsetMs === null ? null : { offsetMs, seenAt: this.now() };
  }
}

/** The app's one clock. */
export const clock = new Clock();
