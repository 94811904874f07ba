import type { SchedulerLike, Subscription } from 'rxjs';
import { after } from '../timer';

/** Says when it was not touched for a time. */
export class IdleTimer {
  readonly #scheduler: SchedulerLike;
  #lastTouch: number;
  #timer: Subscription;

  /** @param isPaused whether the time does not run now: then it begins anew */
  constructor(
    scheduler: SchedulerLike,
    timeout: number,
    isPaused: () => boolean,
    onIdle: () => void,
  ) {
    this.#scheduler = scheduler;
    this.#lastTouch = scheduler.now();
    // One timer for the whole life: it is not set anew for each message, but looks when it is due.
    const look = (): void => {
      if (isPaused()) this.touch();
      const left = this.#lastTouch + timeout - scheduler.now();
      if (left > 0) this.#timer = after(scheduler, left, look);
      else onIdle();
    };
    this.#timer = after(scheduler, timeout, look);
  }

  touch(): void {
    this.#lastTouch = this.#scheduler.now();
  }

  stop(): void {
    this.#timer.unsubscribe();
  }
}
