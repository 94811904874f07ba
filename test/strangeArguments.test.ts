import { Duplex } from 'node:stream';
import { inspect } from 'node:util';
import { Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import * as core from 'bipoll';
import * as framing from 'bipoll/framing';
import * as reactive from 'bipoll/reactive';
import * as streams from 'bipoll/streams';
import * as sync from 'bipoll/sync';
import * as testing from 'bipoll/testing';
import { freshPath } from './support/freshPath';
import { hostile, sequence, strange, THROWN } from './support/strange';

type Call = (...args: unknown[]) => unknown;

/** How many calls each of the tests makes. */
const CALLS = 6000;

/** `adopt` would take a descriptor of the test runner, `resolve` ask the network, `wait` wait for ever. */
const notCalled = ['adopt', 'resolve', 'wait', 'constructor'];
/** Methods that the other objects of the round depend on. */
const ends = ['close', 'destroy', 'end', 'ref', 'unref'];

function functionsOf(module: object): [string, Call][] {
  return Object.entries(module as Record<string, Call>)
    .filter(
      ([name, value]) =>
        /^[a-z]/.test(name) && typeof value === 'function' && !notCalled.includes(name),
    )
    .map(([name, call]) => [name, call]);
}

/** The documented methods of an object: those that its class defines, and no underscore ones. */
function methodsOf(object: object, without: readonly string[] = ends): [string, Call][] {
  const found = new Map<string, Call>();
  const ours = (prototype: object | null): prototype is object =>
    prototype !== null && prototype !== Object.prototype && !isOfNode(prototype);
  for (let each: object | null = object; ours(each); each = Object.getPrototypeOf(each) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (typeof value !== 'function' || name.startsWith('_')) continue;
      if (notCalled.includes(name) || without.includes(name) || internal.includes(name)) continue;
      found.set(name, (...args) => (value as Call).apply(object, args));
    }
  }
  return [...found];
}

/** Of streams and emitters, which are not ours to test. */
function isOfNode(prototype: object): boolean {
  return /^(Duplex|Readable|Writable|Stream|EventEmitter|TestScheduler)$/.test(
    prototype.constructor.name,
  );
}

/** Not to be called by programs: these are stripped from the declarations. */
const internal = [
  ...[
    'joins',
    'checkUnclaimed',
    'checkNothingUnread',
    'checkReceiver',
    'checkOpen',
    'streamOf',
    'acceptToken',
    'holds',
  ],
  ...['sendUnclaimed', 'addressOf', 'destinationOf', 'causeOf', 'setName', 'checkAccess'],
  ...['endInEngine', 'giveToThread'],
  ...[
    'unreadChanged',
    'description',
    'local',
    'remote',
    'resetOnClose',
    'setName',
    'setStreamOptions',
  ],
];

/** What a connection of a program has. */
const ofConnection = ['write', 'send', 'peerCredentials', 'expectSent'];

/** Collected, as what is thrown within an observer would end the process. */
const withoutCode: unknown[] = [];

function expectCode(error: unknown, call: string): void {
  const code: unknown = (error as { code?: unknown } | null)?.code;
  if (error instanceof Error && typeof code === 'string' && /^[A-Z][A-Z_]+$/.test(code)) return;
  withoutCode.push(`${call}: ${String((error as Error | undefined)?.stack)}`);
}

/** What is cold runs when it is subscribed to, and an operator when it is applied. */
function use(result: unknown, name: string): void {
  if (typeof result === 'function') {
    const source = new Observable<never>((subscriber) => {
      subscriber.complete();
    });
    use((result as Call)(source), name);
  } else if (result instanceof Observable) {
    result
      .subscribe({
        error: (error: unknown) => {
          if (error !== THROWN) expectCode(error, name); // what its source throws is passed on
        },
      })
      .unsubscribe();
  } else if (result instanceof Duplex) {
    result.on('error', (error) => {
      expectCode(error, name);
    });
    if ('connecting' in result && result.connecting === true) result.destroy();
  } else if (result instanceof core.Socket) {
    result.close();
  } else if (Array.isArray(result)) {
    for (const each of result) use(each, name);
  } else if (result instanceof Promise) {
    result.catch(() => undefined);
  }
}

/** Calls with arguments of the pool, again and again. */
function callAll(calls: readonly [string, Call][], pool: readonly unknown[], seed: number): void {
  const next = sequence(seed);
  for (let i = 0; i < CALLS; i++) {
    const [name, call] = calls[i % calls.length]!;
    const args = Array.from({ length: next(5) }, () => pool[next(pool.length)]);
    try {
      use(call(...args), name);
    } catch (error) {
      expectCode(error, name);
    }
  }
}

/** Those that this system has. */
function localSocketsForMessages(): core.Socket[] {
  const { localDatagrams, localPackets } = core.capabilities().features;
  return [
    ...(localDatagrams ? [core.bindLocalDatagram({ path: freshPath() })] : []),
    ...(localPackets ? [core.listenLocalPackets({ path: freshPath() })] : []),
  ];
}

/** Nothing may wait: of what can, only short times are asked for. */
const impatient = (value: unknown) => (typeof value === 'number' && value > 1 ? 0 : value);

describe('whatever the arguments, every call gives a result or an error with a code', () => {
  const closers: (() => void)[] = [];
  const closing = <T extends { close: () => void }>(object: T): T => {
    closers.push(() => {
      object.close();
    });
    return object;
  };
  afterEach(() => {
    for (const close of closers.splice(0)) close();
    expect(withoutCode.splice(0)).toEqual([]);
  });

  /** Right ones among the strange ones, so that calls come further. */
  function poolWith(...right: unknown[]): unknown[] {
    const [left, far] = core.socketPair().map(closing);
    const proxied = new Proxy(left!, {});
    const codec = framing.lines();
    return [...strange, ...hostile, ...right, left, far, proxied, codec, reactive.fromSocket(far!)];
  }

  test('of bipoll', () => {
    const objects = [
      ...core.socketPair(),
      core.listenTcp({ port: 0 }),
      core.listenLocal({ path: freshPath() }),
      new core.Poller(),
      core.bindUdp(),
      ...localSocketsForMessages(),
      core.openTimer({ delay: 0 }),
      ...(core.capabilities().features.signals ? [core.watchSignals('SIGUSR2')] : []),
    ].map(closing);
    const calls = [...functionsOf(core), ...objects.flatMap((object) => methodsOf(object))];
    expect(calls.length).toBeGreaterThan(40);
    callAll(calls, poolWith(...objects), 1);
  });

  test('of bipoll/sync', () => {
    const messages = closing(core.bindUdp());
    const right = [{ timeout: 0 }, { timeout: 0, maxBytes: 4 }, '\n', 4, messages];
    callAll(functionsOf(sync), poolWith(...right).map(impatient), 2);
  });

  test('of bipoll/framing', () => {
    const codecs = [
      framing.lines(),
      framing.delimiter('\n'),
      framing.lengthPrefixed(),
      framing.netstrings(),
      framing.ndjson(),
    ];
    const deframer = new framing.Deframer(framing.lines());
    const make: Call = (...args) => new framing.Deframer(...(args as [framing.Decoder<unknown>]));
    const calls = codecs
      .flatMap((codec) => methodsOf(codec, ['copyFrame']))
      .concat(functionsOf(framing), functionsOf(framing.codecsByName), methodsOf(deframer))
      .concat([['new Deframer', make]]);
    callAll(calls, poolWith(), 3);
  });

  test('of bipoll/reactive', () => {
    const [left, far] = core.socketPair().map(closing);
    const connection = reactive.fromSocket(left!);
    const make: Call = (...args) => {
      new reactive.EventLoop(...(args as [object])).close();
    };
    const methods = methodsOf(connection).filter(([name]) => ofConnection.includes(name));
    const messages = closing(core.bindUdp());
    const { send } = reactive.fromMessageSocket(messages);
    const calls: [string, Call][] = [...functionsOf(reactive), ...methods, ['send', send as Call]];
    callAll(
      [...calls, ['new EventLoop', make]],
      poolWith(far, connection, messages).map(impatient),
      4,
    );
  });

  test('of bipoll/streams', () => {
    callAll(functionsOf(streams), poolWith({ highWaterMark: 4 }), 5);
  });

  test('of bipoll/testing', () => {
    const scheduler = new TestScheduler(() => undefined);
    scheduler.run(() => {
      const connection = testing.virtualConnection(scheduler, '');
      const methods = methodsOf(connection).filter(([name]) => ofConnection.includes(name));
      callAll([...functionsOf(testing), ...methods], poolWith(scheduler, connection, '-a-|'), 6);
    });
  });

  test('of a Proxy of a socket', () => {
    const [left] = core.socketPair().map(closing);
    const proxied = new Proxy(left!, {});
    const names = methodsOf(left!, []).map(([name]) => name);
    for (const name of [...names, 'fd', 'closed']) {
      const call = () => {
        const member: unknown = Reflect.get(proxied, name, proxied);
        if (typeof member === 'function') (member as Call).call(proxied, Buffer.alloc(1), [left]);
      };
      expect(call).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ERR_INVALID_/) }),
      );
    }
    expect(() => proxied.read(Buffer.alloc(1))).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_THIS' }),
    );
  });

  /** Reads a member of a Proxy, and calls it if it is a method. */
  function useMember(proxied: object, name: PropertyKey): void {
    const member: unknown = Reflect.get(proxied, name, proxied);
    if (typeof member === 'function') (member as Call).call(proxied);
  }

  const refused = expect.objectContaining({ code: 'ERR_INVALID_THIS' }) as Error;

  test('of a Proxy of a Poller', () => {
    const poller = closing(new core.Poller());
    const proxied = new Proxy(poller, {});
    const names = methodsOf(poller, []).map(([name]) => name);
    expect(names).toContain('monitor');
    for (const name of [...names, 'wait', 'closed', 'monitoredSockets']) {
      expect(() => {
        useMember(proxied, name);
      }).toThrow(refused);
    }
    expect(inspect(proxied)).toBe('[Proxy of Poller]');
  });

  test('of a Proxy of a connection', () => {
    const [left] = core.socketPair().map(closing);
    const proxied = new Proxy(reactive.fromSocket(left!), {});
    const names = ['data$', 'closed$', 'writable$', 'socket', 'remoteAddress', 'queuedBytes'];
    const methods = ['write', 'send', 'end', 'close', 'reset', 'peerCredentials'];
    for (const name of [...names, ...methods, Symbol.asyncDispose]) {
      expect(() => {
        useMember(proxied, name);
      }).toThrow(refused);
    }
    expect(inspect(proxied)).toBe('[Proxy of Connection]');
  });
});
