import { existsSync } from 'node:fs';
import { backends } from '../support/backends';
import { freshPath } from '../support/freshPath';
import { allowingDescriptors, canHaveDescriptors } from '../support/manyDescriptors';
import { PATIENCE } from '../support/patience';
import { exitOf, firstOutput, runScript, startScript } from '../support/script';
import { describeWhere, isWindows, testWhere } from '../support/where';

const canCount = !isWindows && existsSync('/proc/self/fd');
const withProc = testWhere(canCount, 'there is no /proc to count descriptors by');
const withFiles = testWhere(!isWindows, 'a pipe has no file');

withFiles('a process with open but unused sockets exits, and leaves no socket file', () => {
  const path = freshPath();
  const { status, stdout, stderr } = runScript(`
    import { existsSync } from 'node:fs';
    import { connectTcp, listenLocal, listenTcp, Poller } from 'bipoll';
    const server = listenTcp({ port: 0 });
    globalThis.kept = [
      server,
      connectTcp({ host: server.host, port: server.port }),
      listenLocal({ path: ${JSON.stringify(path)} }),
      new Poller(),
    ];
    kept[3].monitor(server, 'connectionAvailable');
    console.log(existsSync(${JSON.stringify(path)}));
  `);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
  expect(
    runScript(`import fs from 'node:fs'; fs.lstatSync(${JSON.stringify(path)})`).stderr,
  ).toMatch(/ENOENT/);
});

withProc('a socket that is garbage without having been closed is closed, and reported once', () => {
  const { status, stdout, stderr } = runScript(
    `
    import { readdirSync, readlinkSync } from 'node:fs';
    import { socketPair, Poller } from 'bipoll';
    const kindOf = fd => { try { return readlinkSync('/proc/self/fd/' + fd); } catch { return ''; } };
    const descriptors = () => readdirSync('/proc/self/fd').map(kindOf)
      .filter(kind => /^socket|eventpoll|eventfd/.test(kind)).length;
    const before = descriptors();
    (() => { const [left, right] = socketPair(); right.close(); new Poller(); })();
    for (let i = 0; i < 20 && descriptors() > before; i++) {
      await new Promise(setImmediate);
      globalThis.gc();
    }
    console.log(descriptors() - before);
  `,
    '--expose-gc',
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: '0\n' });
  expect(stderr.match(/BIPOLL_UNCLOSED_SOCKET/g)).toHaveLength(1);
});

describeWhere(!isWindows, 'Windows has no signals')('a signal', () => {
  const waits = {
    'poller.wait': `new Poller().wait(Infinity);`,
    readUntil: `readUntil(left, '\\n', { timeout: Infinity, interruptible: true });`,
    accept: `accept(server, { timeout: Infinity, interruptible: true });`,
    writeAll: `writeAll(left, Buffer.alloc(10_000_000), { timeout: Infinity, interruptible: true });`,
    sleep: `sleep(Infinity, { interruptible: true });`,
  };
  const prepare = `
    import { writeSync } from 'node:fs';
    import { listenTcp, Poller, socketPair } from 'bipoll';
    import { accept, readUntil, sleep, writeAll } from 'bipoll/sync';
    const server = listenTcp({ port: 0 });
    const [left, right] = socketPair();
  `;

  test.each(Object.entries(waits))('kills a script that waits for ever in %s', async (_, wait) => {
    const child = startScript(`${prepare}
      writeSync(1, 'waiting');
      ${wait}`);
    const exit = exitOf(child);
    await firstOutput(child);
    child.kill('SIGINT');
    expect(await exit).toBe('SIGINT');
  });

  test.each(Object.entries(waits))(
    'ends the wait in %s, so that its handler runs',
    async (_, wait) => {
      // Sent from inside, again and again: at least one comes while it waits.
      const child = startScript(`${prepare}
      import { Worker } from 'node:worker_threads';
      process.on('SIGUSR2', () => {
        writeSync(1, 'handled');
        process.exitCode = 7;
        void worker.terminate();
      });
      const worker = new Worker(
        \`setInterval(() => process.kill(process.pid, 'SIGUSR2'), 20)\`,
        { eval: true, execArgv: [] });
      await new Promise(resolve => worker.once('online', resolve));
      try { ${wait} } catch (error) { if (error.code !== 'EINTR') throw error; }`);
      const exit = exitOf(child);
      expect(await firstOutput(child)).toMatch(/^(handled)+$/); // more may come before the worker ends
      expect(await exit).toBe(7);
    },
  );

  test('does not end a verb that is not interruptible', () => {
    const { stdout, status } = runScript(`${prepare}
      import { Worker } from 'node:worker_threads';
      process.on('SIGUSR2', () => {});
      const worker = new Worker(
        \`setInterval(() => process.kill(process.pid, 'SIGUSR2'), 5)\`, { eval: true, execArgv: [] });
      await new Promise(resolve => worker.once('online', resolve));
      const started = performance.now();
      try { readUntil(left, '\\n', { timeout: 200 }); } catch (error) {
        console.log(error.code, performance.now() - started >= 199);
      }
      await worker.terminate();`);
    expect({ stdout, status }).toEqual({ stdout: 'ETIMEDOUT true\n', status: 0 });
  });
});

describe.each(backends)('with the %s backend', (backend) => {
  test('a waker posted to a worker ends a wait for ever', () => {
    const { stdout, status } = runScript(`
      import { Worker } from 'node:worker_threads';
      import { Poller } from 'bipoll';
      const poller = new Poller({ backend: '${backend}' });
      const worker = new Worker(\`
        const { wake } = require('bipoll');
        const { workerData, parentPort } = require('node:worker_threads');
        parentPort.postMessage(wake(workerData));
      \`, { eval: true, execArgv: [], workerData: poller.waker });
      console.log(poller.wait(Infinity).length);
      worker.once('message', woken => { console.log(woken); poller.close(); });
    `);
    expect({ stdout, status }).toEqual({ stdout: '0\ntrue\n', status: 0 });
  });

  withProc('a worker has sockets of its own, which are closed when it ends', () => {
    const { stdout, status } = runScript(`
      import { readdirSync } from 'node:fs';
      import { Worker } from 'node:worker_threads';
      import { Poller } from 'bipoll';
      new Poller({ backend: '${backend}' }).close();
      const descriptors = () => readdirSync('/proc/self/fd').length;
      const source = \`
        const { Poller, socketPair } = require('bipoll');
        const poller = new Poller({ backend: '${backend}' });
        for (let i = 0; i < 50; i++) {
          const [left, right] = socketPair();
          poller.monitor(left, 'readyToWrite');
        }
        require('node:worker_threads').parentPort.postMessage(poller.wait(0).length);
      \`;
      const run = () => new Promise((resolve, reject) => {
        let answer;
        new Worker(source, { eval: true, execArgv: [] })
          .once('message', message => (answer = message))
          .once('error', reject)
          .once('exit', () => resolve(answer));
      });
      await run();
      const before = descriptors();
      console.log((await Promise.all([run(), run(), run()])).join());
      console.log(descriptors() - before);
    `);
    expect({ stdout, status }).toEqual({ stdout: '50,50,50\n0\n', status: 0 });
  });

  test('a worker that waits for ever can be terminated once it is woken', () => {
    const { stdout, status } = runScript(`
      import { Worker } from 'node:worker_threads';
      import { wake } from 'bipoll';
      const worker = new Worker(\`
        const { Poller } = require('bipoll');
        const poller = new Poller({ backend: '${backend}' });
        require('node:worker_threads').parentPort.postMessage(poller.waker);
        for (;;) poller.wait(Infinity);
      \`, { eval: true, execArgv: [] });
      worker.once('message', async waker => {
        const exit = worker.terminate();
        const timer = setInterval(() => wake(waker), 1);
        await exit;
        clearInterval(timer);
        console.log(wake(waker));
      });
    `);
    expect({ stdout, status }).toEqual({ stdout: 'false\n', status: 0 });
  });

  testWhere(canHaveDescriptors(10_100), 'the limit of descriptors cannot be raised here')(
    '10,000 connections are monitored by one poller',
    () => {
      const prepare = `
        import { spawn } from 'node:child_process';
        import { listenLocal, Poller } from 'bipoll';
        import { accept, connect, readSome } from 'bipoll/sync';
        ${allowingDescriptors(10_100)}
        const path = ${JSON.stringify(freshPath())};`;
      const clients = `${prepare}
        const clients = [];
        for (let i = 0; i < 10_000; i++) clients.push(connect({ path }, { timeout: ${PATIENCE} }));
        clients[1234].write(Buffer.from('a'));
        clients[9876].write(Buffer.from('b'));
        readSome(clients[1234], { timeout: ${PATIENCE} });
        process.kill(process.pid, 'SIGKILL'); // or what is collected on the way out would be warned of`;
      const { stdout, stderr, status } = runScript(`${prepare}
        const server = listenLocal({ path });
        const poller = new Poller({ backend: '${backend}' });
        spawn(process.execPath, ['--input-type=module', '--eval', ${JSON.stringify(clients)}], {
          stdio: 'inherit',
        });
        const remotes = [];
        for (let i = 0; i < 10_000; i++) {
          const remote = accept(server, { timeout: ${PATIENCE} });
          remotes.push(remote);
          poller.monitor(remote, ['dataAvailable', 'remoteDisconnected']);
        }
        const active = new Map();
        while (active.size < 2) {
          for (const { socket } of poller.wait(${PATIENCE})) {
            active.set(readSome(socket, { timeout: ${PATIENCE} }).toString(), socket);
          }
        }
        active.get('a').write(Buffer.from('x'));
        const gone = new Set();
        while (gone.size < 10_000) {
          const found = poller.wait(${PATIENCE});
          if (found.length === 0) break;
          for (const { socket, events } of found) {
            if (!events.includes('remoteDisconnected')) continue;
            gone.add(socket);
            socket.close();
          }
        }
        console.log([...active.keys()].sort().join(), gone.size, poller.monitoredSockets.length);
        server.close();
        poller.close();`);
      expect({ stdout, stderr, status }).toEqual({
        stdout: 'a,b 10000 0\n',
        stderr: '',
        status: 0,
      });
    },
  );
});

withFiles(
  'two starters that take over a stale path at the same moment: one wins, and serves',
  () => {
    const path = freshPath();
    const { stdout, stderr } = runScript(`
    import { Worker } from 'node:worker_threads';
    import { spawnSync } from 'node:child_process';
    import { connectLocal, listenLocal } from 'bipoll';
    const path = ${JSON.stringify(path)};
    const source = \`
      const { listenLocal } = require('bipoll');
      const { parentPort, workerData } = require('node:worker_threads');
      const { path, gate } = workerData;
      parentPort.postMessage('ready');
      Atomics.wait(gate, 0, 0);
      try { globalThis.kept = listenLocal({ path, replaceStale: true }); parentPort.postMessage('won'); }
      catch (error) { parentPort.postMessage(error.code); }
      parentPort.on('message', () => process.exit());
    \`;
    const results = [];
    for (let round = 0; round < 15; round++) {
      listenLocal({ path, deleteOnClose: false }).close();
      const gate = new Int32Array(new SharedArrayBuffer(4));
      const workers = Array.from({ length: 4 }, () =>
        new Worker(source, { eval: true, execArgv: [], workerData: { path, gate } }));
      const next = worker => new Promise(resolve => worker.once('message', resolve));
      await Promise.all(workers.map(next));
      const outcomes = workers.map(next);
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
      results.push((await Promise.all(outcomes)).sort().join());
      connectLocal({ path }).close();
      await Promise.all(workers.map(worker => worker.terminate()));
    }
    console.log([...new Set(results)].join(' '));
  `);
    expect({ stdout, stderr }).toEqual({
      stdout: 'EADDRINUSE,EADDRINUSE,EADDRINUSE,won\n',
      stderr: '',
    });
  },
);
