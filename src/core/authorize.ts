import {
  checkArray,
  checkInteger,
  invalidType,
  invalidValue,
  type OptionNames,
  optionsOf,
} from './argument';
import type { PeerCredentials } from './peerCredentials';

/**
 * A rule for the peers of a local socket. A peer matches if every member that is given here matches, a list if one of
 * its values does. What the system does not tell of a peer matches nothing.
 *
 * @example
 * const authorize = { uid: [0, process.getuid()], groups: 27 };
 */
export interface PeerRule {
  /** The user that the peer ran as when it connected. */
  uid?: number | readonly number[];
  /** Its group at that moment. */
  gid?: number | readonly number[];
  /** One of its supplementary groups. */
  groups?: number | readonly number[];
  /**
   * The process. Ids are used again, so this proves something only of a process that cannot have ended, such as a child
   * whose exit has not been reported.
   */
  pid?: number | readonly number[];
}

/**
 * Who may connect to a local server: a rule, or a function that is given the credentials, in which null is what the
 * system does not tell.
 */
export type Authorize = PeerRule | ((credentials: PeerCredentials) => boolean);

/** A checked {@link Authorize}. It may throw, and return anything: only `true` lets a peer in. */
export type Authorizer = (credentials: PeerCredentials) => unknown;

const RULE: OptionNames<PeerRule> = { uid: true, gid: true, groups: true, pid: true };
const MAX_ID = 2 ** 32 - 1;

/**
 * Checks an option that was read.
 *
 * @param isLocal over TCP the system knows nobody's credentials
 * @throws TypeError RangeError `ERR_INVALID_ARG_*`, `ERR_OUT_OF_RANGE`
 */
export function checkAuthorize(value: unknown, isLocal: boolean): Authorizer | null {
  if (value === undefined) return null;
  if (!isLocal) {
    const reason = 'must not be given over TCP: only the peers of local sockets have credentials';
    throw invalidValue('authorize', reason, value);
  }
  if (typeof value === 'function') return value as Authorizer;
  if (typeof value !== 'object' || value === null) {
    throw invalidType('authorize', 'a function or an object', value);
  }
  return matcherOf(optionsOf<PeerRule>('authorize', value, RULE), value);
}

function matcherOf(rule: PeerRule, given: object): Authorizer {
  const allowed = (Object.keys(rule) as (keyof PeerRule)[]).map(
    (key) => [key, idsOf(`authorize.${key}`, rule[key])] as const,
  );
  if (allowed.length === 0) {
    throw invalidValue('authorize', `must have one of ${Object.keys(RULE).join(', ')}`, given);
  }
  return (credentials) =>
    allowed.every(([key, ids]) => {
      const told = credentials[key];
      if (told === null) return false;
      return typeof told === 'number' ? ids.has(told) : told.some((id) => ids.has(id));
    });
}

function idsOf(name: string, value: unknown): ReadonlySet<number> {
  if (typeof value === 'number') return new Set([checkInteger(name, value, 0, MAX_ID)]);
  const items = checkArray(name, 'a number or an array of numbers', value);
  return new Set(items.map((id, index) => checkInteger(`${name}[${index}]`, id, 0, MAX_ID)));
}
