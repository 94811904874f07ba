import { firstValueFrom, lastValueFrom, mergeMap, Subject, switchMap, take, toArray } from 'rxjs';
import { listenTcp, type StreamServer, type StreamSocket } from 'bipoll';
import { connect, type Connection, type EventLoop, openConnection } from 'bipoll/reactive';
import { accept, readSome, writeAll } from 'bipoll/sync';
import { loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { runScript } from '../support/script';
import { transports } from '../support/transports';
import { until } from '../support/until';
import { freePort } from '../support/freePort';

const timeout = PATIENCE;

describe.each(loops)('on $name', ({ open }) => {
  describe.each(transports)('over $name', (transport) => {
    let loop: EventLoop;
    let server: StreamServer;
    let peer: StreamSocket;
    beforeEach(() => {
      loop = open();
      server = transport.listen();
    });
    afterEach(() => {
      loop.close();
      peer.close();
      server.close();
    });

    const target = () => {
      const { host, port, path } = server as unknown as {
        host: string;
        port: number;
        path?: string;
      };
      return path === undefined ? { host, port } : { path };
    };
    async function opened(): Promise<Connection> {
      const connection = await openConnection(target(), { loop });
      peer = accept(server, { timeout });
      return connection;
    }

    test('a connection that is opened is the caller’s', async () => {
      const connection = await opened();
      expect(connection.socket.closed).toBe(false);
      connection.write('question');
      await until(() => peer.dataAvailable(), 'the question');
      expect(String(readSome(peer, { timeout }))).toBe('question');
      writeAll(peer, 'answer', { timeout });
      peer.close();
      const chunks = await lastValueFrom(connection.data$.pipe(toArray()));
      expect(Buffer.concat(chunks).toString()).toBe('answer');
    });

    test('so is that of firstValueFrom(connect(...))', async () => {
      const connection = await firstValueFrom(connect(target(), { loop }));
      peer = accept(server, { timeout });
      expect(connection.socket.closed).toBe(false);
      connection.close();
    });

    test('await using ends it, and waits until the peer has ended too', async () => {
      const told: string[] = [];
      let disposed: Promise<void>;
      {
        const connection = await opened();
        connection.write('last words');
        connection.closed$.subscribe(() => told.push('closed'));
        disposed = connection[Symbol.asyncDispose]().then(() => {
          told.push('disposed');
        });
      }
      await until(() => peer.dataAvailable(), 'the last words');
      expect(String(readSome(peer, { timeout }))).toBe('last words');
      writeAll(peer, 'not read by anybody', { timeout });
      peer.close();
      await disposed;
      expect(told).toEqual(['closed', 'disposed']);
    });

    test('a connection that something has subscribed to by then closes when that is over', async () => {
      const first = connect(target(), { loop }).pipe(
        take(1),
        mergeMap((connection) => connection.data$),
      );
      const subscription = first.subscribe();
      peer = accept(server, { timeout });
      writeAll(peer, 'x', { timeout });
      await until(() => peer.readyToWrite());
      subscription.unsubscribe();
      await until(() => peer.remoteDisconnected(), 'closing');
    });

    test('switchMap to another connection closes the one before', async () => {
      const again$ = new Subject<void>();
      const chosen: Connection[] = [];
      const subscription = again$
        .pipe(switchMap(() => connect(target(), { loop })))
        .subscribe((connection) => chosen.push(connection));
      again$.next();
      await until(() => chosen.length === 1);
      peer = accept(server, { timeout });
      again$.next();
      await until(() => chosen.length === 2);
      accept(server, { timeout }).close();
      expect(chosen[0]!.socket.closed).toBe(true);
      subscription.unsubscribe();
    });
  });
});

test('rejects with what connecting fails with, bad arguments among it', async () => {
  await expect(openConnection({ host: '127.0.0.1', port: freePort() })).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
  await expect(openConnection(5 as never)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
});

test('a signal gives up connecting, and means nothing to a connection that is made', async () => {
  const controller = new AbortController();
  const { signal } = controller;
  using server = listenTcp({ port: 0 });
  const { host, port } = server;
  const connection = await openConnection({ host, port }, { signal });
  controller.abort();
  expect(connection.socket.closed).toBe(false);
  connection.close();
  await expect(openConnection({ host, port }, { signal })).rejects.toMatchObject({
    code: 'ABORT_ERR',
  });
});

test('a connection that nobody holds any more is closed by the garbage collector, with a warning', () => {
  const { stdout, stderr } = runScript(
    `
      import { once } from 'node:events';
      import { listenTcp } from 'bipoll';
      import { openConnection } from 'bipoll/reactive';
      import { accept } from 'bipoll/sync';
      const server = listenTcp({ port: 0 });
      await (async () => {
        const connection = await openConnection({ host: '127.0.0.1', port: server.port });
        connection.write('forgotten');
        connection.data$.subscribe().unsubscribe();
      })();
      const peer = accept(server, { timeout: ${PATIENCE} });
      process.on('warning', ({ code }) => console.log(code));
      while (!peer.remoteDisconnected()) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await new Promise((resolve) => setImmediate(resolve));
      peer.close();
      server.close();`,
    '--expose-gc',
    '--no-warnings',
  );
  expect({ stdout, stderr }).toEqual({ stdout: 'BIPOLL_UNCLOSED_SOCKET\n', stderr: '' });
});
