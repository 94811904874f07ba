import { connect, readExactly, readSome } from 'bipoll/sync';
import { freshPath } from '../support/freshPath';
import { inEnvironment, loops } from '../support/loops';
import { PATIENCE } from '../support/patience';
import { exitOf, firstOutput, runScript, startScript } from '../support/script';
import { isWindows, testWhere } from '../support/where';

const timeout = PATIENCE;
const withSignals = testWhere(!isWindows, 'Windows has no signals');

describe.each(loops)('a process on $name', (loop) => {
  inEnvironment(loop);

  test('lives as long as something is subscribed', () => {
    const { stdout, stderr, status } = runScript(`
      import { EventLoop, listen } from 'bipoll/reactive';
      const { backend, driver } = EventLoop.default;
      const listening = listen({ port: 0 }).subscribe();
      setTimeout(() => { console.log(backend, driver); listening.unsubscribe(); }, 200).unref();`);
    expect({ stdout, stderr, status }).toEqual({
      stdout: `${loop.backend} ${loop.driver}\n`,
      stderr: '',
      status: 0,
    });
  });

  test('does not live for what is unreferenced, or not subscribed to', () => {
    const { stderr, status } = runScript(`
      import { listenTcp, socketPair } from 'bipoll';
      import { fromSocket, fromServer, listen } from 'bipoll/reactive';
      fromServer(listenTcp({ port: 0 }).unref()).subscribe();
      const [left, right] = socketPair();
      globalThis.kept = [left, right, fromSocket(left), listen({ port: 0 })];
      const reading = fromSocket(right).data$.subscribe();
      right.unref();
      globalThis.reading = reading;`);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  test('ref and unref take effect while something is subscribed', () => {
    const { stdout, status } = runScript(`
      import { socketPair } from 'bipoll';
      import { fromSocket } from 'bipoll/reactive';
      const [left, right] = socketPair();
      globalThis.kept = right;
      fromSocket(left).data$.subscribe();
      left.unref();
      left.ref();
      setTimeout(() => { console.log('alive'); left.unref(); }, 100).unref();`);
    expect({ stdout, status }).toEqual({ stdout: 'alive\n', status: 0 });
  });

  test('does not live for what is unreferenced and has an idleTimeout', () => {
    const { stderr, status } = runScript(`
      import { socketPair } from 'bipoll';
      import { fromSocket } from 'bipoll/reactive';
      const [left, right] = socketPair();
      globalThis.kept = right;
      fromSocket(left, { idleTimeout: 1e9 }).data$.subscribe();
      left.unref();`);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  test('lives while reconnect waits for its next attempt', () => {
    const { stdout, status } = runScript(`
      import { listenTcp } from 'bipoll';
      import { connect, reconnect } from 'bipoll/reactive';
      const server = listenTcp({ port: 0 });
      const { port } = server;
      server.close();
      connect({ port })
        .pipe(reconnect({ delay: 100, jitter: 0, attempts: 1 }))
        .subscribe({ error: ({ code }) => console.log(code) });`);
    expect({ stdout, status }).toEqual({ stdout: 'ECONNREFUSED\n', status: 0 });
  });

  test('an error that nobody handles ends it, as anywhere in rxjs', () => {
    const { stderr, status } = runScript(`
      import { connect } from 'bipoll/reactive';
      connect({ path: ${JSON.stringify(freshPath())} }).subscribe();`);
    expect(stderr).toContain('ENOENT');
    expect(status).not.toBe(0);
  });

  test('a worker can be terminated at any moment', () => {
    const path = freshPath();
    const { stdout, stderr, status } = runScript(`
      import { Worker } from 'node:worker_threads';
      import { connect } from 'bipoll/sync';
      const source = \`
        import { listen } from 'bipoll/reactive';
        import { mergeMap } from 'rxjs';
        import { parentPort, workerData } from 'node:worker_threads';
        listen({ path: workerData, replaceStale: true }, { onListening: () => parentPort.postMessage('ready') })
          .pipe(mergeMap((connection) => connection.send(connection.data$)))
          .subscribe();\`;
      for (let i = 0; i < 10; i++) {
        const path = ${JSON.stringify(path)} + i;
        const worker = new Worker(source, { eval: true, workerData: path });
        await new Promise((resolve) => worker.once('message', resolve));
        const clients = Array.from({ length: 5 }, () => connect({ path }, { timeout: ${PATIENCE} }));
        for (const client of clients) client.write(Buffer.alloc(100_000));
        if (i % 2) await new Promise((resolve) => setTimeout(resolve, i));
        await worker.terminate();
        for (const client of clients) client.close();
      }
      console.log('done');`);
    expect({ stdout, stderr, status }).toEqual({ stdout: 'done\n', stderr: '', status: 0 });
  });

  test('a server with 1,000 connections finishes what it has queued when it is told to end', async () => {
    const path = freshPath();
    const server = startScript(`
      import { fromEvent, mergeMap, take, takeUntil, tap } from 'rxjs';
      import { listen } from 'bipoll/reactive';
      const toldToEnd$ = ${isWindows} ? fromEvent(process.stdin.resume(), 'end') : fromEvent(process, 'SIGTERM');
      const stop$ = toldToEnd$.pipe(take(1), tap(() => console.log('stopping')));
      const serve = (connection) => {
        connection.write(Buffer.alloc(500_000, 'x'));
        return connection.data$;
      };
      listen({ path: ${JSON.stringify(path)} }, { onListening: () => console.log('listening'), backlog: 1000, closeTimeout: ${PATIENCE} })
        .pipe(mergeMap(serve), takeUntil(stop$))
        .subscribe();`);
    const exit = exitOf(server);
    await firstOutput(server);
    const clients = Array.from({ length: 1000 }, () => connect({ path }, { timeout }));
    for (const client of clients) readExactly(client, 1, { timeout }); // each is being served
    if (isWindows) server.stdin!.end();
    else server.kill('SIGTERM');
    await firstOutput(server);
    let received = 0;
    for (const client of clients) {
      for (let chunk; (chunk = readSome(client, { timeout }));) received += chunk.length;
      client.close();
    }
    expect(received).toBe(1000 * 499_999);
    expect(await exit).toBe(0);
  });

  withSignals('a signal is handled though connections are busy', async () => {
    const server = startScript(`
      import { mergeMap, repeat } from 'rxjs';
      import { fromSocket } from 'bipoll/reactive';
      import { socketPair } from 'bipoll';
      const [left, right] = socketPair();
      const [one, other] = [fromSocket(left), fromSocket(right)];
      one.send(one.data$).subscribe({ error: () => {} });
      other.send(other.data$).subscribe({ error: () => {} });
      for (let i = 0; i < 10; i++) one.write(Buffer.alloc(10_000));
      process.once('SIGTERM', () => { one.close(); other.close(); });
      setTimeout(() => console.log('busy'), 50);`);
    const exit = exitOf(server);
    expect(await firstOutput(server)).toBe('busy\n');
    server.kill('SIGTERM');
    expect(await exit).toBe(0);
  });
});
