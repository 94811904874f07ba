import * as bipoll from 'bipoll';
import * as sync from 'bipoll/sync';
import { lines } from 'bipoll/framing';
import { native } from '../../src/core/native';
import { freshPath } from '../support/freshPath';
import { sequence, strange } from '../support/strange';

function callStrangely(call: (...args: never[]) => unknown, next: (limit: number) => number): void {
  const args = Array.from({ length: next(5) }, () => strange[next(strange.length)])
    // A verb would wait as long as it is told to.
    .map((value) => (typeof value === 'number' && value > 1 ? 0 : value));
  try {
    call(...(args as never[]));
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect(error).toHaveProperty('code', expect.stringMatching(/^E[A-Z_]+$/));
  }
}

// `wait` would wait for ever when told to.
const internal = [
  'joins',
  'claim',
  'unclaim',
  'checkUnclaimed',
  'checkNothingUnread',
  'setStreamOptions',
  'streamOf',
];
const leftOut = ['constructor', 'close', 'wait', ...internal];

/** The methods of an object, its own and inherited ones. */
function methodsOf(object: object): ((...args: never[]) => unknown)[] {
  const names = new Set<string>();
  for (let each = object; each !== Object.prototype; each = Object.getPrototypeOf(each) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (typeof value === 'function' && !leftOut.includes(name)) names.add(name);
    }
  }
  const methods = object as Record<string, (...args: never[]) => unknown>;
  return [...names].map((name) => methods[name]!.bind(object));
}

test('whatever the arguments, every call of the library gives a result or an error with a code', () => {
  const next = sequence(1);
  const objects = [
    ...bipoll.socketPair(),
    bipoll.listenTcp({ port: 0 }),
    bipoll.listenLocal({ path: freshPath() }),
    new bipoll.Poller(),
  ];
  // `adopt` would take away a descriptor of the test runner, `resolve` ask the network.
  const functions = Object.entries({ ...bipoll, ...sync })
    .filter(([name]) => /^[a-z]/.test(name) && name !== 'adopt' && name !== 'resolve')
    .map(([, value]) => value as () => unknown);
  const calls = [...functions, ...objects.flatMap(methodsOf)];
  expect(calls.length).toBeGreaterThan(60);
  for (let i = 0; i < 5000; i++) callStrangely(calls[next(calls.length)]!, next);
  for (const object of objects) object.close();
});

test('the addon survives arguments of any type', () => {
  const next = sequence(2);
  const blocking = ['wait', 'poll', 'pollOne', 'readWait', 'writeWait', 'resolve'];
  const others = ['adopt', 'close', 'closePoller', 'closePump', 'constants'];
  const functions = Object.entries(
    native as unknown as Record<string, (...args: unknown[]) => unknown>,
  )
    .filter(([name]) => !blocking.includes(name) && !others.includes(name))
    .map(([, call]) => call);
  expect(functions.length).toBeGreaterThan(20);
  for (let i = 0; i < 20_000; i++) {
    const args = Array.from({ length: next(9) }, () => strange[next(strange.length)]);
    functions[next(functions.length)]!(...args);
  }
});

describe('a socket that is closed from within one of its calls', () => {
  const closing = (socket: bipoll.Socket, name = 'timeout'): object =>
    Object.defineProperty({}, name, {
      enumerable: true,
      get() {
        socket.close();
        return 0;
      },
    });

  test.each([
    ['read', (s: bipoll.LocalStream) => s.read(Buffer.alloc(1), closing(s, 'start'))],
    ['write', (s: bipoll.LocalStream) => s.write(Buffer.alloc(1), closing(s, 'start'))],
    ['readSome', (s: bipoll.LocalStream) => sync.readSome(s, closing(s) as never)],
    ['readExactly', (s: bipoll.LocalStream) => sync.readExactly(s, 1, closing(s) as never)],
    ['readUntil', (s: bipoll.LocalStream) => sync.readUntil(s, '\n', closing(s) as never)],
    ['frames', (s: bipoll.LocalStream) => sync.frames(s, lines(), closing(s) as never).next()],
    [
      'writeAll',
      (s: bipoll.LocalStream) => {
        sync.writeAll(s, 'x', closing(s) as never);
      },
    ],
  ])('%s says that it is closed', (_, call) => {
    const [left, right] = bipoll.socketPair();
    expect(() => {
      call(left);
    }).toThrow(bipoll.SocketClosedError);
    right.close();
  });
});

test('a buffer that is detached while the next is looked at is not touched', () => {
  const [left, right] = bipoll.socketPair();
  const first = new Uint8Array(1 << 20);
  const buffers = [first, new Uint8Array(1)];
  Object.defineProperty(buffers, 1, {
    get() {
      structuredClone(first.buffer, { transfer: [first.buffer] });
      return new Uint8Array(1);
    },
  });
  expect(left.writev(buffers)).toBe(1);
  left.close();
  right.close();
});

test('shared memory can be read into and written from', () => {
  const [left, right] = bipoll.socketPair();
  const shared = new Uint8Array(new SharedArrayBuffer(4));
  shared.set([1, 2, 3, 4]);
  expect(left.write(shared)).toBe(4);
  shared.fill(0);
  expect(right.read(shared)).toBe(4);
  expect([...shared]).toEqual([1, 2, 3, 4]);
  left.close();
  right.close();
});
