import { defer, mergeMap, Observable, throwError, timeout } from 'rxjs';
import {
  checkOptions,
  checkString,
  checkTimeout,
  invalidType,
  invalidValue,
} from '../core/argument';
import { TimeoutError } from '../core/errors';
import { connectLocal } from '../core/local';
import type { StreamSocket } from '../core/StreamSocket';
import type { LocalTarget, TcpTarget } from '../core/target';
import { connectTcp, type TcpStreamOptions } from '../core/tcp';
import { AbortError, untilAborted } from './abort';
import { addressesOf } from './addresses';
import { attempt } from './attempt';
import { channels } from './connection/channels';
import type { Connection, ConnectionOptions } from './connection/Connection';
import { type SocketSettings, socketSettings } from './connection/options';
import { connectionOver } from './fromSocket';
import { Context } from './loop/Context';
import { EventLoop } from './loop/EventLoop';
import { race } from './race';

/** @see connect */
export interface ConnectOptions extends ConnectionOptions, TcpStreamOptions {
  /** Milliseconds for connecting, names included; no limit but the system's by default. */
  timeout?: number;
  /** Aborting ends it with an `AbortError` (`ABORT_ERR`), and closes the connection. */
  signal?: AbortSignal;
}

/**
 * Connects, and emits the one connection. Cold: subscribing connects, also again, so that `retry` and `repeat` of rxjs
 * work. A name is resolved without blocking, and its addresses are raced. Completes when the connection was closed in
 * order, or fails with its error.
 *
 * Unsubscribing closes the connection, once what it has queued is sent. Only who takes no more than the connection, as
 * `take(1)` does, leaves it to those that have subscribed to it by then: it closes when the last of them is gone.
 *
 * An error of the Observable: `ECONNREFUSED`, `ENOENT`, `ENOTFOUND` and the like; a `TimeoutError`.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * connect({ port: 7000 }, { timeout: 1000 })
 *   .pipe(mergeMap((connection) => connection.data$), retry({ delay: 1000 }))
 *   .subscribe((chunk) => console.log(chunk.toString()));
 */
export function connect(
  target: TcpTarget | LocalTarget,
  options: ConnectOptions = {},
): Observable<Connection> {
  checkOptions('target', target);
  checkOptions('options', options);
  const all = { ...target, ...options };
  const settings = socketSettings(all);
  const limit = checkTimeout('timeout', all.timeout ?? Infinity);
  const begin = connector(all, settings);
  const connection = new Observable<Connection>((subscriber) => {
    const context = new Context();
    subscriber.add(
      within(limit, begin(context), settings).subscribe({
        next(stream) {
          const made = connectionOver(stream, settings, context);
          subscriber.add(
            made.closed$.subscribe((error) => {
              if (error) subscriber.error(error);
              else subscriber.complete();
            }),
          );
          let isEmitting = true;
          subscriber.add(() => {
            if (isEmitting) made.abandon();
            else made.windUp();
          });
          subscriber.next(made);
          isEmitting = false;
        },
        error(error: Error) {
          if (channels.fail.hasSubscribers) channels.fail.publish({ syscall: 'connect', error });
          subscriber.error(error);
        },
      }),
    );
  });
  return all.signal ? untilAborted(connection, all.signal, aborted) : connection;
}

/** Checks the target, and returns what connects to it. */
function connector(
  target: TcpTarget | LocalTarget,
  { loop, scheduler }: SocketSettings,
): (context: Context) => Observable<StreamSocket> {
  const served = () => loop ?? EventLoop.default;
  const attemptIn = (begin: () => StreamSocket, context: Context) =>
    attempt(begin, served(), context);
  if ('path' in target) return (context) => attemptIn(() => connectLocal(target), context);
  if (!('port' in target)) throw invalidType('target', 'an object with a port or a path', target);
  const host = checkString('host', target.host ?? 'localhost');
  if (host === '' || host.includes('\0')) {
    throw invalidValue('host', 'must be a name or an address', host);
  }
  return (context) =>
    addressesOf(host, target.family ?? 0, served()).pipe(
      mergeMap((addresses) =>
        race(
          addresses.map((address) =>
            attemptIn(() => connectTcp({ ...target, host: address }), context),
          ),
          scheduler,
        ),
      ),
    );
}

function within<T>(
  limit: number,
  source: Observable<T>,
  { scheduler }: SocketSettings,
): Observable<T> {
  if (limit === Infinity) return source;
  const tooLate = () => throwError(() => new TimeoutError(`connect took more than ${limit} ms`));
  return defer(() => source.pipe(timeout({ first: limit, with: tooLate, scheduler })));
}

function aborted({ reason }: AbortSignal): AbortError {
  return new AbortError('The operation was aborted', { cause: reason });
}
