import { Observable } from 'rxjs';
import { checkInstance, type OptionNames, optionsOf } from '../core/argument';
import { StreamServer } from '../core/StreamServer';
import { TcpServer } from '../core/TcpServer';
import {
  type CheckedTcpStreamOptions,
  checkTcpStreamOptions,
  TCP_STREAM_OPTIONS,
  type TcpStreamOptions,
} from '../core/tcpStreamOptions';
import type { Connection, ConnectionOptions } from './connection/Connection';
import { Listener, type ListenerSettings } from './Listener';
import { CONNECTION_OPTIONS, socketSettings } from './connection/options';
import { checkMaxConnections, MAX_CONNECTIONS } from './maxConnections';

/**
 * The options of accepted connections. TCP options default to those of `listenTcp`, and do not apply to local
 * connections. Those that `fromServer` is given become the server's.
 */
export interface AcceptOptions extends ConnectionOptions, TcpStreamOptions {
  /** How many connections may be open at a time; others wait in the backlog. 10,000 by default. */
  maxConnections?: number;
}

export const ACCEPT_OPTIONS: OptionNames<AcceptOptions> = {
  ...CONNECTION_OPTIONS,
  ...TCP_STREAM_OPTIONS,
  maxConnections: true,
};

/**
 * The connections of an already bound server, which stays the caller's. Unsubscribing stops accepting, and closes the
 * connections without subscribers. Completes when the server is closed.
 *
 * Running out of descriptors is no error here: clients stay in the backlog, and the channel `bipoll:connection:fail`
 * reports it.
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
  checkInstance('server', StreamServer, server);
  const own = optionsOf('options', options, ACCEPT_OPTIONS);
  const settings = listenerSettings(own, server instanceof TcpServer ? server.streamOptions : null);
  return new Observable((subscriber) => {
    if (server instanceof TcpServer && settings.tcp && settings.tcp !== server.streamOptions) {
      server.setStreamOptions(settings.tcp);
    }
    const listener = new Listener(server, settings, subscriber);
    return () => {
      listener.close();
    };
  });
}

/**
 * Checks options that were read.
 *
 * @param tcpDefaults what they leave out of the TCP options; null for a local server
 */
export function listenerSettings(
  options: AcceptOptions,
  tcpDefaults: CheckedTcpStreamOptions | null,
): ListenerSettings {
  const { maxConnections = MAX_CONNECTIONS } = options;
  return {
    connection: socketSettings(options),
    tcp: tcpDefaults && checkTcpStreamOptions(options, tcpDefaults),
    maxConnections: checkMaxConnections(maxConnections),
  };
}
