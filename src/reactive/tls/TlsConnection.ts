import type { CipherNameAndProtocol, PeerCertificate } from 'node:tls';
import type { Connection } from '../connection/Connection';

/**
 * A connection whose bytes travel encrypted. Its addresses, path and credentials are those of the connection below. If the
 * peer ends without having said so by TLS (a close_notify), it fails with `ERR_TLS_TRUNCATED`, behind all that came:
 * anybody on the way can cut a connection.
 */
export interface TlsConnection extends Connection {
  /** The version of TLS, such as `TLSv1.3`. */
  readonly protocol: string;
  /** The cipher suite that was agreed on: its name by OpenSSL and by the standard, and its version of TLS. */
  readonly cipher: CipherNameAndProtocol;
  /** The protocol that both ends have agreed on (ALPN), such as `h2`; null if none. */
  readonly alpnProtocol: string | null;
  /** The name that the client has asked for (SNI); undefined if it has asked for none. */
  readonly servername: string | undefined;
  /**
   * Whether the peer has shown a certificate that was checked and found good. False of a client that was not asked for one,
   * and where `rejectUnauthorized` is false and the check failed: `authorizationError` says why.
   */
  readonly authorized: boolean;
  /** Why the peer's certificate was not believed, with a code such as `SELF_SIGNED_CERT_IN_CHAIN`; null if it was. */
  readonly authorizationError: Error | null;
  /** The certificate of the peer; null if it has shown none, and once closed. */
  readonly peerCertificate: PeerCertificate | null;
  /** Whether the handshake went on from an earlier session. */
  readonly isSessionReused: boolean;
  /** To go on from, in the `session` option of a later client; null while the server has given none. */
  readonly session: Buffer | null;
}
