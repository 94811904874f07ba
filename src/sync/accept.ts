import { checkInstance } from '../core/argument';
import type { Authorizer } from '../core/authorize';
import { NoConnectionAvailableError } from '../core/errors';
import { LocalPacketServer } from '../core/LocalPacketServer';
import { LocalPacketSocket } from '../core/LocalPacketSocket';
import { LocalServer } from '../core/LocalServer';
import { LocalStream } from '../core/LocalStream';
import { isAuthorized } from '../core/refusal';
import { Server } from '../core/Server';
import type { Socket } from '../core/Socket';
import type { StreamServer } from '../core/StreamServer';
import type { StreamSocket } from '../core/StreamSocket';
import type { TcpServer } from '../core/TcpServer';
import type { TcpStream } from '../core/TcpStream';
import type { Deadline } from './Deadline';
import { timedOut } from './failures';
import { acceptingOf, type AcceptingOptions, type BlockingOptions } from './options';
import { waitFor } from './waitFor';

/**
 * Waits for a connection and accepts it.
 *
 * @throws TimeoutError nobody came in time who may connect
 * @throws SocketError `EMFILE` and the like
 *
 * @example
 * using connection = accept(server, { timeout: 5000 });
 */
export function accept(server: TcpServer, options: BlockingOptions): TcpStream;
export function accept(server: LocalServer, options: AcceptingOptions): LocalStream;
export function accept(server: LocalPacketServer, options: AcceptingOptions): LocalPacketSocket;
export function accept(server: StreamServer, options: AcceptingOptions): StreamSocket;
export function accept(server: Server, options: AcceptingOptions): Socket;
export function accept(server: Server, options: AcceptingOptions): Socket {
  checkInstance('server', Server, server);
  const isLocal = server instanceof LocalServer || server instanceof LocalPacketServer;
  const { deadline, authorize } = acceptingOf(options, isLocal);
  return acceptBy(server, deadline, authorize);
}

/** Waits for a connection of a server that was checked. */
export function acceptBy(server: StreamServer, deadline: Deadline): StreamSocket;
export function acceptBy(server: Server, deadline: Deadline, authorize: Authorizer | null): Socket;
export function acceptBy(
  server: Server,
  deadline: Deadline,
  authorize: Authorizer | null = null,
): Socket {
  const missing = authorize ? 'nobody connected who may' : 'nobody connected';
  for (let isFirst = true; ; isFirst = false) {
    const accepted = acceptWaiting(server);
    if (accepted && isWelcome(server, accepted, authorize)) return accepted;
    accepted?.close();
    // A server can be reported ready for ever while accept finds nobody, or be flooded by those who are refused.
    if (!isFirst && deadline.left === 0) throw timedOut('accept', deadline, server.where, missing);
    if (!accepted) waitFor(server, 'connectionAvailable', 'accept', deadline, missing);
  }
}

/** Null: nobody waits. Another process that listens on the same socket may have been quicker. */
function acceptWaiting(server: Server): Socket | null {
  try {
    return server.accept();
  } catch (error) {
    if (!(error instanceof NoConnectionAvailableError)) throw error;
    return null;
  }
}

function isWelcome(server: Server, accepted: Socket, authorize: Authorizer | null): boolean {
  if (!authorize) return true;
  const isLocal = accepted instanceof LocalStream || accepted instanceof LocalPacketSocket;
  return isAuthorized(server, authorize, isLocal ? accepted.peerCredentials() : null);
}
