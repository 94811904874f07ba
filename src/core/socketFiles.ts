import type { LocalServer } from './LocalServer';
import { native, type Token } from './native';

/** Open servers whose socket file is theirs to remove. */
const servers = new Set<Token>();
let isListening = false;

/**
 * Removes the socket file of a server that is still open when its process or worker exits: after `process.exit()` or an
 * uncaught error Node.js does not clean up addons.
 */
export function removeAtExit(server: LocalServer): void {
  servers.add(server.token);
  server.joins(servers);
  if (isListening) return;
  isListening = true;
  process.on('exit', () => {
    // Closes it in the engine only: an Observable of the server must not complete while the process exits.
    for (const token of servers) native.close(token);
  });
}
