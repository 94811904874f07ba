import { invalidType, propertyOf } from './argument';
import { native } from './native';

/** Names a poller of this process. It is plain data, so it can be posted to any thread. */
export interface Waker {
  readonly waker: number;
}

/**
 * Ends the wait of a poller, or its next one, from any thread of this process.
 *
 * @returns false if the poller is gone
 * @example
 * // in a worker thread, which got `poller.waker` as its workerData
 * wake(workerData);
 */
export function wake(waker: Waker): boolean {
  const number = propertyOf('waker', waker, 'waker');
  if (typeof number !== 'number') throw invalidType('waker', 'the waker of a poller', waker);
  return native.wake(number);
}
