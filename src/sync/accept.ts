import { checkInstance } from '../core/argument';
import { NoConnectionAvailableError } from '../core/errors';
import type { LocalPacketServer } from '../core/LocalPacketServer';
import type { LocalPacketSocket } from '../core/LocalPacketSocket';
import type { LocalServer } from '../core/LocalServer';
import type { LocalStream } from '../core/LocalStream';
import { Server } from '../core/Server';
import type { Socket } from '../core/Socket';
import type { StreamServer } from '../core/StreamServer';
import type { StreamSocket } from '../core/StreamSocket';
import type { TcpServer } from '../core/TcpServer';
import type { TcpStream } from '../core/TcpStream';
import type { Deadline } from './Deadline';
import { timedOut } from './failures';
import { deadlineOf, type BlockingOptions } from './options';
import { waitFor } from './waitFor';

/**
 * Waits for a connection and accepts it.
 *
 * @throws TimeoutError nobody came in time
 * @throws SocketError `EMFILE` and the like
 *
 * @example
 * using connection = accept(server, { timeout: 5000 });
 */
export function accept(server: TcpServer, options: BlockingOptions): TcpStream;
export function accept(server: LocalServer, options: BlockingOptions): LocalStream;
export function accept(server: LocalPacketServer, options: BlockingOptions): LocalPacketSocket;
export function accept(server: StreamServer, options: BlockingOptions): StreamSocket;
export function accept(server: Server, options: BlockingOptions): Socket;
export function accept(server: Server, options: BlockingOptions): Socket {
  checkInstance('server', Server, server);
  return acceptBy(server, deadlineOf(options));
}

/** Waits for a connection of a server that was checked. */
export function acceptBy(server: StreamServer, deadline: Deadline): StreamSocket;
export function acceptBy(server: Server, deadline: Deadline): Socket;
export function acceptBy(server: Server, deadline: Deadline): Socket {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return server.accept();
    } catch (error) {
      // Another process that listens on the same socket may have been quicker: then wait again.
      if (!(error instanceof NoConnectionAvailableError)) throw error;
    }
    // A server can be reported ready for ever while accept finds nobody.
    if (!isFirst && deadline.left === 0) {
      throw timedOut('accept', deadline, server.where, 'nobody connected');
    }
    waitFor(server, 'connectionAvailable', 'accept', deadline, 'nobody connected');
  }
}
