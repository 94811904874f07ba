import type { SchedulerLike, Subscription } from 'rxjs';

/** Says when it was not touched for a time. */
export class IdleTimer {
  readonly #scheduler: SchedulerLike;
  #lastTouch: number;
  #timer: Subscription;

  constructor(scheduler: SchedulerLike, timeout: number, onIdle: () => void) {
    this.#scheduler = scheduler;
    this.#lastTouch = scheduler.now();
    // One timer for the whole life: it is not set anew for each message, but looks when it is due.
    const look = (): void => {
      const left = this.#lastTouch + timeout - scheduler.now();
      if (left > 0) this.#timer = scheduler.schedule(look, left);
      else onIdle();
    };
    this.#timer = scheduler.schedule(look, timeout);
  }

  touch(): void {
    this.#lastTouch = this.#scheduler.now();
  }

  stop(): void {
    this.#timer.unsubscribe();
  }
}
