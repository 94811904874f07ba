import {
  checkBoolean,
  checkInstance,
  checkInteger,
  checkTimeout,
  invalidValue,
  type OptionNames,
  optionsOf,
} from '../core/argument';
import { NO_OPTIONS, RECEIVE_OPTIONS, type ReceiveOptions } from '../core/messages';
import { Deadline } from './Deadline';

/** How long a verb may take: one of the two is given. */
export type TimeLimit =
  | {
      /**
       * Milliseconds for the whole call, on a clock that nobody sets; fractions count. `0` does not wait,
       * `Infinity` waits for ever.
       */
      timeout: number;
      deadline?: undefined;
    }
  | {
      /** The moment at which it gives up: see `deadlineIn`. */
      deadline: Deadline;
      timeout?: undefined;
    };

/** What a verb takes that a signal may end. */
export interface InterruptibleOptions {
  /**
   * Lets a signal end the verb with an `InterruptedError`, so that a script can return to Node's event loop, which runs
   * its signal handlers. A signal that came before the verb counts until its handler has run. Otherwise the verb
   * continues to its deadline. Has no effect in a worker, where Node runs no signal handlers, and on Windows.
   */
  interruptible?: boolean;
}

/** What every blocking verb takes. */
export type BlockingOptions = TimeLimit & InterruptibleOptions;

/** What a verb that collects bytes takes. */
export type CollectingOptions = BlockingOptions & {
  /** The most bytes that it collects; 1 MiB by default. */
  maxBytes?: number;
};

/** What a verb takes that receives a message. */
export type ReceivingOptions = BlockingOptions & ReceiveOptions;

/** What a verb takes that sends a message. */
export type SendingOptions<Address> = BlockingOptions & {
  /** For whom it is; not to be given if the socket is connected. */
  to?: Address;
};

export const DEFAULT_MAX_BYTES = 1024 * 1024;
export const MAX_BYTES = 2 ** 31 - 1;

export const INTERRUPTIBLE_OPTIONS: OptionNames<InterruptibleOptions> = { interruptible: true };
const BLOCKING_OPTIONS: OptionNames<BlockingOptions> = {
  ...INTERRUPTIBLE_OPTIONS,
  timeout: true,
  deadline: true,
};
const RECEIVING_OPTIONS: OptionNames<ReceivingOptions> = {
  ...BLOCKING_OPTIONS,
  ...RECEIVE_OPTIONS,
};
const SENDING_OPTIONS: OptionNames<SendingOptions<unknown>> = { ...BLOCKING_OPTIONS, to: true };
const COLLECTING_OPTIONS: OptionNames<CollectingOptions> = { ...BLOCKING_OPTIONS, maxBytes: true };

/** What a call without options gives: the error then says that a timeout is missing. */
const NO_LIMIT = {} as BlockingOptions;

/** Checks the options of a verb and returns its deadline. */
export function deadlineOf(options: BlockingOptions = NO_LIMIT): Deadline {
  return checkedDeadline(optionsOf('options', options, BLOCKING_OPTIONS));
}

/** The same for a verb that collects bytes, with the most that it collects. */
export function collectingOf(options: CollectingOptions = NO_LIMIT): {
  deadline: Deadline;
  maxBytes: number;
} {
  const own = optionsOf('options', options, COLLECTING_OPTIONS);
  const { maxBytes = DEFAULT_MAX_BYTES } = own;
  return {
    deadline: checkedDeadline(own),
    maxBytes: checkInteger('maxBytes', maxBytes, 1, MAX_BYTES),
  };
}

/** The same for a verb that receives a message, with how it is received. */
export function receivingOf(options: ReceivingOptions = NO_LIMIT): {
  deadline: Deadline;
  receiving: ReceiveOptions;
} {
  const own = optionsOf('options', options, RECEIVING_OPTIONS);
  const { maxBytes } = own;
  return {
    deadline: checkedDeadline(own),
    receiving: maxBytes === undefined ? NO_OPTIONS : { maxBytes },
  };
}

/** The same for a verb that sends a message, with for whom it is. */
export function sendingOf<Address>(options: SendingOptions<Address> = NO_LIMIT): {
  deadline: Deadline;
  to: Address | undefined;
} {
  const own = optionsOf<SendingOptions<Address>>('options', options, SENDING_OPTIONS);
  return { deadline: checkedDeadline(own), to: own.to };
}

function checkedDeadline(options: BlockingOptions): Deadline {
  const { interruptible = false } = options;
  const { timeout, deadline }: { timeout?: unknown; deadline?: unknown } = options;
  checkBoolean('interruptible', interruptible);
  if (deadline === undefined) return new Deadline(checkTimeout('timeout', timeout), interruptible);
  if (timeout !== undefined) {
    throw invalidValue('options', 'must have a timeout or a deadline, not both', {
      timeout,
      deadline,
    });
  }
  return checkInstance('deadline', Deadline, deadline).shared(interruptible);
}
