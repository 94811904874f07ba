import { randomInt } from 'node:crypto';
import { listenTcp, SocketError } from 'bipoll';

/** From here on Linux gives ports out by itself; other systems begin above. */
const FIRST_GIVEN_OUT = 32_768;
const FIRST = 10_000;

/**
 * A port for a server that cannot be asked which one it got, or that nobody listens at. No test that runs beside this one, and
 * lets the system choose, gets it meanwhile.
 */
export function freePort(): number {
  for (;;) {
    const port = randomInt(FIRST, FIRST_GIVEN_OUT);
    if (isFree(port)) return port;
  }
}

function isFree(port: number): boolean {
  try {
    listenTcp({ port }).close();
    return true;
  } catch (error) {
    // Windows reserves ranges, which it says by EACCES.
    if (error instanceof SocketError && ['EADDRINUSE', 'EACCES'].includes(error.code)) return false;
    throw error;
  }
}
