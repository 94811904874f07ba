import { checkTimeout } from '../core/argument';

// Kept from the time of import: tests that fake the clock afterwards must not stop a verb's deadline.
const clock = performance.now.bind(performance);

/**
 * The moment at which verbs give up, for several of them: see {@link deadlineIn}. A verb makes its own of a timeout, which
 * begins when `left` is first asked for, right before the first wait: a verb that waits once, or not at all, is spared
 * the look at the clock.
 */
export class Deadline {
  /** @internal */
  constructor(
    readonly timeout: number,
    readonly interruptible: boolean,
    private end = NaN,
    /** Whether it began before the verb, which may have had less time than `timeout`. */
    readonly isShared = false,
  ) {}

  /** Milliseconds left, 0 when it has passed. @internal */
  get left(): number {
    const now = clock();
    if (Number.isNaN(this.end)) this.end = now + this.timeout;
    return this.timeout === 0 ? 0 : Math.max(0, this.end - now);
  }

  /** The same moment, for one verb of several. Begins now, if it has not. @internal */
  shared(interruptible: boolean): Deadline {
    if (Number.isNaN(this.end)) this.end = clock() + this.timeout;
    return new Deadline(this.timeout, interruptible, this.end, true);
  }
}

/**
 * A deadline for several verbs: what one of them takes, the next ones have less.
 *
 * @param ms milliseconds from now, on a clock that nobody sets; `Infinity` is never
 *
 * @example
 * const limit = { deadline: deadlineIn(2000) };
 * using socket = connect({ port: 6379 }, limit);
 * writeAll(socket, 'PING\r\n', limit);
 * console.log(readLine(socket, limit)); // two seconds for all of it
 */
export function deadlineIn(ms: number): Deadline {
  return new Deadline(checkTimeout('ms', ms), false).shared(false);
}
