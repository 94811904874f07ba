import { invalidType } from '../core/argument';
import { SocketClosedError } from '../core/errors';
import { StreamSocket } from '../core/StreamSocket';
import type { Connection, ConnectionOptions } from './Connection';
import { connectionSettings } from './options';
import { SocketConnection } from './SocketConnection';

/**
 * A core stream as a connection. Asked again for the same stream it gives the same connection, with the options of
 * the first time.
 *
 * @throws SocketClosedError
 *
 * @example
 * const [left, right] = socketPair();
 * connection(left).data$.subscribe(console.log);
 */
export function connection(socket: StreamSocket, options: ConnectionOptions = {}): Connection {
  if (!(socket instanceof StreamSocket)) throw invalidType('socket', 'a StreamSocket', socket);
  const settings = connectionSettings(options);
  if (socket.closed) throw new SocketClosedError('The socket is closed');
  const { companion } = socket;
  return companion instanceof SocketConnection ? companion : new SocketConnection(socket, settings);
}
