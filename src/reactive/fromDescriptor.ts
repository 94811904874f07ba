import { checkInstance, optionsOf } from '../core/argument';
import { Descriptor } from '../core/Descriptor';
import { SocketClosedError } from '../core/errors';
import type { Connection, ConnectionOptions } from './connection/Connection';
import { CONNECTION_OPTIONS, socketSettings } from './connection/options';
import { StreamConnection } from './connection/StreamConnection';
import { connectionOf } from './fromSocket';
import { Context } from './loop/Context';
import { DescriptorTransport } from './loop/DescriptorTransport';
import { EventLoop } from './loop/EventLoop';

/**
 * A descriptor as a connection: a terminal, a serial line, one end of a pipe. It is read, and held back, as a socket
 * is. For the same descriptor it returns the same connection, with the options of the first call.
 *
 * What was opened for one direction alone refuses the other: `write` and `send` fail with `EBADF` where it can only be
 * read, and `data$` emits nothing where it can only be written to. There `data$` completes, and the connection is
 * closed, when nobody reads at the other end any more.
 *
 * Only a socket has a half-close: after `end()` the other end of a terminal learns nothing, and that of a pipe gets the
 * end, as then nothing keeps the connection open. `connection.socket` throws `ENOTSOCK`: it is no stream socket.
 *
 * @throws SocketClosedError
 * @throws SocketError such as `EMFILE`: the thread's event loop cannot be opened
 *
 * @example
 * const keyboard = fromDescriptor(adopt(0, 'descriptor'));
 * keyboard.data$.pipe(decode(lines())).subscribe(console.log);
 */
export function fromDescriptor(
  descriptor: Descriptor,
  options: ConnectionOptions = {},
): Connection {
  checkInstance('descriptor', Descriptor, descriptor);
  const settings = socketSettings(optionsOf('options', options, CONNECTION_OPTIONS));
  if (descriptor.closed) throw new SocketClosedError('The descriptor is closed');
  const existing = connectionOf(descriptor);
  if (existing) return existing;
  const loop = settings.loop ?? EventLoop.default;
  const context = new Context();
  const transport = new DescriptorTransport(descriptor, loop, context, settings);
  return new StreamConnection(transport, settings, context);
}
