// Imports nothing but Node.js: this runs in the thread of the blocking style, too, which has no other part of bipoll.
import type * as Net from 'node:net';
import type { Duplex } from 'node:stream';
import type * as Tls from 'node:tls';
import type { PeerCertificate, SecureContext, SecureContextOptions, TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { isNativeError } from 'node:util/types';
import type { HandshakeOptions } from './handshakeOptions';

// Loaded when they are first needed: that takes 6 ms, and connections in clear are to cost nothing.
/* eslint-disable @typescript-eslint/no-require-imports */
const nodeTls = () => require('node:tls') as typeof Tls;
const nodeNet = () => require('node:net') as typeof Net;
/* eslint-enable @typescript-eslint/no-require-imports */

/** The context that sessions share. A server that asks for certificates resumes sessions only within a named one. */
export function contextOf(options: SecureContextOptions): SecureContext {
  return nodeTls().createSecureContext({ sessionIdContext: 'bipoll', ...options });
}

/** What a handshake is made with. */
export interface HandshakeSettings {
  readonly secureContext: SecureContext;
  /** As `node:tls` takes them, without those of the context. */
  readonly handshake: HandshakeOptions;
  /** The newest session that a server has given. */
  readonly session: Buffer | null;
}

/** What a handshake has found of the peer's certificate. */
export interface Verdict {
  readonly authorized: boolean;
  /** Why it is not believed. */
  readonly authorizationError: Error | null;
}

/** Begins the handshake of a client. */
export function clientSocket(ciphertext: Duplex, settings: HandshakeSettings): TLSSocket {
  const { handshake, secureContext } = settings;
  const { servername = '' } = handshake;
  const session = settings.session ?? handshake.session;
  return nodeTls().connect({
    ...handshake,
    ...guarded(handshake),
    secureContext,
    socket: ciphertext,
    host: servername, // whom the certificate must be for
    servername: nodeNet().isIP(servername) === 0 ? servername : '', // whom to ask for, which an address cannot be
    ...(session && { session: bufferOf(session) }),
  });
}

/** Node.js expects an error or nothing, and lets what is thrown end the process. */
function guarded({ checkServerIdentity: check }: HandshakeOptions): HandshakeOptions {
  if (!check) return {};
  return {
    checkServerIdentity: (name, certificate) => {
      try {
        const refusal: unknown = check(name, certificate);
        return refusal === undefined ? undefined : errorFrom(refusal);
      } catch (error) {
        return errorFrom(error);
      }
    },
  };
}

function errorFrom(refusal: unknown): Error {
  return isNativeError(refusal) ? refusal : new Error(`The server is refused: ${inspect(refusal)}`);
}

/** From 22 on Node.js takes a plain Uint8Array for no session; another thread's Buffer comes as one. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Waits for the handshake of a client. */
export function serverSocket(
  ciphertext: Duplex,
  { handshake, secureContext }: HandshakeSettings,
): TLSSocket {
  // A TLSSocket takes any Duplex, which its types do not say.
  const carrier = ciphertext as ConstructorParameters<typeof TLSSocket>[0];
  return new (nodeTls().TLSSocket)(carrier, { ...handshake, secureContext, isServer: true });
}

/** The result of TLS's checks. */
export function verdictOf(
  socket: TLSSocket,
  isServer: boolean,
  { requestCert = false }: HandshakeOptions,
): Verdict {
  const { ssl } = socket as unknown as { ssl: { verifyError(): Error | null } };
  if (isServer) {
    // A server's socket that was not made by `tls.Server` must be asked.
    const authorizationError = requestCert ? ssl.verifyError() : null;
    return { authorized: requestCert && authorizationError === null, authorizationError };
  }
  // Of a client's that goes on all the same, this is the code alone.
  const { authorized, authorizationError: code } = socket as unknown as {
    authorized: boolean;
    authorizationError: string | null;
  };
  if (authorized || code === null) return { authorized, authorizationError: null };
  const error = ssl.verifyError() ?? new Error(`The server is not believed: ${code}`);
  return { authorized, authorizationError: Object.assign(error, { code }) };
}

/** The name that the client has asked for. A client's socket has it as text, a server's as text or false. */
export function nameOf(socket: TLSSocket): string | undefined {
  const { servername } = socket as { servername?: string | false | null };
  return servername || undefined;
}

/** The peer's certificate. For a peer without one Node returns an empty object, and for a destroyed socket nothing. */
export function certificateOf(socket: TLSSocket): PeerCertificate | null {
  const certificate = socket.getPeerCertificate() as Partial<PeerCertificate> | undefined;
  return certificate?.raw ? (certificate as PeerCertificate) : null;
}

/** Calls `onEnd` when TLS has decrypted the peer's end. Its `'end'` is emitted only when everything before was read. */
export function noteEnd(socket: TLSSocket, onEnd: () => void): void {
  const push = socket.push.bind(socket);
  socket.push = (chunk, encoding) => {
    if (chunk === null) onEnd();
    return push(chunk, encoding);
  };
}
