import { native, type Token } from './native';
import type { Socket } from './Socket';

/** Open sockets whose socket file is theirs to remove. */
const owners = new Set<Token>();
let isListening = false;

/**
 * Removes the socket file of a socket that is still open when its process or worker exits: after `process.exit()` or an
 * uncaught error Node.js does not clean up addons.
 */
export function removeAtExit(socket: Socket): void {
  owners.add(socket.token);
  socket.joins(owners);
  if (isListening) return;
  isListening = true;
  process.on('exit', () => {
    // Closes it in the engine only: an Observable of a server must not complete while the process exits.
    for (const token of owners) native.close(token);
  });
}
