import { type SchedulerLike, Subscription } from 'rxjs';

/** The longest time that JavaScript's timers take: a longer one would fire at once. */
export const MOST_MILLISECONDS = 2 ** 31 - 1;

/**
 * Calls a function after any number of milliseconds; `Infinity` is never. Unsubscribing cancels it.
 *
 * @param keepsAlive whether it keeps the process alive
 */
export function after(
  scheduler: SchedulerLike,
  milliseconds: number,
  work: () => void,
  keepsAlive = false,
): Subscription {
  const timer = new Subscription();
  const wait = (left: number): void => {
    const step = Math.min(left, MOST_MILLISECONDS);
    const action = scheduler.schedule(() => {
      if (left > step) wait(left - step);
      else work();
    }, step);
    timer.add(action);
    if (!keepsAlive) letExit(action);
  };
  if (milliseconds !== Infinity) wait(milliseconds);
  return timer;
}

/** An action of rxjs' `asyncScheduler` has the timer of Node.js as its `id`; those of virtual time have a number. */
function letExit(action: Subscription): void {
  (action as { id?: { unref?: () => void } }).id?.unref?.();
}
