import { Observable } from 'rxjs';
import { checkAnyInstance, type OptionNames, optionsOf } from '../core/argument';
import { type Authorize, checkAuthorize } from '../core/authorize';
import { LocalPacketServer } from '../core/LocalPacketServer';
import type { LocalPacketSocket } from '../core/LocalPacketSocket';
import { StreamServer } from '../core/StreamServer';
import { TcpServer } from '../core/TcpServer';
import {
  type CheckedTcpStreamOptions,
  checkTcpStreamOptions,
  TCP_STREAM_OPTIONS,
  type TcpStreamOptions,
} from '../core/tcpStreamOptions';
import type { Connection, ConnectionOptions } from './connection/Connection';
import { fromPacketServer, type PacketServerOptions } from './fromPacketServer';
import { Listener, type ListenerSettings } from './Listener';
import { CONNECTION_OPTIONS, socketSettings } from './connection/options';
import { checkMaxConnections, MAX_CONNECTIONS } from './maxConnections';
import type { MessageEndpoint } from './messages/MessageEndpoint';

/**
 * The options of accepted connections. TCP options default to those of `listenTcp`, and do not apply to local
 * connections. Those that `fromServer` is given become the server's.
 */
export interface AcceptOptions extends ConnectionOptions, TcpStreamOptions {
  /** How many connections may be open at a time; others wait in the backlog. 10,000 by default. */
  maxConnections?: number;
  /**
   * Who may connect to a local server; everybody by default. Asked before a byte is read. Who is refused is disconnected,
   * is not emitted, does not count for `maxConnections`, and is published on the channel `bipoll:connection:refuse`. A
   * function that throws refuses the peer, and the process warns of it.
   *
   * @example
   * listen({ path }, { authorize: { uid: process.getuid() } });
   */
  authorize?: Authorize;
}

export const ACCEPT_OPTIONS: OptionNames<AcceptOptions> = {
  ...CONNECTION_OPTIONS,
  ...TCP_STREAM_OPTIONS,
  maxConnections: true,
  authorize: true,
};

/**
 * The connections of an already bound server, which stays the caller's. Unsubscribing stops accepting, and closes the
 * connections without subscribers. Completes when the server is closed. Those of a `LocalPacketServer` carry packets: see
 * `listenPackets`.
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
export function fromServer(server: StreamServer, options?: AcceptOptions): Observable<Connection>;
export function fromServer(
  server: LocalPacketServer,
  options?: PacketServerOptions,
): Observable<MessageEndpoint<LocalPacketSocket>>;
export function fromServer(
  server: StreamServer | LocalPacketServer,
  options: AcceptOptions | PacketServerOptions = {},
): Observable<Connection> | Observable<MessageEndpoint<LocalPacketSocket>> {
  checkAnyInstance('server', 'a server', [StreamServer, LocalPacketServer], server);
  return server instanceof LocalPacketServer
    ? fromPacketServer(server, options)
    : fromStreamServer(server, options);
}

function fromStreamServer(server: StreamServer, options: AcceptOptions): Observable<Connection> {
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
  const { maxConnections = MAX_CONNECTIONS, authorize } = options;
  return {
    connection: socketSettings(options),
    tcp: tcpDefaults && checkTcpStreamOptions(options, tcpDefaults),
    maxConnections: checkMaxConnections(maxConnections),
    authorize: checkAuthorize(authorize, tcpDefaults === null),
  };
}
