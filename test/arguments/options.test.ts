import { createSecureContext } from 'node:tls';
import { inspect } from 'node:util';
import { connectTcp, listenTcp, socketPair } from 'bipoll';
import { connect as connectBlocking, pollAll, readSome } from 'bipoll/sync';
import { Deframer, delimiter, lengthPrefixed, lines } from 'bipoll/framing';
import {
  connect,
  fromServer,
  fromSocket,
  listen,
  pacedMap,
  readiness,
  reconnect,
} from 'bipoll/reactive';
import { nearest } from '../../src/arguments/nearest';
import { optionsOf } from '../../src/arguments/options';

const refused = (message: RegExp): Error =>
  expect.objectContaining({
    code: 'ERR_INVALID_ARG_VALUE',
    message: expect.stringMatching(message),
  }) as Error;

describe('a misspelt option is refused, with the name that was probably meant', () => {
  const misspelt = (name: string): never => ({ port: 1, [name]: 1 }) as never;

  test.each<[string, string, (options: never) => unknown]>([
    ['backlgo', 'backlog', listenTcp],
    ['hots', 'host', connectTcp],
    ['locaPort', 'localPort', (options) => connectBlocking(options, { timeout: 0 })],
    ['hightWaterMark', 'highWaterMark', (options) => connect({ port: 1 }, options)],
    ['maxConections', 'maxConnections', (options) => listen({ port: 0 }, options)],
    ['idletimeout', 'idleTimeout', (options) => connect(options)],
  ])('%s: %s', (name, meant, call) => {
    expect(() => call(misspelt(name))).toThrow(
      refused(new RegExp(`unknown option '${name}'; did you mean '${meant}'`)),
    );
  });

  const [left, right] = socketPair();
  const server = listenTcp({ port: 0 });
  afterAll(() => {
    for (const each of [left, right, server]) each.close();
  });

  test.each<[string, () => unknown]>([
    ['lines', () => lines({ maxByte: 5 } as never)],
    ['pacedMap', () => pacedMap(() => [], { concurency: 5 } as never)],
    ['reconnect', () => reconnect({ maxdelay: 5 } as never)],
    ['readSome', () => readSome(left, { timeout: 0, maxbytes: 5 } as never)],
    ['fromServer', () => fromServer(server, { nodelay: true } as never)],
  ])('%s has no such option', (_, call) => {
    expect(call).toThrow(refused(/did you mean/));
  });

  test('one that is far from all is refused with all there are', () => {
    expect(() => listenTcp({ port: 0, exclusive: true } as never)).toThrow(
      refused(/'exclusive'; there are host, port, backlog/),
    );
  });

  test('one that is undefined is not given', () => {
    listenTcp({ port: 0, backlgo: undefined, host: undefined } as never).close();
  });
});

describe('a wrong argument is refused with ERR_INVALID_ARG_TYPE', () => {
  const [left, right] = socketPair();
  afterAll(() => {
    left.close();
    right.close();
  });

  test.each<[string, () => unknown]>([
    ['pollAll([null], 0)', () => pollAll([null] as never, 0)],
    ['pollAll([socket], 0)', () => pollAll([left] as never, 0)],
    ['pacedMap(project, null)', () => pacedMap(() => [], null as never)],
    ['readiness(socket, event, null)', () => readiness(left, 'dataAvailable', null as never)],
    ['lines(null)', () => lines(null as never)],
    ['delimiter(text, null)', () => delimiter('x', null as never)],
    ['lengthPrefixed(null)', () => lengthPrefixed(null as never)],
    ['new Deframer(codec, null)', () => new Deframer(lines(), null as never)],
    ['send({})', () => fromSocket(right).send({} as never)],
    ['reconnect({ random: 5 })', () => reconnect({ random: 5 as never })],
    ['reconnect({ retryable: 5 })', () => reconnect({ retryable: 5 as never })],
    ['reconnect({ scheduler: {} })', () => reconnect({ scheduler: {} as never })],
    ['reconnect({ repeat: 5 })', () => reconnect({ repeat: 5 as never })],
    ['reconnect({ jitter: null })', () => reconnect({ jitter: null as never })],
  ])('%s', (_, call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
  });

  test('what throws when it is inspected, too', () => {
    const hostile = {
      [inspect.custom]() {
        throw new Error('mine');
      },
    };
    expect(() => left.write(hostile as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test('what throws when it is read is refused with that error as the cause', () => {
    const cause = new Error('mine');
    const options = Object.defineProperty({}, 'timeout', {
      enumerable: true,
      get() {
        throw cause;
      },
    });
    expect(() => readSome(left, options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', cause }),
    );
  });
});

describe('options are read', () => {
  test('once, so that a getter cannot change them afterwards', () => {
    let reads = 0;
    const options = Object.defineProperty({}, 'port', { enumerable: true, get: () => reads++ });
    expect(optionsOf<{ port?: number }>('options', options, { port: true }).port).toBe(0);
    expect(reads).toBe(1);
  });

  test('as their own: a polluted Object.prototype changes nothing', () => {
    using server = listenTcp({ port: 0 });
    const polluted = Object.prototype as { path?: string };
    polluted.path = '/nowhere';
    try {
      using socket = connectBlocking({ host: server.host, port: server.port }, { timeout: 1000 });
      expect(socket.remotePort).toBe(server.port);
      expect(() => connect({ port: server.port })).not.toThrow();
      expect(() => listen({ port: 0 })).not.toThrow();
    } finally {
      delete polluted.path;
    }
  });

  test('as their own with tls as well', () => {
    const polluted = Object.prototype as { host?: string; path?: string };
    Object.assign(polluted, { host: '192.0.2.1', path: '/nowhere' });
    const errors: unknown[] = [];
    const error = (each: unknown) => errors.push(each);
    try {
      expect(() => connect({ host: '127.0.0.1', port: 1 }, { tls: {} })).not.toThrow();
      const tls = { secureContext: createSecureContext() };
      listen({ port: 0 }, { tls }).subscribe({ error }).unsubscribe();
    } finally {
      delete polluted.host;
      delete polluted.path;
    }
    expect(errors).toEqual([]);
  });

  test('of an object of a class, which may have more', () => {
    using server = listenTcp({ port: 0 });
    connectBlocking(server, { timeout: 1000 }).close();
  });
});

describe('a target is a port or a path', () => {
  const places = [
    ['connect', connect],
    ['connect of bipoll/sync', (target: never) => connectBlocking(target, { timeout: 0 })],
    ['listen', listen],
  ] as const;

  test.each(places)('and not both: %s', (_, call) => {
    expect(() => call({ port: 1, path: '/x' } as never)).toThrow(refused(/not both/));
  });

  test.each(places)('and not neither: %s', (_, call) => {
    expect(() => call({} as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test('which the types say as well', () => {
    const calls = [
      // @ts-expect-error a port and a path
      () => connect({ port: 1, path: '/x' }),
      // @ts-expect-error a port and a path
      () => connectBlocking({ port: 1, path: '/x' }, { timeout: 0 }),
      // @ts-expect-error a port and a path
      () => listen({ port: 1, path: '/x' }),
    ];
    for (const call of calls) expect(call).toThrow(/not both/);
    expect(() => connect({ port: 1, path: undefined })).not.toThrow();
  });
});

test.each([
  ['hightWaterMark', 'highWaterMark'],
  ['TIMEOUT', 'timeout'],
  ['tiemout', 'timeout'],
  ['completelyElse', null],
])('the name nearest to %s is %s', (name, meant) => {
  expect(nearest(name, ['timeout', 'highWaterMark', 'path'])).toBe(meant);
});
