import { checkArray, checkInstance, invalidValue } from './argument';
import { SocketClosedError } from './errors';
import { MAX_DESCRIPTORS } from './native';
import { Socket } from './Socket';

/**
 * Checks sockets whose descriptors are to be passed, each read once.
 *
 * @throws SocketClosedError one of them is closed
 * @throws SocketBusyError bytes of one of them were read that nobody has taken yet: its new owner would never get them
 */
export function checkDescriptors(name: string, sockets: unknown): Socket[] {
  const all = checkArray(name, 'an array of sockets', sockets);
  if (all.length > MAX_DESCRIPTORS) {
    throw invalidValue(name, `must be at most ${MAX_DESCRIPTORS}`, all.length);
  }
  return all.map((socket, index) => checkDescriptor(`${name}[${index}]`, socket));
}

function checkDescriptor(name: string, value: unknown): Socket {
  const socket = checkInstance(name, Socket, value);
  if (socket.closed) throw new SocketClosedError(`The socket ${name} is closed`);
  socket.checkNothingUnread();
  if (socket.fd < 0) throw invalidValue(name, 'must have a descriptor, which it has not', socket);
  return socket;
}
