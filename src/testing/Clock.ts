import type { SchedulerLike } from 'rxjs';

/**
 * The times of events, from when it was made, in milliseconds. The time between one and the next is rounded down to a
 * multiple of a step: a timer is often late, and never early by more than a millisecond.
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
      const early = Math.min(1, step / 2);
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
