import {
  asyncScheduler,
  from,
  NEVER,
  Observable,
  type ObservableInput,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import {
  checkFunction,
  checkTimeout,
  invalidType,
  type OptionNames,
  optionsOf,
} from '../core/argument';
import type { Connection } from './connection/Connection';
import { checkScheduler } from './connection/options';
import { checkMaxConnections, MAX_CONNECTIONS } from './maxConnections';
import { Service } from './serving/Service';
import { warnOfMistakes } from './serving/warnOfMistakes';

/** @see serve */
export interface ServeOptions {
  /**
   * Called with the error of a connection's handler, before that connection is closed: what it writes to the connection
   * is still sent. If the client is gone, it is closed already, and writing comes to nothing. By default errors that
   * clients and networks cause (`SocketError`, `TimeoutError`, `FramingError`, and what the connection failed with) are
   * ignored; any other is a mistake in the program, and becomes a process warning (`BIPOLL_HANDLER_FAILED`).
   */
  onError?: (error: unknown, connection: Connection) => void;
  /**
   * When this emits, the service shuts down: nobody new is accepted, no connection is read any more, so that each `data$`
   * completes, and the Observable completes when all handlers have finished and all they wrote is sent.
   */
  stop$?: ObservableInput<unknown>;
  /**
   * Milliseconds that handlers may take to finish after `stop$` has emitted, and each after its connection was closed;
   * 5000 by default. Those that take longer are unsubscribed, and `onError` is called with a `TimeoutError`.
   */
  grace?: number;
  /** How many connections are served at a time; 10,000 by default. Others wait in the backlog of the listener. */
  maxConnections?: number;
  /** Where the time comes from; rxjs' `asyncScheduler` by default. */
  scheduler?: SchedulerLike;
}

const SERVE_OPTIONS: OptionNames<ServeOptions> = {
  onError: true,
  stop$: true,
  grace: true,
  maxConnections: true,
  scheduler: true,
};

/**
 * Serves each connection by a handler, and emits what the handlers emit.
 *
 * - Our side stays open until the handler's Observable completes, also if the client has ended its own: it gets its answer.
 *   Then our side is ended, and the connection is closed once the client has ended, too, or after its `closeTimeout`.
 * - What a handler fails with, or its connection, is that connection's alone: `onError` is called, and it is closed.
 * - While `maxConnections` are served, the listener accepts nobody, so handlers that are stuck cannot use up the process.
 * - With `stop$` a service ends in order: every request that was read is answered.
 *
 * Unsubscribing stops at once, without an answer for what is at work.
 *
 * An error of the Observable: what the source or `stop$` fails with, once the handlers at work have finished.
 *
 * @param handler an Observable, a promise or an iterable; it is over when the connection is not needed any more
 * @throws TypeError RangeError `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 *
 * @example
 * const shout = (connection: Connection) =>
 *   connection.data$.pipe(
 *     decode(lines({ maxBytes: 1024 })),
 *     pacedMap((line) => connection.send([line.toUpperCase() + '\n'])),
 *   );
 * listen({ port: 7000 }).pipe(serve(shout, { stop$: fromEvent(process, 'SIGTERM') })).subscribe();
 */
export function serve<T, Served extends Connection = Connection>(
  handler: (connection: Served) => ObservableInput<T>,
  options: ServeOptions = {},
): OperatorFunction<Served, T> {
  checkFunction('handler', handler);
  const {
    onError = warnOfMistakes,
    stop$,
    grace = 5000,
    maxConnections = MAX_CONNECTIONS,
    scheduler = asyncScheduler,
  } = optionsOf('options', options, SERVE_OPTIONS);
  checkFunction('onError', onError);
  checkScheduler(scheduler);
  const settings = {
    handler: handler as (connection: Connection) => ObservableInput<T>, // is given those of the source alone
    onError,
    stop$: stop$ === undefined ? NEVER : observableOf('stop$', stop$),
    grace: checkTimeout('grace', grace),
    maxConnections: checkMaxConnections(maxConnections),
    scheduler,
  };
  return (connections$) =>
    new Observable((subscriber) => {
      new Service(settings, subscriber).serve(connections$);
    });
}

function observableOf(name: string, input: ObservableInput<unknown>): Observable<unknown> {
  try {
    return from(input);
  } catch {
    throw invalidType(name, 'an Observable', input);
  }
}
