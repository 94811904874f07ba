import { setImmediate as turn } from 'node:timers/promises';
import type { SocketEvent } from 'bipoll';
import { PATIENCE } from '../support/patience';

/** What the model expects of a socket. */
export interface Expected {
  /** The events that hold for sure. */
  readonly certain: ReadonlySet<SocketEvent>;
  /** Those that may hold, those for sure among them. */
  readonly possible: ReadonlySet<SocketEvent>;
}

/** The library does not do what the model says. */
class MismatchError extends Error {}

export function expectThat(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new MismatchError(otherwise);
}

/** Lets the event loop turn until something holds. */
export async function turnUntil(holds: () => boolean, what: string): Promise<void> {
  for (const deadline = performance.now() + PATIENCE; !holds();) {
    expectThat(performance.now() < deadline, `${what} did not happen`);
    await turn();
  }
}

/** What a call gives: its result, or the code of its error. */
export function outcomeOf<Result>(call: () => Result): Result | string {
  try {
    return call();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code;
  }
}
