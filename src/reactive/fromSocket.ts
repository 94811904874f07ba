import { checkInstance, optionsOf } from '../core/argument';
import type { ByteStream } from '../core/ByteStream';
import { SocketClosedError } from '../core/errors';
import { StreamSocket } from '../core/StreamSocket';
import type { Connection, ConnectionOptions } from './connection/Connection';
import { CONNECTION_OPTIONS, type SocketSettings, socketSettings } from './connection/options';
import { StreamConnection } from './connection/StreamConnection';
import { Context } from './loop/Context';
import { EventLoop } from './loop/EventLoop';
import { SocketTransport } from './loop/SocketTransport';
import { StreamTransport } from './loop/StreamTransport';

/**
 * A core stream as a connection. For the same stream it returns the same connection, with the options of the first
 * call.
 *
 * @throws SocketClosedError
 * @throws SocketError such as `EMFILE`: the thread's event loop cannot be opened
 *
 * @example
 * const [left, right] = socketPair();
 * fromSocket(left).data$.subscribe(console.log);
 */
export function fromSocket(socket: StreamSocket, options: ConnectionOptions = {}): Connection {
  checkInstance('socket', StreamSocket, socket);
  const settings = socketSettings(optionsOf('options', options, CONNECTION_OPTIONS));
  if (socket.closed) throw new SocketClosedError('The socket is closed');
  return connectionOf(socket) ?? connectionOver(socket, settings, new Context());
}

/** The connection that a stream has already. */
export function connectionOf({ companion }: ByteStream): StreamConnection | null {
  const events = companion instanceof StreamTransport ? companion.events : null;
  return events instanceof StreamConnection ? events : null;
}

/** A new connection over a stream that has none. */
export function connectionOver(
  socket: StreamSocket,
  settings: SocketSettings,
  context: Context,
): StreamConnection {
  const loop = settings.loop ?? EventLoop.default;
  return new StreamConnection(
    new SocketTransport(socket, loop, context, settings),
    settings,
    context,
  );
}
