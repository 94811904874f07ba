import { inspect } from 'node:util';

/** A repeatable sequence of numbers from 0 to below `limit`. */
export function sequence(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const detached = new Uint8Array(8);
structuredClone(detached.buffer, { transfer: [detached.buffer] });

/** What hostile arguments throw. It has no code. */
export const THROWN = new Error('thrown by an argument');

function refuse(): never {
  throw THROWN;
}

/** All traps throw. */
const hostileTraps = new Proxy({}, { get: () => refuse });

const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

const withGetter = (object: object, name: PropertyKey) =>
  Object.defineProperty(object, name, { enumerable: true, get: refuse });

/** Arguments that nobody expects. */
export const strange: readonly unknown[] = [
  ...[undefined, null, true, 0, -1, 1.5, NaN, Infinity, 2 ** 31, 2 ** 53, 1n, '', 'x', '\0'],
  ...[{}, [], [{}], Symbol('s'), () => 0, new Date(0), new Proxy({}, {}), Object.create(null)],
  ...[new Uint8Array(0), new Uint8Array(16), new Float64Array(4), detached, new ArrayBuffer(8)],
  new Uint8Array(new SharedArrayBuffer(16)),
  { start: -1 },
  { start: 3, end: 1 },
  { timeout: 0 },
  { timeout: -1 },
  { host: '127.0.0.1', port: 1 },
  { path: '' },
  'dataAvailable',
  ['readyToWrite', 'nonsense'],
];

/** Arguments that throw when they are looked at, in one way or another. */
export const hostile: readonly unknown[] = [
  new Proxy({}, hostileTraps),
  new Proxy([], hostileTraps),
  new Proxy(new Uint8Array(4), hostileTraps),
  new Proxy(() => 0, hostileTraps),
  revoked,
  withGetter({}, 'timeout'),
  withGetter({}, 'path'),
  withGetter({}, 'decode'),
  withGetter({}, 'data$'),
  withGetter({}, 'waker'),
  withGetter({}, Symbol.iterator),
  withGetter({}, Symbol.asyncIterator),
  withGetter({}, Symbol.toStringTag),
  withGetter([], 0),
  withGetter({}, inspect.custom),
  { [inspect.custom]: refuse, toString: refuse, valueOf: refuse, toJSON: refuse },
  { [Symbol.toPrimitive]: refuse },
];
