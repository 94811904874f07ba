import { errorOfCode, placeOf, type SocketError, TimeoutError, type Where } from '../core/errors';

/** The peer ended the connection below without a close_notify. */
export class TlsTruncatedError extends Error {
  override readonly name = 'TlsTruncatedError';
  readonly code = 'ERR_TLS_TRUNCATED';
  declare readonly address?: string;
  declare readonly port?: number;
  declare readonly path?: string;

  constructor(peer: Where) {
    super(`read ERR_TLS_TRUNCATED${placeOf(peer)}: the end came without a close_notify`);
    Object.assign(this, peer);
  }
}

export function truncated(peer: Where): TlsTruncatedError {
  return new TlsTruncatedError(peer);
}

/** The peer left before the handshake was done. */
export function leftEarly(peer: Where): SocketError {
  return errorOfCode('ECONNRESET', 'handshake', peer);
}

export function handshakeTimedOut(peer: Where, limit: number): TimeoutError {
  const message = `handshake ETIMEDOUT${placeOf(peer)}: the handshake was not done within ${limit} ms`;
  return new TimeoutError(message, peer);
}
