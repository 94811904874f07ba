import {
  checkBoolean,
  checkInteger,
  checkTimeout,
  type OptionNames,
  optionsOf,
} from '../core/argument';

/** What every blocking verb takes. */
export interface BlockingOptions {
  /**
   * Milliseconds for the whole call, on a clock that nobody sets; fractions count. `0` does not wait,
   * `Infinity` waits for ever.
   */
  timeout: number;
  /**
   * Lets a signal end the verb with an `InterruptedError`, so that a script with signal handlers can go back to
   * Node's event loop, which runs them. Otherwise the verb goes on to its deadline.
   */
  interruptible?: boolean;
}

/** What a verb that collects bytes takes. */
export interface CollectingOptions extends BlockingOptions {
  /** The most bytes that it collects; 1 MiB by default. */
  maxBytes?: number;
}

export const DEFAULT_MAX_BYTES = 1024 * 1024;
export const MAX_BYTES = 2 ** 31 - 1;

const BLOCKING_OPTIONS: OptionNames<BlockingOptions> = { timeout: true, interruptible: true };
const COLLECTING_OPTIONS: OptionNames<CollectingOptions> = { ...BLOCKING_OPTIONS, maxBytes: true };

/** Checks the options of a verb and returns its deadline. */
export function deadlineOf(options: BlockingOptions): Deadline {
  return checkedDeadline(optionsOf('options', options, BLOCKING_OPTIONS));
}

/** The same for a verb that collects bytes, with the most that it collects. */
export function collectingOf(options: CollectingOptions): { deadline: Deadline; maxBytes: number } {
  const own = optionsOf('options', options, COLLECTING_OPTIONS);
  const { maxBytes = DEFAULT_MAX_BYTES } = own;
  return {
    deadline: checkedDeadline(own),
    maxBytes: checkInteger('maxBytes', maxBytes, 1, MAX_BYTES),
  };
}

function checkedDeadline({ timeout, interruptible = false }: BlockingOptions): Deadline {
  checkTimeout('timeout', timeout);
  return new Deadline(timeout, checkBoolean('interruptible', interruptible));
}

// Kept from the time of import: tests that fake the clock afterwards must not stop a verb's deadline.
const clock = performance.now.bind(performance);

/**
 * The moment at which a verb gives up. It begins when `left` is first asked for, right before the first wait: a verb
 * that waits once, or not at all, is spared the look at the clock.
 */
export class Deadline {
  private end = NaN;

  constructor(
    readonly timeout: number,
    readonly interruptible: boolean,
  ) {}

  /** Milliseconds left, 0 when it has passed. */
  get left(): number {
    const now = clock();
    if (Number.isNaN(this.end)) this.end = now + this.timeout;
    return this.timeout === 0 ? 0 : Math.max(0, this.end - now);
  }
}
