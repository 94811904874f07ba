import { native, type Token } from './native';
import type { Socket } from './Socket';

/** Open sockets whose socket file is theirs to remove. */
const owners = new Set<Token>();
let isListening = false;

/**
 * Has the socket file of a socket go with the process, or with the worker, in which nobody closes it. By `process.exit()` and
 * by an uncaught error Node.js ends without taking down what addons have.
 */
export function removeAtExit(socket: Socket): void {
  owners.add(socket.token);
  socket.joins(owners);
  if (isListening) return;
  isListening = true;
  process.on('exit', () => {
    // In the engine alone: an Observable of a server must not complete while the process goes down.
    for (const token of owners) native.close(token);
  });
}
