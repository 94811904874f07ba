/**
 * TLS over connections, on either side, from the start or in the middle of a session.
 *
 * @module bipoll/tls
 */
export { SocketClosedError, SocketError, TimeoutError } from '../core/errors';
export { type ContextOptions } from '../handshake/contextOptions';
export { connectTls, type ConnectTlsOptions } from './connectTls';
export { listenTls, type ListenTlsOptions } from './listenTls';
export { type HandshakeOptions } from '../handshake/handshakeOptions';
export { type TlsOptions } from './options';
export { startTls } from './startTls';
export { type TlsConnection } from './TlsConnection';
export { TlsTruncatedError } from '../handshake/tlsErrors';
