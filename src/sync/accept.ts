import { checkInstance } from '../core/argument';
import { NoConnectionAvailableError } from '../core/errors';
import type { LocalServer } from '../core/LocalServer';
import type { LocalStream } from '../core/LocalStream';
import { StreamServer } from '../core/StreamServer';
import type { StreamSocket } from '../core/StreamSocket';
import type { TcpServer } from '../core/TcpServer';
import type { TcpStream } from '../core/TcpStream';
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
export function accept(server: StreamServer, options: BlockingOptions): StreamSocket;
export function accept(server: StreamServer, options: BlockingOptions): StreamSocket {
  checkInstance('server', StreamServer, server);
  const deadline = deadlineOf(options);
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
