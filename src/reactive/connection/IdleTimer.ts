import type { SchedulerLike, Subscription } from 'rxjs';
import type { Where } from '../../core/errors';
import { after } from '../timer';
import type { ConnectionSettings } from './options';
import { timedOut } from './timedOut';

/** Fires when it has not been touched for a given time. */
export class IdleTimer {
  readonly #scheduler: SchedulerLike;
  #lastTouch: number;
  #timer: Subscription;

  /** @param isPaused whether the time stands still now; afterwards it starts again from zero */
  constructor(
    scheduler: SchedulerLike,
    timeout: number,
    isPaused: () => boolean,
    onIdle: () => void,
  ) {
    this.#scheduler = scheduler;
    this.#lastTouch = scheduler.now();
    // A touch does not restart the timer: when the timer is due it checks the last touch, and waits for the time that
    // is left.
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

/** What the timer closes when no byte has moved for too long. */
export interface IdleOwner {
  /** Whether we hold the peer back: then its silence is our doing. */
  readonly isHeld: boolean;
  /** The silent peer, for the error. */
  readonly peer: Where;
  close(error: Error): void;
}

/** @returns null if it may be idle for ever */
export function idleTimerOf(
  owner: IdleOwner,
  { idleTimeout, scheduler }: ConnectionSettings,
): IdleTimer | null {
  if (idleTimeout === Infinity) return null;
  return new IdleTimer(
    scheduler,
    idleTimeout,
    () => owner.isHeld,
    () => {
      const { peer } = owner;
      owner.close(timedOut(peer, `nothing moved for ${idleTimeout} ms`));
    },
  );
}
