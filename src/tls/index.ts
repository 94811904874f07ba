/**
 * TLS over connections, on either side, from the start or in the middle of a session.
 *
 * @module bipoll/tls
 */
export { SocketClosedError, SocketError, TimeoutError } from '../core/errors';
export { type ContextOptions } from '../handshake/contextOptions';
export { type HandshakeOptions } from '../handshake/handshakeOptions';
export {
  type ClientTlsOptions,
  type ServerTlsOptions,
  type TlsOptions,
} from '../reactive/tls/options';
export { startTls } from '../reactive/tls/startTls';
export { type TlsConnection } from '../reactive/tls/TlsConnection';
export { TlsTruncatedError } from '../handshake/tlsErrors';
