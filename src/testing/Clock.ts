import type { SchedulerLike } from 'rxjs';

/** Milliseconds since it was made, as multiples of a step that never decrease. */
export class Clock {
  readonly #scheduler: SchedulerLike;
  readonly #start: number;
  readonly #step: number;
  #last = 0;
  #isStopped = false;

  constructor(scheduler: SchedulerLike, step: number) {
    this.#scheduler = scheduler;
    this.#step = step;
    this.#start = scheduler.now();
  }

  now(): number {
    if (!this.#isStopped) {
      const passed = this.#scheduler.now() - this.#start;
      this.#last = Math.max(this.#last, Math.round(passed / this.#step) * this.#step);
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
