import type { SchedulerLike } from 'rxjs';

/** Milliseconds since it was made, as whole numbers that never decrease. */
export class Clock {
  readonly #scheduler: SchedulerLike;
  readonly #start: number;
  #last = 0;
  #isStopped = false;

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
    this.#start = scheduler.now();
  }

  now(): number {
    if (!this.#isStopped) {
      this.#last = Math.max(this.#last, Math.round(this.#scheduler.now() - this.#start));
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
