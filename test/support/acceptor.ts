import type { Acceptor } from '../../src/reactive/connection/Life';

/** An acceptor that accepts as many as are given to it. */
export function acceptor(onConnectionClosed: () => void = () => undefined): Acceptor {
  return { hold: () => undefined, release: () => undefined, onConnectionClosed };
}
