import { isIP } from 'node:net';
import { connect, TLSSocket } from 'node:tls';
import { checkString, invalidValue } from '../core/argument';
import { isError } from '../core/isError';
import type { ConnectionDuplex } from '../streams/ConnectionDuplex';
import type { HandshakeOptions, TlsSettings } from './options';

/** What a handshake has found of the peer's certificate. */
export interface Verdict {
  readonly authorized: boolean;
  /** Why it is not believed. */
  readonly authorizationError: Error | null;
}

/**
 * A client must name its server, or anybody's certificate would be accepted.
 *
 * @throws TypeError `ERR_INVALID_ARG_VALUE`
 */
export function checkClient(options: HandshakeOptions): void {
  const { servername, rejectUnauthorized, checkServerIdentity } = options;
  if (servername !== undefined) checkString('servername', servername);
  if (servername || rejectUnauthorized === false || checkServerIdentity) return;
  throw invalidValue('servername', 'must say whom the server’s certificate is for', servername);
}

/** Begins the handshake of a client. */
export function clientSocket(ciphertext: ConnectionDuplex, settings: TlsSettings): TLSSocket {
  const { handshake, secureContext } = settings;
  const { servername = '' } = handshake;
  const session = settings.session ?? handshake.session;
  return connect({
    ...handshake,
    secureContext,
    socket: ciphertext,
    host: servername, // whom the certificate must be for
    servername: isIP(servername) === 0 ? servername : '', // whom to ask for, which an address cannot be
    ...(session && { session }),
  });
}

/** Waits for the handshake of a client. */
export function serverSocket(ciphertext: ConnectionDuplex, settings: TlsSettings): TLSSocket {
  const { handshake, secureContext } = settings;
  return new TLSSocket(ciphertext, { ...handshake, secureContext, isServer: true });
}

/** The result of TLS's checks. A server's socket that was not made by `tls.Server` must be asked for it. */
export function verdictOf(
  socket: TLSSocket,
  isServer: boolean,
  { handshake }: TlsSettings,
): Verdict {
  if (!isServer) {
    const { authorized, authorizationError: error } = socket;
    return { authorized, authorizationError: isError(error) ? error : null };
  }
  if (!handshake.requestCert) return { authorized: false, authorizationError: null };
  const { ssl } = socket as unknown as { ssl: { verifyError(): Error | null } };
  const authorizationError = ssl.verifyError();
  return { authorized: authorizationError === null, authorizationError };
}
