import {
  asyncScheduler,
  identity,
  mergeMap,
  type MonoTypeOperatorFunction,
  Observable,
  type SchedulerLike,
  Subscription,
  tap,
} from 'rxjs';
import { checkTimeout, mergedOptions, type OptionNames, optionsOf } from '../core/argument';
import { placeOf, TimeoutError, type Where } from '../core/errors';
import { localConnector } from '../core/local';
import { native } from '../core/native';
import type { StreamSocket } from '../core/StreamSocket';
import {
  checkedTarget,
  isLocal,
  type LocalTarget,
  type Target,
  TARGET_OPTIONS,
  type TcpTarget,
} from '../core/target';
import { tcpConnector } from '../core/tcp';
import type { TcpStreamOptions } from '../core/tcpStreamOptions';
import { openUntilAborted } from './abort';
import { addressesOf } from './addresses';
import { attempt } from './attempt';
import { channels, publish } from './connection/channels';
import type { Connection, ConnectionOptions } from './connection/Connection';
import { CONNECTION_OPTIONS, type SocketSettings, socketSettings } from './connection/options';
import { emitConnection } from './emitConnection';
import { connectionOver } from './fromSocket';
import { Context } from './loop/Context';
import { EventLoop } from './loop/EventLoop';
import { race } from './race';
import { after } from './timer';
import type { ClientTlsOptions } from './tls/options';
import { securingClient } from './tls/securing';
import type { TlsConnection } from './tls/TlsConnection';

/** @see connect */
export interface ConnectOptions extends ConnectionOptions, TcpStreamOptions {
  /**
   * Milliseconds for connecting, names and the handshake of `tls` included; no limit but the system's, and
   * `handshakeTimeout`, by default.
   */
  timeout?: number;
  /** Aborting ends it with an `AbortError` (`ABORT_ERR`), with which the connection is closed at once, too. */
  signal?: AbortSignal;
  /**
   * Shakes hands as a TLS client once connected, and emits the secured connection; `{}` for the defaults. The server's
   * certificate must be for `host`, unless `servername` says otherwise; over a local socket `servername` is required.
   * Subscribing again goes on from the last session. `borrow` and `answerTimeout` cannot be used with it. In the middle of
   * a session, `startTls` of `bipoll/tls` does this.
   */
  tls?: ClientTlsOptions;
}

/** Validates both arguments together: an option may be given in either. */
const OPTIONS_OF_EITHER: OptionNames<ConnectOptions & TcpTarget> = {
  ...CONNECTION_OPTIONS,
  ...TARGET_OPTIONS,
  timeout: true,
  signal: true,
  tls: true,
};

/**
 * Connects, and emits the one connection. Cold: subscribing connects, also again, so that `retry` and `repeat` of rxjs
 * work. A name is resolved without blocking, and its addresses are raced. Completes when the connection was closed in
 * order, or fails with its error.
 *
 * Unsubscribing closes the connection, once what it has queued is sent. If you unsubscribe while the connection is being
 * emitted, as `take(1)` and `firstValueFrom` do, and an operator that throws then, it stays open: as long as something is
 * subscribed to it, if anything is by then; else until you close it. {@link openConnection} says that in one call. (Behind
 * an operator that emits later, such as `delay`, unsubscribing closes it.) A connection that was left open and is garbage is
 * closed, with a warning (`BIPOLL_UNCLOSED_SOCKET`).
 *
 * An error of the Observable: `ECONNREFUSED`, `ENOENT`, `ENOTFOUND` and the like; if each of several addresses failed, an
 * `AggregateError` with all of them and the code of the first; a `TimeoutError`; with `tls` also what the handshake fails
 * with, with the codes of `node:tls`.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`, and what `tls.createSecureContext` says of keys and certificates
 *
 * @example
 * connect({ port: 7000 }, { timeout: 1000 })
 *   .pipe(mergeMap((connection) => connection.data$), retry({ delay: 1000 }))
 *   .subscribe((chunk) => console.log(chunk.toString()));
 *
 * @example
 * const connection = await openConnection({ host: 'example.org', port: 443 }, { tls: {} });
 * console.log(connection.protocol, connection.peerCertificate?.valid_to);
 */
export function connect(
  target: TcpTarget | LocalTarget,
  options: ConnectOptions & { tls: ClientTlsOptions },
): Observable<TlsConnection>;
export function connect(
  target: TcpTarget | LocalTarget,
  options?: ConnectOptions,
): Observable<Connection>;
export function connect(
  target: TcpTarget | LocalTarget,
  options: ConnectOptions = {},
): Observable<Connection> {
  return connectTelling(target, options, () => undefined);
}

/** Is called with the addresses of a name, or with the look-up's error. */
export type LookUpListener = (found: readonly string[] | Error, host: string) => void;

/** As {@link connect}, and calls a listener when a name has been looked up. A numeric address needs no look-up. */
export function connectTelling(
  target: TcpTarget | LocalTarget,
  options: ConnectOptions,
  onLookUp: LookUpListener,
): Observable<Connection> {
  const all = mergedOptions(
    optionsOf<object>('target', target, OPTIONS_OF_EITHER),
    optionsOf('options', options, OPTIONS_OF_EITHER),
  ) as Target & ConnectOptions;
  const { signal, tls, timeout = Infinity } = all;
  checkTimeout('timeout', timeout);
  const connection =
    tls === undefined
      ? connectInClear(all, timeout, onLookUp)
      : connectSecured(all, timeout, tls, onLookUp);
  return signal === undefined ? connection : openUntilAborted(connection, signal);
}

function connectInClear(
  all: Target & ConnectOptions,
  timeout: number,
  onLookUp: LookUpListener,
): Observable<Connection> {
  const settings = socketSettings(all);
  const begin = connector(all, settings, onLookUp);
  const where = whereOf(all);
  return new Observable((subscriber) => {
    const context = new Context();
    subscriber.add(
      within(timeout, begin(context), where, settings.scheduler).subscribe({
        next(stream) {
          emitConnection(connectionOver(stream, settings, context), subscriber);
        },
        error(error: Error) {
          if (channels.fail.hasSubscribers) publish(channels.fail, { syscall: 'connect', error });
          subscriber.error(error);
        },
      }),
    );
  });
}

function connectSecured(
  all: Target & ConnectOptions,
  timeout: number,
  tls: ClientTlsOptions,
  onLookUp: LookUpListener,
): Observable<TlsConnection> {
  const place = checkedTarget(all);
  const { below, secure } = securingClient(all, tls, isLocal(place) ? undefined : place.host);
  const secured = connectInClear(below, timeout, onLookUp).pipe(secure);
  return within(timeout, secured, whereOf(all), all.scheduler);
}

/** Checks the target, and returns what connects to it. */
function connector(
  target: Target,
  { loop, scheduler }: SocketSettings,
  onLookUp: LookUpListener,
): (context: Context) => Observable<StreamSocket> {
  const served = () => loop ?? EventLoop.default;
  const attemptIn = (begin: () => StreamSocket, context: Context) =>
    attempt(begin, served(), context);
  const place = checkedTarget(target);
  if (isLocal(place)) {
    const begin = localConnector(place);
    return (context) => attemptIn(begin, context);
  }
  const begin = tcpConnector(place);
  return (context) =>
    addressesOf(place.host, place.family, served()).pipe(
      native.addressFamily(place.host) === 0 ? tellingOf(place.host, onLookUp) : identity,
      mergeMap((addresses) =>
        race(
          addresses.map((address) => attemptIn(() => begin(address), context)),
          scheduler,
        ),
      ),
    );
}

function tellingOf(host: string, onLookUp: LookUpListener): MonoTypeOperatorFunction<string[]> {
  return tap({
    next: (addresses) => {
      onLookUp(addresses, host);
    },
    error: (error: Error) => {
      onLookUp(error, host);
    },
  });
}

/** Fails if nothing is emitted in time. */
function within<T>(
  limit: number,
  source: Observable<T>,
  where: Where,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<T> {
  if (limit === Infinity) return source;
  const message = `connect ETIMEDOUT${placeOf(where)}: not connected within ${limit} ms`;
  return new Observable((subscriber) => {
    const deadline = new Subscription();
    subscriber.add(deadline);
    subscriber.add(
      source
        .pipe(
          tap(() => {
            deadline.unsubscribe();
          }),
        )
        .subscribe(subscriber),
    );
    // Behind those of the source, which tell more of what has taken so long.
    deadline.add(
      after(scheduler, limit, () => {
        subscriber.error(new TimeoutError(message, where));
      }),
    );
  });
}

/** What a target names, for errors. */
function whereOf(target: Target): Where {
  if (isLocal(target)) return { path: target.path };
  const { host = 'localhost', port } = target;
  return native.addressFamily(host) === 0 ? { hostname: host, port } : { address: host, port };
}
