import { domainToASCII } from 'node:url';
import { checkOptions, checkString, invalidValue } from './argument';
import { SocketError, socketError } from './errors';
import { native, type Failure } from './native';
import { sendAllStaged } from './staged';

/** @see resolve */
export interface ResolveOptions {
  /** Only addresses of IPv4 or of IPv6; both by default. */
  family?: 0 | 4 | 6;
}

/**
 * All numeric addresses of a name, in the order the system gives them; or why the resolver has no answer.
 * Blocks until `timeout`.
 */
export function resolveAll(
  hostname: string,
  family: 0 | 4 | 6,
  timeout: number,
): string[] | Failure {
  checkString('hostname', hostname);
  if (hostname === '' || hostname.includes('\0')) {
    throw invalidValue('hostname', 'must be a name', hostname);
  }
  if (![0, 4, 6].includes(family)) throw invalidValue('family', 'must be 0, 4 or 6', family);
  sendAllStaged();
  return native.resolve(asciiName(hostname), family, timeout);
}

/** A name as the system's resolver takes it: an international one in its ASCII form (RFC 5891). */
export function asciiName(hostname: string): string {
  return isAscii.test(hostname) ? hostname : domainToASCII(hostname) || hostname;
}

const isAscii = /^\p{ASCII}*$/u;

/** As in Node, which has numbers of its own where the system has none of the kind of others. */
const NOT_FOUND = { code: 'ENOTFOUND', errno: -3008, reason: 'no address' };
const TRY_AGAIN = { code: 'EAI_AGAIN', errno: -3001, reason: 'the resolver has no answer now' };

/** Why a name has no addresses: what {@link resolveAll} and its like returned. */
export function lookUpError(found: readonly string[] | Failure, hostname: string): SocketError {
  const details = { syscall: 'getaddrinfo', address: hostname };
  const hasFailed = typeof found === 'number';
  if (hasFailed && native.errorName(found) !== 'EAGAIN') {
    return socketError(found, details.syscall, { address: hostname });
  }
  const { code, errno, reason } = hasFailed ? TRY_AGAIN : NOT_FOUND;
  return new SocketError(`${code}: ${reason}, getaddrinfo ${hostname}`, code, errno, details);
}

/**
 * The first numeric address of a name, or null if it has none or the resolver does not answer. Blocks for as long
 * as the system's resolver needs; the verbs of `bipoll/sync` resolve names within their timeout.
 *
 * @example
 * resolve('localhost', { family: 4 }); // '127.0.0.1'
 */
export function resolve(hostname: string, options: ResolveOptions = {}): string | null {
  checkOptions('options', options);
  const found = resolveAll(hostname, options.family ?? 0, Infinity);
  return typeof found === 'number' ? null : (found[0] ?? null);
}
