import { AsyncResource } from 'node:async_hooks';

/**
 * The asynchronous context in which something was made: the stores of `AsyncLocalStorage`, and what tracers go by. The
 * event loop runs the callbacks of a socket in that socket's context. Otherwise they would all run in the context of
 * the code that happened to open the loop, and every user would see that one's store.
 *
 * Each connection has its own, so that a store entered in one of its callbacks stays with it.
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
