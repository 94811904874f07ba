import { checkArray, checkInteger, checkString, invalidValue, optionsOf } from '../core/argument';
import type { PeerCredentials } from '../core/peerCredentials';
import { type Ends, NO_ENDS } from '../reactive/connection/Ends';

/**
 * Who is at the two ends of a virtual connection: over TCP the addresses, over a local socket the other two.
 *
 * @example
 * const owner = virtualConnection(scheduler, '-a', { credentials: { uid: 1000 } });
 * const stranger = virtualConnection(scheduler, '-a', { remoteAddress: '192.0.2.1', remotePort: 4000 });
 */
export interface VirtualEnds {
  /** The address of the peer. */
  remoteAddress?: string;
  /** The port of the peer. */
  remotePort?: number;
  /** The address of this end. */
  localAddress?: string;
  /** The port of this end. */
  localPort?: number;
  /** The path of the server, over a local socket. */
  path?: string;
  /** What `peerCredentials()` tells, over a local socket; an id that is left out is unknown. */
  credentials?: Partial<PeerCredentials>;
}

/** @throws TypeError RangeError `ERR_INVALID_ARG_*`, `ERR_OUT_OF_RANGE` */
export function virtualEnds(given: VirtualEnds): Ends {
  const ends = {
    remoteAddress: optional(checkString, 'remoteAddress', given.remoteAddress),
    remotePort: optional(checkPort, 'remotePort', given.remotePort),
    localAddress: optional(checkString, 'localAddress', given.localAddress),
    localPort: optional(checkPort, 'localPort', given.localPort),
  };
  const path = optional(checkString, 'path', given.path);
  const credentials = optional(checkCredentials, 'credentials', given.credentials);
  const isTcp = Object.values(ends).some((value) => value !== undefined);
  if (isTcp && (path !== undefined || credentials)) {
    throw invalidValue('options', 'must not have both addresses and a path or credentials', given);
  }
  return { ...ends, path, peerCredentials: () => (credentials ? { ...credentials } : null) };
}

/** What is still known once the connection is closed. */
export function closedEnds({ remoteAddress, remotePort, path }: Ends): Ends {
  return { ...NO_ENDS, remoteAddress, remotePort, path };
}

function optional<T>(
  check: (name: string, value: unknown) => T,
  name: string,
  value: unknown,
): T | undefined {
  return value === undefined ? undefined : check(name, value);
}

function checkPort(name: string, value: unknown): number {
  return checkInteger(name, value, 0, 65_535);
}

function checkCredentials(name: string, value: unknown): PeerCredentials {
  const given = optionsOf<Partial<PeerCredentials>>(name, value as Partial<PeerCredentials>, {
    pid: true,
    uid: true,
    gid: true,
    groups: true,
  });
  const id = (key: 'pid' | 'uid' | 'gid'): number | null => {
    const found = given[key] ?? null;
    return found && checkInteger(`${name}.${key}`, found, 0, 2 ** 32 - 1);
  };
  const groups =
    given.groups == null
      ? null
      : checkArray(`${name}.groups`, 'an array of numbers', given.groups).map((group, index) =>
          checkInteger(`${name}.groups[${index}]`, group, 0, 2 ** 32 - 1),
        );
  return { pid: id('pid'), uid: id('uid'), gid: id('gid'), groups };
}
