import { Observable } from 'rxjs';
import { checkFunction, mergedOptions, type OptionNames, optionsOf } from '../core/argument';
import { LISTEN_LOCAL_OPTIONS, localBinder, type ListenLocalOptions } from '../core/local';
import type { LocalServer } from '../core/LocalServer';
import { isLocal } from '../core/target';
import { LISTEN_TCP_OPTIONS, tcpBinder, type ListenTcpOptions } from '../core/tcp';
import { TcpServer } from '../core/TcpServer';
import { TCP_STREAM_DEFAULTS } from '../core/tcpStreamOptions';
import { untilAborted } from './abort';
import type { Connection } from './connection/Connection';
import { ACCEPT_OPTIONS, type AcceptOptions, listenerSettings } from './fromServer';
import { Listener } from './Listener';
import type { ServerTlsOptions } from './tls/options';
import { securingServer } from './tls/securing';
import type { TlsConnection } from './tls/TlsConnection';

/** Where to listen: as for `listenTcp` or `listenLocal`. */
export type ListenTarget =
  (ListenTcpOptions & { path?: undefined }) | (ListenLocalOptions & { port?: undefined });

/** Where a listener really listens: after port 0, the port that it got. */
export type ListeningAddress = { host: string; port: number } | { path: string };

/** @see listen */
export interface ListenOptions
  extends AcceptOptions, Partial<Omit<ListenTcpOptions, 'port'>>, Omit<ListenLocalOptions, 'path'> {
  /**
   * Called in a microtask after binding, when `subscribe` has returned its subscription; not called if the listener is
   * closed by then.
   */
  onListening?: (address: ListeningAddress) => void;
  /** Aborting stops listening: the Observable completes. */
  signal?: AbortSignal;
  /**
   * Emits each client once the TLS handshake with it is done: needs `key` and `cert`, `pfx` or `secureContext`. Those who
   * shake hands count for `maxConnections`. `borrow` and `answerTimeout` cannot be used with it.
   */
  tls?: ServerTlsOptions;
}

/** Validates both arguments together: an option may be given in either. */
const LISTEN_OPTIONS: OptionNames<ListenOptions & ListenTcpOptions & ListenLocalOptions> = {
  ...ACCEPT_OPTIONS,
  ...LISTEN_TCP_OPTIONS,
  ...LISTEN_LOCAL_OPTIONS,
  onListening: true,
  signal: true,
  tls: true,
};

/**
 * Listens, and emits the connections. Cold: subscribing binds, unsubscribing closes the listener at once. The
 * connections that somebody is subscribed to go on; any other is closed, once what it has queued is sent. To serve each
 * of them, use `serve`. Without it, close each connection that is not read to its end: until then, bytes that nobody
 * reads keep it open.
 *
 * An error of the Observable: `EADDRINUSE`, `EACCES` and the like, a `StaleSocketError`.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`, and what `tls.createSecureContext` says of keys and certificates
 *
 * @example
 * listen({ path: '/run/user/1000/echo.sock' }, { maxConnections: 1000 })
 *   .pipe(serve((connection) => connection.send(connection.data$)))
 *   .subscribe();
 *
 * @example
 * listen({ port: 7443 }, { tls: { key, cert } })
 *   .pipe(serve((connection) => connection.send(connection.data$)))
 *   .subscribe();
 */
export function listen(
  target: ListenTarget,
  options: ListenOptions & { tls: ServerTlsOptions },
): Observable<TlsConnection>;
export function listen(target: ListenTarget, options?: ListenOptions): Observable<Connection>;
export function listen(target: ListenTarget, options: ListenOptions = {}): Observable<Connection> {
  const all = mergedOptions(
    optionsOf<object>('target', target, LISTEN_OPTIONS),
    optionsOf('options', options, LISTEN_OPTIONS),
  ) as ListenTarget & ListenOptions;
  const { signal, tls } = all;
  const connections = tls === undefined ? listenInClear(all) : listenSecured(all, tls);
  return signal === undefined ? connections : untilAborted(connections, signal, () => null);
}

function listenInClear(all: ListenTarget & ListenOptions): Observable<Connection> {
  const bind = binder(all);
  const { onListening } = all;
  if (onListening !== undefined) checkFunction('onListening', onListening);
  const settings = listenerSettings(all, isLocal(all) ? null : TCP_STREAM_DEFAULTS);
  return new Observable((subscriber) => {
    const server = bind();
    subscriber.add(() => {
      server.close();
    });
    const listener = new Listener(server, settings, subscriber);
    subscriber.add(() => {
      listener.close();
    });
    if (!onListening) return;
    queueMicrotask(() => {
      if (!server.closed) onListening(addressOf(server));
    });
  });
}

function listenSecured(
  all: ListenTarget & ListenOptions,
  tls: ServerTlsOptions,
): Observable<TlsConnection> {
  const { below, secure } = securingServer(all, tls);
  return listenInClear(below).pipe(secure);
}

function binder(target: ListenTarget): () => TcpServer | LocalServer {
  return isLocal(target) ? localBinder(target) : tcpBinder(target);
}

function addressOf(server: TcpServer | LocalServer): ListeningAddress {
  return server instanceof TcpServer
    ? { host: server.host, port: server.port }
    : { path: server.path };
}
