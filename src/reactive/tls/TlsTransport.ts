import type { TLSSocket } from 'node:tls';
import type { Connection } from '../connection/Connection';
import type { Ends } from '../connection/Ends';
import type { ConnectionSettings } from '../connection/options';
import type { Context } from '../loop/Context';
import { DuplexTransport } from '../duplex/DuplexTransport';
import type { Ciphertext } from './Ciphertext';

/** The transport of a connection over Node's TLS, which runs over another connection. */
export class TlsTransport extends DuplexTransport {
  readonly #below: Connection;
  readonly #ciphertext: Ciphertext;
  #resets = false;

  constructor(
    socket: TLSSocket,
    below: Connection,
    ciphertext: Ciphertext,
    settings: ConnectionSettings,
    context: Context,
  ) {
    super(socket, settings, context);
    this.#below = below;
    this.#ciphertext = ciphertext;
  }

  override get ends(): Ends {
    return this.#below;
  }

  override resetOnClose(): void {
    this.#resets = true;
  }

  override close(error: Error | null): number {
    // First: destroying the TLSSocket sends a close_notify, which would tell the peer that nothing is missing.
    if (this.#resets) this.#below.reset();
    return super.close(error);
  }

  /** A TLSSocket over a stream does not pass this on. */
  protected override holdProcess(isWanted: boolean): void {
    this.#ciphertext.reference(isWanted);
  }
}
