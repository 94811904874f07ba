import { AsyncResource } from 'node:async_hooks';

/**
 * The asynchronous context in which something was made: the stores of `AsyncLocalStorage`, and what tracers go by.
 * The event loop calls back in the context of the socket that it has news of. Otherwise that would be the context of
 * whoever happened to open the loop, and one user's store would be seen by all others.
 *
 * Each connection has its own, so that a store which is entered in one of its callbacks stays with it.
 */
export class Context extends AsyncResource {
  constructor() {
    super('BIPOLL');
  }

  /** Calls a function in this context. */
  run<Arguments extends unknown[], Result>(
    call: (...args: Arguments) => Result,
    ...args: Arguments
  ): Result {
    return this.runInAsyncScope(call, undefined, ...args);
  }
}
