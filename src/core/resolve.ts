import { checkOptions, checkString, invalidValue } from './argument';
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
 *
 * @internal
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
  return native.resolve(hostname, family, timeout);
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
