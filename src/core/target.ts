import {
  checkString,
  invalidType,
  invalidValue,
  mergedOptions,
  type OptionNames,
  optionsOf,
} from './argument';
import { checkFamily } from './resolve';
import { CONNECT_TCP_OPTIONS, type ConnectTcpOptions } from './tcp';

/** Where to connect to: as for `connectTcp`, but `host` may be a name and defaults to `localhost`. */
export interface TcpTarget extends Omit<ConnectTcpOptions, 'host'> {
  host?: string;
  /** Only addresses of IPv4 or of IPv6; both by default. */
  family?: 0 | 4 | 6;
  path?: undefined;
}

/** Where to connect to: the path of a local server. */
export interface LocalTarget {
  path: string;
  port?: undefined;
}

/** Where to connect to. */
export type Target = TcpTarget | LocalTarget;

export const TARGET_OPTIONS: OptionNames<TcpTarget> = {
  ...CONNECT_TCP_OPTIONS,
  family: true,
  path: true,
};

/** A target over TCP, with what it leaves out. */
export type CheckedTcpTarget = TcpTarget & Required<Pick<TcpTarget, 'host' | 'family'>>;

/**
 * Reads and checks a target, once. Only own properties count, and undefined ones count as missing.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 */
export function targetOf(target: Target): CheckedTcpTarget | LocalTarget {
  return checkedTarget(optionsOf<object>('target', target, TARGET_OPTIONS) as Target);
}

/** The same for options that were read, among which the target is. */
export function checkedTarget(options: Target): CheckedTcpTarget | LocalTarget {
  if (isLocal(options)) return options;
  const { host = 'localhost', family = 0 } = options;
  checkString('host', host);
  if (host === '' || host.includes('\0')) {
    throw invalidValue('host', 'must be a name or an address', host);
  }
  checkFamily(family);
  return mergedOptions(options, { host, family });
}

/**
 * Whether an address to connect to or listen at is a path. It must have either a port or a path: with both, it would be
 * unclear which one was meant.
 */
export function isLocal<Place extends { port?: unknown; path?: unknown }>(
  place: Place,
): place is Extract<Place, { path: string }> {
  const { port, path } = place;
  if (port !== undefined && path !== undefined) {
    throw invalidValue('target', 'must have a port or a path, not both', { port, path });
  }
  if (port === undefined && path === undefined) {
    throw invalidType('target', 'an object with a port or a path', place);
  }
  return path !== undefined;
}
