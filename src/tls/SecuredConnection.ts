import type { CipherNameAndProtocol, PeerCertificate, TLSSocket } from 'node:tls';
import { StreamConnection } from '../reactive/connection/StreamConnection';
import type { ConnectionSettings } from '../reactive/connection/options';
import type { Context } from '../reactive/loop/Context';
import type { TlsConnection } from './TlsConnection';
import type { Verdict } from './tlsSockets';
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
    // For a peer without a certificate Node returns an empty object, and for a destroyed socket nothing.
    const certificate = this.#socket.getPeerCertificate() as Partial<PeerCertificate> | undefined;
    return certificate?.raw ? (certificate as PeerCertificate) : null;
  }
}

/** A client's socket has `servername` as text, a server's as text or false. */
function nameOf(socket: TLSSocket): string | undefined {
  const { servername } = socket as { servername?: string | false | null };
  return servername || undefined;
}
