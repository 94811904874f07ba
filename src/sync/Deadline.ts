import { checkTimeout } from '../core/argument';

// Captured at import: tests that fake the clock afterwards must not stop a verb's deadline.
const clock = performance.now.bind(performance);

/**
 * The moment at which one or several verbs give up: see {@link deadlineIn}. A verb with a timeout makes its own, which
 * begins when `left` is first read, right before the first wait: so a verb that waits once or not at all need not read
 * the clock.
 */
export class Deadline {
  /** How many bytes its verb has read after it. @internal */
  lateBytes = 0;

  /** @internal */
  constructor(
    readonly timeout: number,
    readonly interruptible: boolean,
    private end = NaN,
    /** Whether it began before the verb, so that the verb may have had less time than `timeout`. */
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
 * A deadline that several verbs share: the time that one takes is missing for the next.
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
