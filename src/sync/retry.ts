import { checkFunction, propertyOf } from '../core/argument';
import { timedOut } from './failures';
import { deadlineOf, type BlockingOptions } from './options';
import { sleep } from './sleep';

/** Errors that pass while a server starts or a network comes up. */
const PASSING = new Set<unknown>([
  'EAGAIN',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ETIMEDOUT',
]);

const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 250;

/**
 * Calls a function until it throws no passing error: `ECONNREFUSED`, `ENOENT`, `ETIMEDOUT`, `ECONNRESET`, `EHOSTUNREACH` and
 * the like. Between the calls it sleeps for 10 ms, then for twice as long each time, up to 250 ms.
 *
 * @param attempt is passed what is left of the limit, for the verbs in it
 * @returns what it returned
 * @throws TimeoutError no call succeeded in time; the last error is its `cause`. There is at least one call
 * @throws whatever else `attempt` throws
 *
 * @example
 * using socket = retry((limit) => connect({ port: 5432 }, limit), { timeout: 10_000 }); // until the port is open
 */
export function retry<T>(attempt: (limit: BlockingOptions) => T, limit: BlockingOptions): T {
  checkFunction('attempt', attempt);
  const own = deadlineOf(limit);
  const { interruptible } = own;
  const deadline = own.shared(interruptible);
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return attempt({ deadline, interruptible });
    } catch (cause) {
      if (!PASSING.has(propertyOf('error', cause, 'code'))) throw cause;
      const { left } = deadline;
      if (left === 0) throw timedOut('retry', own, {}, 'no attempt succeeded', { cause });
      sleep(Math.min(pause, left), { interruptible });
    }
  }
}
