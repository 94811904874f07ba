import { Observable } from 'rxjs';
import { checkOptions, invalidType } from '../core/argument';
import { listenLocal, type ListenLocalOptions } from '../core/local';
import type { LocalServer } from '../core/LocalServer';
import { listenTcp, type ListenTcpOptions } from '../core/tcp';
import { TcpServer } from '../core/TcpServer';
import { untilAborted } from './abort';
import type { Connection } from './connection/Connection';
import { type AcceptOptions, listenerSettings } from './fromServer';
import { Listener } from './Listener';

/** Where to listen: as for `listenTcp` or `listenLocal`. */
export type ListenTarget = ListenTcpOptions | ListenLocalOptions;

/** Where a listener really listens: after port 0, the port that it got. */
export type ListeningAddress = { host: string; port: number } | { path: string };

/** @see listen */
export interface ListenOptions
  extends AcceptOptions, Partial<Omit<ListenTcpOptions, 'port'>>, Omit<ListenLocalOptions, 'path'> {
  /** Called when it is bound. */
  onListening?: (address: ListeningAddress) => void;
  /** Aborting stops listening: the Observable completes. */
  signal?: AbortSignal;
}

/**
 * Listens, and emits the connections. Cold: subscribing binds, unsubscribing closes the listener at once. The
 * connections that somebody is subscribed to go on; any other is closed, once what it has queued is sent. To serve each
 * of them, use `serve`. Without it, close each connection that is not read to its end: until then, bytes that nobody
 * reads keep it open.
 *
 * An error of the Observable: `EADDRINUSE`, `EACCES` and the like, a `StaleSocketError`.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`
 *
 * @example
 * listen({ path: '/run/user/1000/echo.sock' }, { maxConnections: 1000 })
 *   .pipe(serve((connection) => connection.send(connection.data$)))
 *   .subscribe();
 */
export function listen(target: ListenTarget, options: ListenOptions = {}): Observable<Connection> {
  checkOptions('target', target);
  checkOptions('options', options);
  const all = { ...target, ...options };
  const bind = binder(all);
  const { onListening, signal } = all;
  if (onListening !== undefined && typeof onListening !== 'function') {
    throw invalidType('onListening', 'a function', onListening);
  }
  const settings = listenerSettings(all, !('path' in all));
  const connections = new Observable<Connection>((subscriber) => {
    const server = bind();
    subscriber.add(() => {
      server.close();
    });
    const listener = new Listener(server, settings, subscriber);
    subscriber.add(() => {
      listener.close();
    });
    // A listener that cannot be watched has failed already.
    if (!server.closed) onListening?.(addressOf(server));
  });
  return signal ? untilAborted(connections, signal, () => null) : connections;
}

function binder(target: ListenTarget): () => TcpServer | LocalServer {
  if ('path' in target) return () => listenLocal(target);
  if ('port' in target) return () => listenTcp(target);
  throw invalidType('target', 'an object with a port or a path', target);
}

function addressOf(server: TcpServer | LocalServer): ListeningAddress {
  return server instanceof TcpServer
    ? { host: server.host, port: server.port }
    : { path: server.path };
}
