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
import { channels } from './channels';
import type { Connection, ConnectionOptions } from './Connection';
import { connectionSettings, type ConnectionSettings } from './options';
import { race } from './race';
import { SocketConnection } from './SocketConnection';

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
  const settings = connectionSettings(all);
  const limit = checkTimeout('timeout', all.timeout ?? Infinity);
  const connected = within(limit, connectedStream(all, settings), settings);
  const connection = new Observable<Connection>((subscriber) => {
    subscriber.add(
      connected.subscribe({
        next(stream) {
          const made = new SocketConnection(stream, settings);
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

function connectedStream(
  target: TcpTarget | LocalTarget,
  { loop, scheduler }: ConnectionSettings,
): Observable<StreamSocket> {
  if ('path' in target) return attempt(() => connectLocal(target), loop);
  if (!('port' in target)) throw invalidType('target', 'an object with a port or a path', target);
  const host = checkString('host', target.host ?? 'localhost');
  if (host === '' || host.includes('\0')) {
    throw invalidValue('host', 'must be a name or an address', host);
  }
  return addressesOf(host, target.family ?? 0).pipe(
    mergeMap((addresses) =>
      race(
        addresses.map((address) => attempt(() => connectTcp({ ...target, host: address }), loop)),
        scheduler,
      ),
    ),
  );
}

function within<T>(
  limit: number,
  source: Observable<T>,
  { scheduler }: ConnectionSettings,
): Observable<T> {
  if (limit === Infinity) return source;
  const tooLate = () => throwError(() => new TimeoutError(`connect took more than ${limit} ms`));
  return defer(() => source.pipe(timeout({ first: limit, with: tooLate, scheduler })));
}

function aborted({ reason }: AbortSignal): AbortError {
  return new AbortError('The operation was aborted', { cause: reason });
}
