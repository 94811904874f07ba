import type { CipherNameAndProtocol, PeerCertificate, TLSSocket } from 'node:tls';
import { certificateOf, nameOf, type Verdict } from '../../handshake/tlsSockets';
import { StreamConnection } from '../connection/StreamConnection';
import type { ConnectionSettings } from '../connection/options';
import type { Context } from '../loop/Context';
import type { TlsConnection } from './TlsConnection';
import type { TlsTransport } from './TlsTransport';

/** A connection over TLS, with what the handshake has found. */
export class SecuredConnection extends StreamConnection implements TlsConnection {
  readonly protocol: string;
  readonly cipher: CipherNameAndProtocol;
  readonly alpnProtocol: string | null;
  readonly servername: string | undefined;
  readonly authorized: boolean;
  readonly authorizationError: Error | null;
  readonly isSessionReused: boolean;
  session: Buffer | null = null;
  readonly #socket: TLSSocket;

  constructor(
    transport: TlsTransport,
    socket: TLSSocket,
    verdict: Verdict,
    settings: ConnectionSettings,
    context: Context,
  ) {
    super(transport, settings, context);
    this.#socket = socket;
    this.protocol = socket.getProtocol() ?? 'unknown';
    this.cipher = socket.getCipher();
    this.alpnProtocol = socket.alpnProtocol || null;
    this.servername = nameOf(socket);
    this.authorized = verdict.authorized;
    this.authorizationError = verdict.authorizationError;
    this.isSessionReused = socket.isSessionReused();
  }

  get peerCertificate(): PeerCertificate | null {
    return certificateOf(this.#socket);
  }
}
