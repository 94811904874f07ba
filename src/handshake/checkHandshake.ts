import type { SecureContext } from 'node:tls';
import {
  checkBoolean,
  checkBytes,
  checkFunction,
  checkInteger,
  checkString,
  invalidType,
  invalidValue,
} from '../core/argument';
import type { ContextOptions } from './contextOptions';
import type { HandshakeOptions, PlainHandshakeOptions } from './handshakeOptions';

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

/**
 * Node.js takes whatever is no session for none, in silence.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
function checkSession({ session }: PlainHandshakeOptions): void {
  if (session !== undefined) checkBytes('session', session);
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
