import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { getEventListeners, once } from 'node:events';
import {
  firstValueFrom,
  lastValueFrom,
  mergeMap,
  repeat,
  retry,
  take,
  tap,
  throwError,
  toArray,
} from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { listenLocal, listenTcp, type StreamServer } from 'bipoll';
import { connect, type Connection, type EventLoop } from 'bipoll/reactive';
import { sleep } from 'bipoll/sync';
import { accept, readExactly, writeAll } from 'bipoll/sync';
import { race } from '../../src/reactive/race';
import { canCountDescriptors, openDescriptors } from '../support/descriptors';
import { freshPath } from '../support/freshPath';
import { loops } from '../support/loops';
import { netTargets, targetOf } from '../support/netTargets';
import { slices } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { until } from '../support/until';
import { testWhere } from '../support/where';

const timeout = PATIENCE;

const servers = [
  { name: 'TCP over IPv4', listen: () => listenTcp({ port: 0 }) },
  { name: 'TCP over IPv6', listen: () => listenTcp({ host: '::1', port: 0 }) },
  { name: 'a local socket', listen: () => listenLocal({ path: freshPath() }) },
] as const;

describe.each(loops)('connect on $name', ({ open }) => {
  let loop: EventLoop;
  beforeEach(() => {
    loop = open();
  });
  afterEach(() => {
    loop.close();
  });

  /** Accepts without blocking the client, which lives in this thread. */
  async function accepted(server: StreamServer) {
    await until(() => server.connectionAvailable());
    return accept(server, { timeout: 0 });
  }

  describe.each(servers)('over $name', ({ listen }) => {
    test('emits one connection, and completes when it has ended', async () => {
      using server = listen();
      const seen: string[] = [];
      const ended = lastValueFrom(
        connect(server, { loop }).pipe(
          mergeMap((connection) => {
            connection.write('hello');
            return connection.data$;
          }),
          tap((chunk) => seen.push(chunk.toString())),
        ),
      );
      using peer = await accepted(server);
      await until(() => peer.dataAvailable());
      expect(readExactly(peer, 5, { timeout }).toString()).toBe('hello');
      writeAll(peer, 'bye', { timeout });
      peer.close();
      await ended;
      expect(seen).toEqual(['bye']);
    });

    test('is cold, and closes when it is unsubscribed', async () => {
      using server = listen();
      const connecting = connect(server, { loop });
      expect(server.connectionAvailable()).toBe(false);
      let connection: Connection | undefined;
      const subscription = connecting.subscribe((made) => (connection = made));
      using peer = await accepted(server);
      await until(() => connection !== undefined);
      subscription.unsubscribe();
      expect(connection!.socket.closed).toBe(true);
      await until(() => peer.remoteDisconnected());
    });

    test('take(1) leaves it to those who have subscribed to it', async () => {
      using server = listen();
      let connection: Connection | undefined;
      const subscription = connect(server, { loop })
        .pipe(
          take(1),
          tap((made) => (connection = made)),
          mergeMap(({ data$ }) => data$),
        )
        .subscribe();
      using peer = await accepted(server);
      await until(() => connection !== undefined);
      expect(connection!.socket.closed).toBe(false);
      subscription.unsubscribe();
      expect(connection!.socket.closed).toBe(true);
      await until(() => peer.remoteDisconnected());
    });

    test.each([
      ['in order', undefined],
      ['with an error', new Error('not wanted')],
    ])('closed %s while it is emitted, it is passed on before that is told', async (_, reason) => {
      using server = listen();
      const told: unknown[] = [];
      await new Promise<void>((over) => {
        connect(server, { loop })
          .pipe(
            tap((connection) => {
              connection.close(reason);
            }),
          )
          .subscribe({
            next: ({ id }) => told.push(typeof id),
            error: (error) => {
              over(void told.push(error));
            },
            complete: () => {
              over(void told.push('over'));
            },
          });
      });
      expect(told).toEqual(['number', reason ?? 'over']);
    });

    test('repeat connects again', async () => {
      using server = listen();
      const greetings = lastValueFrom(
        connect(server, { loop }).pipe(
          mergeMap(({ data$ }) => data$),
          repeat(3),
          toArray(),
        ),
      );
      for (let i = 0; i < 3; i++) {
        const peer = await accepted(server);
        writeAll(peer, `${i}`, { timeout });
        peer.close();
      }
      expect(Buffer.concat(await greetings).toString()).toBe('012');
    });
  });

  describe.each(netTargets)('to a server of node:net over $name', ({ target }) => {
    test('megabytes go there and back', async () => {
      const server = net.createServer((socket) => socket.pipe(socket));
      await once(server.listen(target()), 'listening');
      const bytes = randomBytes(3_000_000);
      const received = await lastValueFrom(
        connect(targetOf(server.address()), { loop, answerTimeout: 500 }).pipe(
          mergeMap((connection) => {
            connection.send(slices(bytes)).subscribe({
              complete: () => {
                connection.end();
              },
            });
            return connection.data$;
          }),
          toArray(),
        ),
      );
      expect(Buffer.concat(received).equals(bytes)).toBe(true);
      server.close();
    });
  });

  test('fails with the error of the system, where it was refused', async () => {
    const server = listenTcp({ port: 0 });
    const { port } = server;
    server.close();
    await expect(
      lastValueFrom(connect({ port, host: '127.0.0.1' }, { loop })),
    ).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '127.0.0.1',
      port,
    });
    const path = freshPath();
    await expect(lastValueFrom(connect({ path }, { loop }))).rejects.toMatchObject({
      code: 'ENOENT',
      path,
    });
  });

  test('resolves a name, and tries its addresses until one answers', async () => {
    using server = listenTcp({ port: 0 });
    const connection = firstValueFrom(
      connect({ host: 'localhost', port: server.port }, { loop }).pipe(
        mergeMap((made) => made.data$),
      ),
    );
    using peer = await accepted(server);
    writeAll(peer, 'x', { timeout });
    expect((await connection).toString()).toBe('x');
    await expect(
      lastValueFrom(connect({ host: 'nobody.invalid', port: 1 }, { loop })),
    ).rejects.toMatchObject({ syscall: 'getaddrinfo', hostname: 'nobody.invalid' });
  });

  test.each([2 ** 31, Infinity])('a timeout of %d milliseconds is no short one', async (long) => {
    using server = listenTcp({ port: 0 });
    const connected = firstValueFrom(connect(server, { loop, timeout: long }));
    sleep(20); // a timer that was cut to a millisecond is due before the outcome is seen
    const connection = await connected;
    expect(connection.remotePort).toBe(server.port);
    connection.close();
  });

  test('retry connects until there is a server', async () => {
    const path = freshPath();
    let attempts = 0;
    const got = firstValueFrom(
      connect({ path }, { loop }).pipe(
        tap({
          error: () => {
            if (++attempts === 3) server = listenLocal({ path });
          },
        }),
        retry({ delay: 1 }),
        mergeMap((connection) => connection.data$),
      ),
    );
    let server: StreamServer | undefined;
    await until(() => server !== undefined);
    using peer = await accepted(server!);
    writeAll(peer, 'x', { timeout });
    await got;
    server!.close();
  });

  test('a full backlog is tried again, for as long as the timeout', async () => {
    using server = listenLocal({ path: freshPath(), backlog: 0 });
    const waiting = Array.from({ length: 3 }, () =>
      lastValueFrom(connect(server, { loop, timeout: 100 }).pipe(take(1))).catch(
        (error: unknown) => error,
      ),
    );
    const results = await Promise.all(waiting);
    expect(results).toContainEqual(expect.objectContaining({ code: 'ETIMEDOUT' }));
    const peer = await accepted(server);
    peer.close();
    const late = firstValueFrom(connect(server, { loop, timeout }));
    while (server.connectionAvailable()) server.accept().close();
    const connection = await late;
    expect(connection.socket.closed).toBe(false);
    connection.close();
  });

  const withCount = testWhere(canCountDescriptors, 'Node does not tell how many handles it has');
  withCount('unsubscribing while it connects closes the socket', () => {
    using server = listenTcp({ port: 0 });
    const before = openDescriptors();
    for (let i = 0; i < 100; i++) connect(server, { loop }).subscribe().unsubscribe();
    expect(openDescriptors()).toBeLessThan(before + 50);
  });

  test('a signal ends it, also once it is connected', async () => {
    using server = listenTcp({ port: 0 });
    const controller = new AbortController();
    let connection: Connection | undefined;
    const ended = lastValueFrom(
      connect(server, { loop, signal: controller.signal }).pipe(tap((made) => (connection = made))),
    );
    using peer = await accepted(server);
    await until(() => connection !== undefined);
    controller.abort();
    await expect(ended).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
    expect(connection!.socket.closed).toBe(true);
    peer.close();
  });

  test('whoever reads is told of the abort, which is no end of the peer', async () => {
    using server = listenTcp({ port: 0 });
    const controller = new AbortController();
    const told: unknown[] = [];
    let isConnected = false;
    connect(server, { loop, signal: controller.signal }).subscribe({
      next: ({ data$ }) => {
        isConnected = true;
        data$.subscribe({ error: (error: unknown) => told.push(['reader', error]) });
      },
      error: (error: unknown) => told.push(['source', error]),
    });
    using peer = await accepted(server);
    await until(() => isConnected);
    controller.abort();
    const aborted = expect.objectContaining({ code: 'ABORT_ERR' }) as unknown;
    expect(told).toEqual(
      expect.arrayContaining([
        ['reader', aborted],
        ['source', aborted],
      ]),
    );
    peer.close();
  });

  test('a signal that is aborted while the connection is emitted leaves none open', async () => {
    using server = listenTcp({ port: 0 });
    const controller = new AbortController();
    let connection: Connection | undefined;
    const ended = lastValueFrom(
      connect(server, { loop, signal: controller.signal }).pipe(
        tap((made) => {
          connection = made;
          controller.abort();
        }),
      ),
    );
    using peer = await accepted(server);
    await expect(ended).rejects.toMatchObject({ code: 'ABORT_ERR' });
    expect(connection!.socket.closed).toBe(true);
    peer.close();
  });

  test('a signal keeps no listener of what is over', async () => {
    using server = listenTcp({ port: 0 });
    const { signal } = new AbortController();
    const connection = await firstValueFrom(connect(server, { loop, signal }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    connection.close();
  });

  test('a reset is an error of the Observable', async () => {
    const server = net.createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    await expect(
      lastValueFrom(
        connect({ host: '127.0.0.1', port }, { loop }).pipe(mergeMap(({ data$ }) => data$)),
      ),
    ).rejects.toMatchObject({ code: 'ECONNRESET' });
    server.close();
  });

  test('bad arguments are refused at once', () => {
    const badType = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(() => connect(null as never)).toThrow(badType);
    expect(() => connect({} as never)).toThrow(badType);
    expect(() => connect({ host: 5 as never, port: 1 })).toThrow(badType);
    expect(() => connect({ port: 1 }, { timeout: 'x' as never })).toThrow(badType);
    expect(() => connect({ host: 'a\0b', port: 1 })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });
});

describe('racing addresses', () => {
  const failure = (message: string) =>
    Object.assign(new Error(message), { code: `E${message.toUpperCase()}` });
  const scheduler = () =>
    new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected);
    });

  test('the next one starts at once when the last one has failed', () => {
    const test = scheduler();
    test.run(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('--#');
      const second = cold('--(b|)');
      expectObservable(race([first, second], test)).toBe('----(b|)');
      expectSubscriptions(first.subscriptions).toBe('^-!');
      expectSubscriptions(second.subscriptions).toBe('--^-!');
    });
  });

  test('the first to succeed ends the others', () => {
    const test = scheduler();
    test.run(({ cold, expectObservable, expectSubscriptions }) => {
      const slow = cold('300ms (a|)');
      const quick = cold('10ms (b|)');
      const spare = cold('(c|)');
      expectObservable(race([slow, quick, spare], test)).toBe('260ms (b|)');
      expectSubscriptions(slow.subscriptions).toBe('^ 259ms !');
      expectSubscriptions(quick.subscriptions).toBe('250ms ^ 9ms !');
      expectSubscriptions(spare.subscriptions).toBe([]);
    });
  });

  test('it fails with the errors of all when all have failed', () => {
    const test = scheduler();
    test.run(({ cold, expectObservable }) => {
      const [first, second] = [failure('first'), failure('second')];
      const attempts = [cold('400ms #', {}, first), throwError(() => second)];
      const all = new AggregateError([second, first], 'second; first');
      expectObservable(race(attempts, test)).toBe(
        '400ms #',
        {},
        Object.assign(all, { code: 'ESECOND' }),
      );
    });
  });
});
