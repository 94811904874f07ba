import { Observable } from 'rxjs';
import { checkInteger, invalidType } from '../core/argument';
import { StreamServer } from '../core/StreamServer';
import { TcpServer } from '../core/TcpServer';
import { checkTcpStreamOptions, type TcpStreamOptions } from '../core/tcp';
import type { Connection, ConnectionOptions } from './connection/Connection';
import { Listener, type ListenerSettings } from './Listener';
import { socketSettings } from './connection/options';

/** What accepted connections are made with. TCP options do not concern local ones. */
export interface AcceptOptions extends ConnectionOptions, TcpStreamOptions {
  /** While so many are open, whoever else comes waits in the backlog; no limit by default. */
  maxConnections?: number;
}

/**
 * The connections of a server that is bound already and stays the caller's. Unsubscribing stops accepting, and
 * closes those connections that nobody is subscribed to. Completes when the server is closed.
 *
 * Running out of descriptors is no error here: those who wait go on waiting, and the channel
 * `bipoll:connection:fail` tells of it.
 *
 * @throws SocketBusyError as an error of the Observable: it has a subscriber already
 *
 * @example
 * using server = adopt(3, 'tcpServer'); // from systemd
 * fromServer(server).pipe(serve(handle)).subscribe();
 */
export function fromServer(
  server: StreamServer,
  options: AcceptOptions = {},
): Observable<Connection> {
  if (!(server instanceof StreamServer)) throw invalidType('server', 'a StreamServer', server);
  const settings = listenerSettings(options, server instanceof TcpServer);
  return new Observable((subscriber) => {
    const listener = new Listener(server, settings, subscriber);
    return () => {
      listener.close();
    };
  });
}

export function listenerSettings(options: AcceptOptions, isTcp: boolean): ListenerSettings {
  const { maxConnections = Infinity } = options;
  return {
    connection: socketSettings(options),
    tcp: isTcp ? checkTcpStreamOptions(options) : null,
    maxConnections:
      maxConnections === Infinity
        ? Infinity
        : checkInteger('maxConnections', maxConnections, 1, Number.MAX_SAFE_INTEGER),
  };
}
