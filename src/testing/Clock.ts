import type { SchedulerLike } from 'rxjs';

/**
 * The times of events, from when it was made, in milliseconds. The time between one and the next becomes a multiple of a
 * step: what came up to a quarter of a step early, or less than three quarters late, counts as punctual. A timer is
 * often late. It is early by a millisecond, or by more where it was set at the end of a slow turn: Node.js counts from
 * the turn's beginning.
 */
export class Clock {
  readonly #scheduler: SchedulerLike;
  readonly #step: number;
  /** What the scheduler said at the last event. */
  #asked: number;
  #last = 0;
  #isStopped = false;

  constructor(scheduler: SchedulerLike, step: number) {
    this.#scheduler = scheduler;
    this.#step = step;
    this.#asked = scheduler.now();
  }

  now(): number {
    if (!this.#isStopped) {
      const step = this.#step;
      const asked = Math.max(this.#asked, this.#scheduler.now());
      const early = Math.max(Math.min(1, step / 2), step / 4);
      this.#last += Math.floor((asked - this.#asked + early) / step) * step;
      this.#asked = asked;
    }
    return this.#last;
  }

  /** Time stands still until then. */
  during(work: () => void): void {
    const wasStopped = this.#isStopped;
    this.#isStopped = true;
    try {
      work();
    } finally {
      this.#isStopped = wasStopped;
    }
  }
}
