import { domainToASCII } from 'node:url';
import { checkString, invalidValue, type OptionNames, optionsOf } from './argument';
import { SocketError, socketError } from './errors';
import { native, type Failure } from './native';
import { sendAllStaged } from './staged';

/** @see resolve */
export interface ResolveOptions {
  /** Only addresses of IPv4 or of IPv6; both by default. */
  family?: 0 | 4 | 6;
}

const RESOLVE_OPTIONS: OptionNames<ResolveOptions> = { family: true };

/**
 * All numeric addresses of a name, in the order the system gives them; or why the resolver has no answer.
 * Blocks until `timeout`, or with `EINTR` until a signal comes, if it is interruptible.
 */
export function resolveAll(
  hostname: string,
  family: 0 | 4 | 6,
  timeout: number,
  interruptible: boolean,
): string[] | Failure {
  checkString('hostname', hostname);
  if (hostname === '' || hostname.includes('\0')) {
    throw invalidValue('hostname', 'must be a name', hostname);
  }
  checkFamily(family);
  sendAllStaged();
  return native.resolve(asciiName(hostname), family, timeout, interruptible);
}

export function checkFamily(family: unknown): void {
  if (family !== 0 && family !== 4 && family !== 6) {
    throw invalidValue('family', 'must be 0, 4 or 6', family);
  }
}

/** A name in the form that the system's resolver takes: ASCII, also for an international name (RFC 5891). */
export function asciiName(hostname: string): string {
  return isAscii.test(hostname) ? hostname : domainToASCII(hostname) || hostname;
}

const isAscii = /^\p{ASCII}*$/u;

/** As in Node, which has numbers of its own for the resolver's errors. */
const NOT_FOUND = { code: 'ENOTFOUND', errno: -3008 };
const TRY_AGAIN = { code: 'EAI_AGAIN', errno: -3001 };

/** The error for a name without addresses, from what {@link resolveAll} and the like returned. */
export function lookUpError(found: readonly string[] | Failure, hostname: string): SocketError {
  const details = { syscall: 'getaddrinfo', hostname };
  const hasFailed = typeof found === 'number';
  if (hasFailed && native.errorName(found) !== 'EAGAIN') {
    return socketError(found, details.syscall, { hostname });
  }
  const { code, errno } = hasFailed ? TRY_AGAIN : NOT_FOUND;
  return new SocketError(`getaddrinfo ${code} ${hostname}`, code, errno, details);
}

/**
 * The first numeric address of a name, or null if it has none or the resolver does not answer. Blocks for as long
 * as the system's resolver needs; the verbs of `bipoll/sync` resolve names within their timeout.
 *
 * @example
 * resolve('localhost', { family: 4 }); // '127.0.0.1'
 */
export function resolve(hostname: string, options: ResolveOptions = {}): string | null {
  const { family = 0 } = optionsOf('options', options, RESOLVE_OPTIONS);
  const found = resolveAll(hostname, family, Infinity, false);
  return typeof found === 'number' ? null : (found[0] ?? null);
}
