import { closeSync, existsSync, fstatSync } from 'node:fs';
import { lastValueFrom, take } from 'rxjs';
import {
  adopt,
  connectLocal,
  listenLocal,
  listenTcp,
  Poller,
  type Socket,
  socketPair,
} from 'bipoll';
import { fromServer, fromSocket } from 'bipoll/reactive';
import { accept, connect, readExactly, readUntil, writeAll } from 'bipoll/sync';
import { backends } from '../support/backends';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { runScript } from '../support/script';
import { Connected, transports } from '../support/transports';
import { describeWhere, isWindows, testWhere } from '../support/where';

const LIMIT = { timeout: PATIENCE };

describeWhere(!isWindows, 'there are no descriptors on Windows')('detach()', () => {
  describe.each(transports)('over $name', (transport) => {
    const kind = transport.name.startsWith('TCP') ? 'tcp' : 'local';

    test('closes a stream and gives away its descriptor, which is open', () => {
      const { server, client, remote } = new Connected(transport);
      const { fd } = remote;
      expect(remote.detach()).toBe(fd);
      expect(remote.closed).toBe(true);
      expect(remote.fd).toBe(-1);
      remote.close();
      expect(fstatSync(fd).isSocket()).toBe(true);
      using adopted = adopt(fd, kind);
      writeAll(client, 'hello', LIMIT);
      expect(String(readExactly(adopted, 5, LIMIT))).toBe('hello');
      client.close();
      server.close();
    });

    test('of a server gives away what goes on to listen', () => {
      const server = transport.listen();
      const { fd } = server;
      const client = transport.connectTo(server);
      expect(server.detach()).toBe(fd);
      expect(() => server.accept()).toThrow(
        expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }) as Error,
      );
      using adopted = adopt(fd, kind === 'tcp' ? 'tcpServer' : 'localServer');
      accept(adopted, LIMIT).close();
      client.close();
    });
  });

  test('leaves the socket file of a server', () => {
    const path = freshPath();
    const fd = listenLocal({ path }).detach();
    connectLocal({ path }).close();
    closeSync(fd);
    expect(existsSync(path)).toBe(true);
  });

  test('of what was adopted gives it back', () => {
    const [left, right] = socketPair();
    const fd = left.detach();
    expect(adopt(fd, 'descriptor').detach()).toBe(fd);
    using adopted = adopt(fd, 'local');
    right.close();
    expect(adopted.read(Buffer.alloc(1))).toBeNull();
  });

  test.each(backends)('takes the socket out of every poller on %s', (backend) => {
    const [left, right] = socketPair();
    using poller = new Poller({ backend });
    poller.monitor(left, 'dataAvailable');
    const fd = left.detach();
    writeAll(right, 'x', LIMIT);
    expect(poller.monitoredSockets).toEqual([]);
    expect(poller.wait(0)).toEqual([]);
    using adopted = adopt(fd, 'local');
    poller.monitor(adopted, 'dataAvailable');
    expect(poller.wait(PATIENCE)).toEqual([{ socket: adopted, events: ['dataAvailable'] }]);
    right.close();
  });

  const busy = expect.objectContaining({
    name: 'SocketBusyError',
    code: 'ERR_SOCKET_BUSY',
  }) as Error;

  function expectBusy(socket: Socket): void {
    expect(() => socket.detach()).toThrow(busy);
    expect(socket.closed).toBe(false);
  }

  test('is refused while a verb has read bytes that nobody took', () => {
    const [left, right] = socketPair();
    writeAll(right, 'no end of line', LIMIT);
    expect(() => readUntil(left, '\n', { timeout: 1 })).toThrow(/ETIMEDOUT/);
    expectBusy(left);
    expect(String(readExactly(left, 14, LIMIT))).toBe('no end of line');
    closeSync(left.detach());
    right.close();
  });

  test('is refused while an Observable reads', async () => {
    const [left, right] = socketPair();
    const { data$ } = fromSocket(left);
    const first = lastValueFrom(data$.pipe(take(1)));
    expectBusy(left);
    writeAll(right, 'x', LIMIT);
    expect(String(await first)).toBe('x');
    closeSync(left.detach());
    right.close();
  });

  test('is refused while an Observable has bytes queued', () => {
    const [left, right] = socketPair();
    const connection = fromSocket(left);
    while (connection.queuedBytes < 100_000) connection.write(Buffer.alloc(100_000));
    expectBusy(left);
    left.close();
    right.close();
  });

  test('is refused while an Observable accepts', () => {
    using server = listenTcp({ port: 0 });
    const subscription = fromServer(server).subscribe();
    expectBusy(server);
    subscription.unsubscribe();
    closeSync(server.detach());
  });

  test('completes what Observables tell of the socket', async () => {
    const [left, right] = socketPair();
    const closed = lastValueFrom(fromSocket(left).closed$, { defaultValue: 'completed' });
    closeSync(left.detach());
    await closed;
    right.close();
  });

  test('of a closed socket is refused', () => {
    const [left, right] = socketPair();
    left.close();
    right.detach();
    for (const socket of [left, right]) {
      expect(() => socket.detach()).toThrow(
        expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }) as Error,
      );
    }
  });

  test('hands a connection to a worker, which serves and closes it', () => {
    const { stdout, stderr, status } = runScript(
      `
      import { Worker } from 'node:worker_threads';
      import { listenTcp } from 'bipoll';
      import { accept, connect, readLine } from 'bipoll/sync';
      const limit = { timeout: ${PATIENCE} };
      const server = listenTcp({ port: 0 });
      const client = connect({ host: server.host, port: server.port }, limit);
      new Worker(\`
        const { adopt } = require('bipoll');
        const { writeAll } = require('bipoll/sync');
        const stream = adopt(require('node:worker_threads').workerData, 'tcp');
        writeAll(stream, 'from the worker\\\\n', { timeout: ${PATIENCE} });
        stream.close();
      \`, { eval: true, execArgv: [], workerData: accept(server, limit).detach() })
        .on('exit', () => {
          console.log(readLine(client, limit), readLine(client, limit));
          client.close();
          server.close();
          globalThis.gc();
        });`,
      '--expose-gc',
    );
    expect({ stdout, stderr, status }).toEqual({
      stdout: 'from the worker null\n',
      stderr: '',
      status: 0,
    });
  });
});

describeWhere(!isWindows, 'there are no descriptors on Windows')('adopting', () => {
  const busy = expect.objectContaining({ code: 'ERR_SOCKET_BUSY' }) as Error;

  test('what belongs to another socket is refused, until that is closed or gives it away', () => {
    using server = listenTcp({ port: 0 });
    const client = connect({ host: server.host, port: server.port }, LIMIT);
    const remote = accept(server, LIMIT);
    for (const { fd } of [client, remote]) expect(() => adopt(fd, 'tcp')).toThrow(busy);
    expect(() => adopt(server.fd, 'tcpServer')).toThrow(busy);
    using adopted = adopt(remote.detach(), 'tcp');
    expect(() => adopt(adopted.fd, 'descriptor')).toThrow(busy);
    client.close();
  });

  test('what belongs to a socket of another thread is refused there', () => {
    const { stdout, status } = runScript(`
      import { Worker } from 'node:worker_threads';
      import { socketPair } from 'bipoll';
      const [left, right] = socketPair();
      new Worker(\`require('bipoll').adopt(\${left.fd}, 'local')\`, { eval: true, execArgv: [] })
        .on('error', ({ code }) => console.log(code, left.connectionSucceeded() && !right.closed));`);
    expect({ stdout, status }).toEqual({ stdout: 'ERR_SOCKET_BUSY true\n', status: 0 });
  });
});

testWhere(isWindows, 'elsewhere all have one')('detach() of a named pipe is refused', () => {
  const [left, right] = socketPair();
  expect(() => left.detach()).toThrow(expect.objectContaining({ code: 'ENOTSUP' }) as Error);
  expect(left.closed).toBe(false);
  left.close();
  right.close();
});
