import type {
  checkServerIdentity,
  ConnectionOptions as NodeClientOptions,
  SecureContext,
  TlsOptions as NodeServerOptions,
} from 'node:tls';
import {
  checkBoolean,
  checkBytes,
  checkFunction,
  checkInteger,
  checkString,
  invalidType,
  invalidValue,
  type OptionNames,
} from '../core/argument';
import type { ContextOptions } from './contextOptions';

/** Whom to trust and what to agree on, as text, numbers and bytes, with the names and the meaning of `node:tls`. */
export interface PlainHandshakeOptions {
  /**
   * A client's: whom it means to talk to, by name or address. The server's certificate must be for it, and it is asked for
   * by it (SNI), unless it is an address.
   */
  servername?: string;
  /** Fails the handshake if the peer's certificate cannot be believed; true by default. */
  rejectUnauthorized?: boolean;
  /** A server's: whether the client is asked for a certificate; false by default. */
  requestCert?: boolean;
  /** The protocols to agree on, the preferred first. */
  ALPNProtocols?: NonNullable<NodeClientOptions['ALPNProtocols']>;
  /** A client's: the smallest size of a Diffie-Hellman parameter, in bits; 1024 by default. */
  minDHSize?: number;
  /**
   * A client's: the session of an earlier connection to this server, to resume, which saves a part of the handshake. A
   * server that does not know it makes a new one. Observables resume by themselves: the connections of one `connect`, and
   * those of one `startTls`.
   */
  session?: Buffer;
}

/** Whom to trust and what to agree on, with the names and the meaning of `node:tls`. */
export interface HandshakeOptions extends PlainHandshakeOptions {
  /** A context that was made before, by `tls.createSecureContext`, in place of what goes into one. */
  secureContext?: SecureContext;
  /** A client's: says why a certificate, which is believed, is not that of the server. */
  checkServerIdentity?: typeof checkServerIdentity;
  /** A server's: chooses the protocol. */
  ALPNCallback?: NonNullable<NodeServerOptions['ALPNCallback']>;
  /** A server's: chooses the context by the name that the client asks for. */
  SNICallback?: NonNullable<NodeServerOptions['SNICallback']>;
  /** Writes what TLS does to stderr. */
  enableTrace?: boolean;
}

/** Those that mean something to a client. */
export type ClientHandshakeOptions = Omit<
  HandshakeOptions,
  'requestCert' | 'ALPNCallback' | 'SNICallback'
>;

/** Those that mean something to a server. */
export type ServerHandshakeOptions = Omit<
  HandshakeOptions,
  'servername' | 'minDHSize' | 'session' | 'checkServerIdentity'
>;

export const PLAIN_HANDSHAKE_OPTIONS: OptionNames<PlainHandshakeOptions> = {
  servername: true,
  rejectUnauthorized: true,
  requestCert: true,
  ALPNProtocols: true,
  minDHSize: true,
  session: true,
};

const HANDSHAKE_OPTIONS_OF_BOTH = {
  rejectUnauthorized: true,
  ALPNProtocols: true,
  secureContext: true,
  enableTrace: true,
} as const;

export const CLIENT_HANDSHAKE_OPTIONS: OptionNames<ClientHandshakeOptions> = {
  ...HANDSHAKE_OPTIONS_OF_BOTH,
  servername: true,
  minDHSize: true,
  session: true,
  checkServerIdentity: true,
};

export const SERVER_HANDSHAKE_OPTIONS: OptionNames<ServerHandshakeOptions> = {
  ...HANDSHAKE_OPTIONS_OF_BOTH,
  requestCert: true,
  ALPNCallback: true,
  SNICallback: true,
};

export const HANDSHAKE_OPTIONS: OptionNames<HandshakeOptions> = {
  ...CLIENT_HANDSHAKE_OPTIONS,
  ...SERVER_HANDSHAKE_OPTIONS,
};

/**
 * Node.js takes whatever is no session for none, in silence.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
function checkSession({ session }: PlainHandshakeOptions): void {
  if (session !== undefined) checkBytes('session', session);
}

/**
 * Refuses here what Node's TLS would refuse with each connection.
 *
 * @throws TypeError RangeError `ERR_INVALID_ARG_*`
 */
export function checkHandshake(options: HandshakeOptions): void {
  const { rejectUnauthorized, requestCert, enableTrace, minDHSize, secureContext } = options;
  for (const [name, value] of Object.entries({ rejectUnauthorized, requestCert, enableTrace })) {
    if (value !== undefined) checkBoolean(name, value);
  }
  const { checkServerIdentity, ALPNCallback, SNICallback } = options;
  for (const [name, value] of Object.entries({ checkServerIdentity, ALPNCallback, SNICallback })) {
    if (value !== undefined) checkFunction(name, value);
  }
  if (minDHSize !== undefined) checkInteger('minDHSize', minDHSize, 1, 2 ** 31 - 1);
  if (secureContext !== undefined && !(Object(secureContext) as Partial<SecureContext>).context) {
    throw invalidType('secureContext', 'a SecureContext of node:tls', secureContext);
  }
  checkProtocols(options);
  checkSession(options);
}

const LONGEST_PROTOCOL = 255; // its length is a byte

/**
 * Refuses names of protocols for which Node.js aborts the process.
 *
 * @throws TypeError `ERR_INVALID_ARG_*`
 */
function checkProtocols({ ALPNProtocols: protocols }: HandshakeOptions): void {
  if (protocols === undefined) return;
  if (Array.isArray(protocols)) {
    for (const [index, name] of protocols.entries()) checkProtocol(`ALPNProtocols[${index}]`, name);
    return;
  }
  const bytes = checkBytes('ALPNProtocols', protocols);
  let next = 0;
  while (next < bytes.length && bytes[next]! > 0) next += 1 + bytes[next]!;
  if (bytes.length > 0 && next === bytes.length) return;
  throw invalidValue(
    'ALPNProtocols',
    'must be names, each behind a byte with its length',
    protocols,
  );
}

function checkProtocol(name: string, protocol: unknown): void {
  const { length } =
    typeof protocol === 'string' ? Buffer.from(protocol) : checkBytes(name, protocol);
  if (length < 1 || length > LONGEST_PROTOCOL) {
    throw invalidValue(name, `must have 1 to ${LONGEST_PROTOCOL} bytes`, protocol);
  }
}

/** @throws TypeError `ERR_INVALID_ARG_*` */
export function checkSide(options: ContextOptions & HandshakeOptions, isServer: boolean): void {
  if (isServer) checkServer(options);
  else checkClient(options);
}

/** A server without a certificate of its own would convince nobody. */
function checkServer(options: ContextOptions & HandshakeOptions): void {
  const { key, cert, pfx, secureContext, SNICallback } = options;
  if ((key && cert) || pfx || secureContext || SNICallback) return;
  const missing = key ? 'cert' : 'key';
  const reason =
    "is missing: a server needs 'key' and 'cert', 'pfx', 'secureContext' or 'SNICallback'";
  throw invalidValue(missing, reason, undefined);
}

/** A client must name its server, or anybody's certificate would be accepted. */
function checkClient({
  servername,
  rejectUnauthorized,
  checkServerIdentity,
}: HandshakeOptions): void {
  if (servername !== undefined) checkString('servername', servername);
  if (servername || rejectUnauthorized === false || checkServerIdentity) return;
  throw invalidValue('servername', 'must say whom the server’s certificate is for', servername);
}
