import type { Duplex } from 'node:stream';
import { type Ends, NO_ENDS } from '../connection/Ends';

/** The two ends of a stream, as far as it has the properties of a `net.Socket`. */
export class DuplexEnds {
  readonly #duplex: Duplex;
  /** A `net.Socket` forgets its peer when it is destroyed. */
  #remote: Pick<Ends, 'remoteAddress' | 'remotePort'> = NO_ENDS;

  constructor(duplex: Duplex) {
    this.#duplex = duplex;
  }

  get known(): Ends {
    const { remoteAddress, remotePort, localAddress, localPort } = this.#duplex as Partial<
      Record<keyof Ends, unknown>
    >;
    if (typeof remoteAddress === 'string') {
      this.#remote = { remoteAddress, remotePort: portOf(remotePort) };
    }
    if (this.#duplex.destroyed) return { ...NO_ENDS, ...this.#remote };
    const local = typeof localAddress === 'string' ? localAddress : undefined;
    return { ...NO_ENDS, ...this.#remote, localAddress: local, localPort: portOf(localPort) };
  }
}

function portOf(port: unknown): number | undefined {
  return typeof port === 'number' ? port : undefined;
}
