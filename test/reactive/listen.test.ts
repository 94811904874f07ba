import net from 'node:net';
import { firstValueFrom, lastValueFrom, mergeMap, type Subscription, tap } from 'rxjs';
import {
  capabilities,
  connectLocal,
  listenLocal,
  listenTcp,
  socketPair,
  type StreamSocket,
  TcpServer,
} from 'bipoll';
import {
  type Connection,
  fromServer,
  type EventLoop,
  listen,
  type ListeningAddress,
  type ListenOptions,
} from 'bipoll/reactive';
import { accept, connect, poll, readExactly, readSome, writeAll } from 'bipoll/sync';
import { canCountDescriptors, openDescriptors } from '../support/descriptors';
import { freshPath } from '../support/freshPath';
import { loops } from '../support/loops';
import { netTargets } from '../support/netTargets';
import { PATIENCE } from '../support/patience';
import { settled } from '../support/settled';
import { canReadTcpOptions, tcpOptions } from '../support/tcpOptions';
import { until } from '../support/until';
import { isSanitized, isWindows, testWhere } from '../support/where';

const timeout = PATIENCE;

/** Whether somebody listens there; false also says that no file was left. */
function isServed(path: string): boolean {
  try {
    connectLocal({ path }).close();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOENT' });
    return false;
  }
}

describe.each(loops)('listen on $name', ({ open }) => {
  let loop: EventLoop;
  let clients: StreamSocket[];
  let served: Subscription | undefined;
  let accepted: Connection[];
  beforeEach(() => {
    loop = open();
    clients = [];
    accepted = [];
  });
  afterEach(() => {
    served?.unsubscribe();
    for (const each of clients) each.close();
    for (const each of accepted) each.close();
    loop.close();
  });

  function client(address: ListeningAddress): StreamSocket {
    const socket = connect(address, { timeout });
    clients.push(socket);
    return socket;
  }

  /** Serves what comes, and remembers it. @returns where, which is told a turn later */
  async function serve(
    target: { port: number } | { path: string },
    options: ListenOptions = {},
    handle: (connection: Connection) => void = () => undefined,
  ): Promise<ListeningAddress> {
    let address: ListeningAddress | undefined;
    served = listen(target, {
      loop,
      onListening: (bound) => (address = bound),
      ...options,
    }).subscribe((connection) => {
      accepted.push(connection);
      handle(connection);
    });
    await Promise.resolve();
    return address!;
  }

  describe.each(netTargets)('over $name', ({ target }) => {
    test('serves an echo', async () => {
      const address = await serve(target(), {}, (connection) =>
        connection.send(connection.data$).subscribe(),
      );
      const peer = net.connect(address as net.NetConnectOpts);
      peer.end('hello');
      const chunks: Buffer[] = [];
      for await (const chunk of peer) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toBe('hello');
      await until(() => accepted[0]!.socket.closed);
    });

    test('binds at each subscription, and closes at each end of one', async () => {
      const where = target();
      let address: ListeningAddress | undefined;
      const listening = listen(where, { loop, onListening: (bound) => (address = bound) });
      expect(address).toBeUndefined();
      for (let i = 0; i < 3; i++) {
        const subscription = listening.subscribe();
        await Promise.resolve(); // the address is told a turn later
        subscription.unsubscribe();
        expect(() => connect(address!, { timeout })).toThrow(
          expect.objectContaining({ code: 'path' in where ? 'ENOENT' : 'ECONNREFUSED' }),
        );
      }
    });

    test('fails where somebody listens already', async () => {
      const address = await serve(target());
      await expect(lastValueFrom(listen(address, { loop }))).rejects.toMatchObject({
        code: 'EADDRINUSE',
        syscall: 'listen',
      });
    });
  });

  test('unsubscribing closes the connections that nobody is subscribed to', async () => {
    const address = await serve({ path: freshPath() });
    const peer = client(address);
    await until(() => accepted.length === 1);
    served!.unsubscribe();
    expect(accepted[0]!.socket.closed).toBe(true);
    expect(poll(peer, 'remoteDisconnected', timeout)).toBe('remoteDisconnected');
  });

  test('connections that are subscribed to outlive the listener', async () => {
    const address = await serve({ path: freshPath() }, {}, (connection) =>
      connection.send(connection.data$).subscribe(),
    );
    const peer = client(address);
    await until(() => accepted.length === 1);
    served!.unsubscribe();
    writeAll(peer, 'still', { timeout });
    await until(() => peer.dataAvailable());
    expect(readExactly(peer, 5, { timeout }).toString()).toBe('still');
    peer.close();
    await until(() => accepted[0]!.socket.closed);
  });

  test('what is queued is sent before an abandoned connection closes', async () => {
    const bytes = Buffer.alloc(3_000_000, 'x');
    const address = await serve({ path: freshPath() }, {}, (connection) => connection.write(bytes));
    const peer = client(address);
    await until(() => accepted.length === 1);
    served!.unsubscribe();
    expect(accepted[0]!.socket.closed).toBe(false);
    let received = 0;
    for (;;) {
      await until(() => peer.dataAvailable() || peer.remoteDisconnected());
      const chunk = readSome(peer, { timeout });
      if (!chunk) break;
      received += chunk.length;
    }
    expect(received).toBe(bytes.length);
  });

  test('a peer that takes nothing holds an abandoned connection for the close timeout only', async () => {
    const bytes = Buffer.alloc(3_000_000);
    const address = await serve({ path: freshPath() }, { closeTimeout: 50 }, (connection) => {
      connection.write(bytes);
    });
    client(address);
    await until(() => accepted.length === 1);
    served!.unsubscribe();
    await until(() => accepted[0]!.socket.closed);
    expect(await firstValueFrom(accepted[0]!.closed$)).toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('unsubscribing within next leaves that connection to whoever has it, and closes those behind it', async () => {
    const path = freshPath();
    let count = 0;
    const first = firstValueFrom(listen({ path }, { loop }).pipe(tap(() => count++)));
    const peers = Array.from({ length: 5 }, () => connectLocal({ path }));
    clients.push(...peers);
    const connection = await first;
    accepted.push(connection);
    expect(connection.socket.closed).toBe(false);
    connection.write('yours');
    await until(() => peers.filter((peer) => peer.remoteDisconnected()).length === 4);
    expect(peers.map((peer) => peer.dataAvailable()).filter(Boolean)).toHaveLength(1);
    expect(count).toBe(1);
    connection.close(); // a pipe lives as long as its last connection
    expect(isServed(path)).toBe(false);
  });

  test('a peer that leaves is noticed though nobody is subscribed', async () => {
    const address = await serve({ path: freshPath() });
    client(address).close();
    await until(() => accepted.length === 1 && accepted[0]!.socket.closed);
  });

  test('accepts no more than maxConnections, and the rest as the others leave', async () => {
    const address = await serve({ path: freshPath() }, { maxConnections: 3 });
    const peers = Array.from({ length: 5 }, () => client(address));
    for (let i = 0; i < 10; i++) {
      await until(() => accepted.length === Math.min(i + 3, 10));
      await settled(loop);
      expect(accepted).toHaveLength(Math.min(i + 3, 10));
      // Some come together with those that are accepted, and some while the listener is full.
      while (peers.length < 10) peers.push(client(address));
      writeAll(peers[i]!, `${i}`, { timeout });
      expect((await firstValueFrom(accepted[i]!.data$)).toString()).toBe(`${i}`);
      accepted[i]!.close();
    }
  });

  test('accepts who comes later, once one of maxConnections has left', async () => {
    const address = await serve({ path: freshPath() }, { maxConnections: 1 });
    client(address);
    await until(() => accepted.length === 1);
    client(address);
    await settled(loop);
    accepted[0]!.close();
    await until(() => accepted.length === 2);
  });

  test('unsubscribing closes those who were accepted beyond maxConnections as well', async () => {
    const address = await serve({ path: freshPath() }, { maxConnections: 1 });
    const peers = Array.from({ length: 5 }, () => client(address));
    await until(() => accepted.length === 1);
    served!.unsubscribe();
    await until(() => peers.every((peer) => peer.remoteDisconnected()));
  });

  test('an abort signal completes it', async () => {
    const controller = new AbortController();
    const path = freshPath();
    const ended = lastValueFrom(listen({ path }, { loop, signal: controller.signal }), {
      defaultValue: 'complete',
    });
    expect(isServed(path)).toBe(true);
    controller.abort();
    expect(await ended).toBe('complete');
    expect(isServed(path)).toBe(false);
    expect(
      await lastValueFrom(listen({ path }, { loop, signal: controller.signal }), {
        defaultValue: 'complete',
      }),
    ).toBe('complete');
  });

  test('tells where it listens a turn later, when subscribe has returned, unless it is closed by then', async () => {
    const told: boolean[] = [];
    const listening = listen({ port: 0 }, { loop, onListening: () => told.push(served!.closed) });
    listening.subscribe().unsubscribe();
    served = listening.subscribe();
    expect(told).toEqual([]);
    await Promise.resolve();
    expect(told).toEqual([false]);
  });

  test('takes options of node:net in either place', () => {
    const path = freshPath();
    const bound = listen({ path, backlog: 1 }, { mode: 0o600, loop }).subscribe();
    expect(isServed(path)).toBe(true);
    bound.unsubscribe();
  });

  const wherePortsAreShared = testWhere(!isWindows, 'Windows lets nobody share a port');
  wherePortsAreShared('takes reusePort in either place', async () => {
    const ports: number[] = [];
    const remember = (address: ListeningAddress) => ports.push((address as { port: number }).port);
    const one = listen({ port: 0, reusePort: true }, { loop, onListening: remember }).subscribe();
    await Promise.resolve();
    const two = listen(
      { port: ports[0]! },
      { loop, reusePort: true, onListening: remember },
    ).subscribe();
    await Promise.resolve();
    expect(ports[1]).toBe(ports[0]);
    one.unsubscribe();
    two.unsubscribe();
  });

  test('a server that is bound already stays with its owner', async () => {
    using server = listenLocal({ path: freshPath() });
    const peer = client(server);
    const taken = await firstValueFrom(fromServer(server, { loop }));
    taken.close();
    await until(() => peer.remoteDisconnected());
    client(server);
    accept(server, { timeout: PATIENCE }).close(); // a pipe of Windows takes a moment to see a client
  });

  test('a server is not accepted from in both styles at once', async () => {
    using server = listenTcp({ port: 0 });
    const busy = expect.objectContaining({ code: 'ERR_SOCKET_BUSY' });
    const subscription = fromServer(server, { loop }).subscribe();
    expect(() => server.accept()).toThrow(busy);
    await expect(lastValueFrom(fromServer(server, { loop }))).rejects.toMatchObject({
      code: 'ERR_SOCKET_BUSY',
    });
    subscription.unsubscribe();
    const peer = client({ host: server.host, port: server.port });
    expect(poll(server, 'connectionAvailable', timeout)).toBe('connectionAvailable');
    server.accept().close();
    peer.close();
  });

  test('completes when the server is closed', async () => {
    const server = listenTcp({ port: 0 });
    const ended = lastValueFrom(fromServer(server, { loop }), { defaultValue: 'complete' });
    server.close();
    expect(await ended).toBe('complete');
  });

  describe('subscribing and unsubscribing 10,000 times', () => {
    function subscribeOften() {
      const listening = listen({ path: freshPath(), backlog: 1 }, { loop });
      for (let i = 0; i < 10_000; i++) listening.subscribe().unsubscribe();
    }

    testWhere(!isSanitized, 'a sanitizer keeps freed memory for a while, so growth says nothing')(
      'leaks no memory',
      () => {
        global.gc?.();
        const before = process.memoryUsage.rss();
        subscribeOften();
        expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
      },
    );

    testWhere(canCountDescriptors, 'Node does not tell how many handles it has')(
      'leaks no descriptors',
      () => {
        const before = openDescriptors();
        subscribeOften();
        expect(openDescriptors()).toBeLessThan(before + 50);
      },
    );
  });

  testWhere(canReadTcpOptions, 'only on Linux can the test ask the system for them')(
    'the options of TCP hold for what it accepts',
    async () => {
      const address = await serve(
        { port: 0 },
        { noDelay: false, keepAlive: 30_000, userTimeout: 5000 },
      );
      client(address);
      await until(() => accepted.length === 1);
      expect(tcpOptions(accepted[0]!.socket.fd)).toMatchObject({
        noDelay: false,
        keepAlive: 30_000,
        userTimeout: 5000,
      });
    },
  );

  test('bad arguments are refused before anything is bound', () => {
    const badType = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(() => listen(null as never)).toThrow(badType);
    expect(() => listen({} as never)).toThrow(badType);
    expect(() => listen({ port: 0 }, { maxConnections: 'x' as never })).toThrow(badType);
    expect(() => listen({ port: 0 }, { onListening: 5 as never })).toThrow(badType);
    expect(() => listen({ port: 0 }, { signal: {} as never })).toThrow(badType);
    expect(() => fromServer(5 as never)).toThrow(badType);
    expect(() => listen({ port: 0 }, { noDelay: 1 as never })).toThrow(badType);
  });

  testWhere(capabilities().features.descriptorPassing, 'pipes pass no descriptors')(
    'an inherited descriptor serves as any other',
    async () => {
      const [left, right] = socketPair();
      const original = listenTcp({ port: 0 });
      left.sendDescriptors(Buffer.alloc(1), [original]);
      original.close();
      const [server] = right.receiveDescriptors(Buffer.alloc(1)).sockets;
      if (!(server instanceof TcpServer)) throw new Error('It came as something else');
      clients.push(left, right);
      const got = firstValueFrom(
        fromServer(server, { loop }).pipe(mergeMap((connection) => connection.data$)),
      );
      writeAll(client(server), 'hi', { timeout });
      expect((await got).toString()).toBe('hi');
      server.close();
    },
  );
});
