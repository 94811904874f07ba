import { AsyncResource } from 'node:async_hooks';

/**
 * The asynchronous context in which something was made: the stores of `AsyncLocalStorage`, and what tracers go by.
 * What the event loop tells of a socket is told in the socket's own context, as with `node:net`: else it would be
 * that of whoever happened to open the loop.
 *
 * The connections of a listener share the listener's.
 */
export class Context {
  readonly #resource = new AsyncResource('BIPOLL');

  /** Calls a function in this context. */
  run<This, Arguments extends unknown[], Result>(
    call: (this: This, ...args: Arguments) => Result,
    self: This,
    ...args: Arguments
  ): Result {
    return this.#resource.runInAsyncScope(call, self, ...args);
  }
}
