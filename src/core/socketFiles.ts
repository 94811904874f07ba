import type { LocalServer } from './LocalServer';
import { native, type Token } from './native';

/** Open servers whose socket file is theirs to remove. */
const servers = new Set<Token>();
let isListening = false;

/**
 * Has the socket file of a server go with the process, or with the worker, in which nobody closes it. By `process.exit()` and
 * by an uncaught error Node.js ends without taking down what addons have.
 */
export function removeAtExit(server: LocalServer): void {
  servers.add(server.token);
  server.joins(servers);
  if (isListening) return;
  isListening = true;
  process.on('exit', () => {
    // In the engine alone: an Observable of the server must not complete while the process goes down.
    for (const token of servers) native.close(token);
  });
}
