import { backends } from '../support/backends';
import { exitOf, firstOutput, runCutShort, runScript, startScript } from '../support/script';
import { describeWhere, isWindows } from '../support/where';

const prepare = `
  const { adopt, listenTcp, Poller, resolve, socketPair } = require('bipoll');
  const { accept, connect, poll, pollAll, readLine, readSome, readUntil, sleep, writeAll } = require('bipoll/sync');
  const forEver = { timeout: Infinity, interruptible: true };
  const server = listenTcp({ port: 0 });
  const [left, right] = socketPair();
`;
const pollerWaits = Object.fromEntries(
  backends.map((backend) => [
    `poller.wait on ${backend}`,
    `new Poller({ backend: '${backend}' }).wait(Infinity);`,
  ]),
);
const verbs = {
  readSome: `readSome(left, forEver);`,
  readUntil: `readUntil(left, '\\n', forEver);`,
  ...(!isWindows && {
    'readLine from a descriptor': `
      const [user, program] = socketPair();
      readLine(adopt(program.detach(), 'descriptor'), forEver);`,
  }),
  writeAll: `writeAll(left, Buffer.alloc(10_000_000), forEver);`,
  accept: `accept(server, forEver);`,
  sleep: `sleep(Infinity, { interruptible: true });`,
};
const interruptible = Object.entries({ ...pollerWaits, ...verbs });

/** The scripts are modules, while workers run theirs as CommonJS. */
const inModule = `import { createRequire } from 'node:module';
  const require = createRequire(process.cwd() + '/');
  ${prepare}`;

describeWhere(!isWindows, 'Windows has no signals')('a signal', () => {
  test.each(interruptible)('that came just before %s ends the wait', (_, wait) => {
    const { stdout, status } = runScript(`${inModule}
      process.on('SIGUSR2', () => console.log('handled'));
      for (let i = 0; i < 2; i++) {
        process.kill(process.pid, 'SIGUSR2');
        try { ${wait} } catch (error) { console.log(error.code); }
        await new Promise(setImmediate);
      }`);
    expect(stdout.replaceAll('EINTR\n', '')).toBe('handled\nhandled\n');
    expect(status).toBe(0);
  });

  test.each(interruptible)(
    'beside another at the same time ends the wait in %s',
    async (_, wait) => {
      const child = startScript(`${inModule}
      import { writeSync } from 'node:fs';
      const handled = new Set();
      process.on('SIGUSR2', () => handled.add('SIGUSR2'));
      process.on('SIGHUP', () => handled.add('SIGHUP'));
      await new Promise(setImmediate);
      writeSync(1, 'waiting');
      while (handled.size < 2) {
        try { ${wait} } catch (error) { if (error.code !== 'EINTR') throw error; }
        await new Promise(setImmediate);
      }
      writeSync(1, [...handled].sort().join(' '));`);
      const exit = exitOf(child);
      await firstOutput(child);
      const rest = firstOutput(child);
      child.kill('SIGUSR2');
      child.kill('SIGHUP');
      expect(await rest).toBe('SIGHUP SIGUSR2');
      expect(await exit).toBe(0);
    },
  );

  test('that came before ends connect while it would look up the name', () => {
    const { stdout, status } = runScript(`${inModule}
      process.on('SIGUSR2', () => console.log('handled'));
      process.kill(process.pid, 'SIGUSR2');
      try { connect({ host: 'localhost', port: 1 }, forEver); } catch (error) {
        console.log(error.name, error.message);
      }
      await new Promise(setImmediate);`);
    const message = 'InterruptedError connect EINTR localhost: a signal ended it';
    expect({ stdout, status }).toEqual({ stdout: `${message}\nhandled\n`, status: 0 });
  });

  test('ends a verb that has something to do as well, and costs no byte', () => {
    const { stdout, status } = runScript(`${inModule}
      process.on('SIGUSR2', () => console.log('handled'));
      writeAll(right, 'hello', forEver);
      process.kill(process.pid, 'SIGUSR2');
      try { readSome(left, forEver); } catch (error) { console.log(error.code); }
      await new Promise(setImmediate);
      console.log(String(readSome(left, forEver)));`);
    expect({ stdout, status }).toEqual({ stdout: 'EINTR\nhandled\nhello\n', status: 0 });
  });

  test('ends no look', () => {
    const { stdout, status } = runScript(`${inModule}
      process.on('SIGUSR2', () => {});
      process.kill(process.pid, 'SIGUSR2');
      try { readSome(left, { timeout: 0, interruptible: true }); } catch (error) { console.log(error.code); }`);
    expect({ stdout, status }).toEqual({ stdout: 'ETIMEDOUT\n', status: 0 });
  });

  test('without a handler ends nothing, if it is ignored', () => {
    const { stdout, status } = runScript(`${inModule}
      process.kill(process.pid, 'SIGWINCH');
      try { readSome(left, { timeout: 50, interruptible: true }); } catch (error) { console.log(error.code); }`);
    expect({ stdout, status }).toEqual({ stdout: 'ETIMEDOUT\n', status: 0 });
  });

  test.each(interruptible)('whose handler was taken off kills %s', async (_, wait) => {
    const child = startScript(`${inModule}
      import { writeSync } from 'node:fs';
      const handle = () => {};
      process.on('SIGUSR2', handle);
      process.kill(process.pid, 'SIGUSR2');
      try { readSome(left, forEver); } catch {}
      await new Promise(setImmediate);
      process.off('SIGUSR2', handle);
      writeSync(1, 'waiting');
      ${wait}`);
    const exit = exitOf(child);
    await firstOutput(child);
    child.kill('SIGUSR2');
    expect(await exit).toBe('SIGUSR2');
  });

  test.each(backends)(
    'ends one wait of a poller on %s until the event loop has turned',
    (backend) => {
      const { stdout, status } = runScript(`${inModule}
      process.on('SIGUSR2', () => {});
      const poller = new Poller({ backend: '${backend}' });
      poller.monitor(left, 'dataAvailable');
      const waited = (timeout) => {
        const since = performance.now();
        poller.wait(timeout);
        return performance.now() - since >= Math.min(timeout, 49);
      };
      for (let i = 0; i < 3; i++) {
        process.kill(process.pid, 'SIGUSR2');
        console.log(waited(Infinity), waited(50), waited(50));
        process.kill(process.pid, 'SIGUSR2');
        console.log(waited(Infinity), waited(50));
        await new Promise(setImmediate);
      }`);
      const round = 'false true true\nfalse true\n';
      expect({ stdout, status }).toEqual({ stdout: round.repeat(3), status: 0 });
    },
  );

  test('ends no verb of a worker, whose event loop has no handler to run', () => {
    const { stdout, status } = runScript(`
      import { Worker } from 'node:worker_threads';
      let handled = false;
      process.on('SIGUSR2', () => (handled = true));
      const worker = new Worker(\`${prepare}
        try { readSome(left, { timeout: 200, interruptible: true }); } catch (error) {
          require('node:worker_threads').parentPort.postMessage(error.code);
        }\`, { eval: true, execArgv: [] });
      const timer = setInterval(() => process.kill(process.pid, 'SIGUSR2'), 5);
      worker.once('message', code => {
        clearInterval(timer);
        console.log(code, handled);
      });`);
    expect({ stdout, status }).toEqual({ stdout: 'ETIMEDOUT true\n', status: 0 });
  });
});

describe('a worker that waits', () => {
  const waits = Object.entries({
    ...pollerWaits,
    ...verbs,
    'a verb that no signal ends': `readSome(left, { timeout: Infinity });`,
    poll: `poll(left, 'dataAvailable', Infinity);`,
    pollAll: `pollAll([[left, 'dataAvailable'], [server, 'connectionAvailable']], Infinity);`,
    'one verb after the other': `for (;;) try { readSome(left, { timeout: 1 }); } catch {}`,
  });
  const start = (wait: string) => `
    import { Worker } from 'node:worker_threads';
    const worker = new Worker(${JSON.stringify(`${prepare}
      require('node:worker_threads').parentPort.postMessage('waiting');
      ${wait}
      require('node:worker_threads').parentPort.postMessage('goes on');`)}, { eval: true, execArgv: [] });
    worker.on('message', message => console.log(message));`;

  test.each(waits)('in %s ends when it is terminated, and goes on with nothing', (_, wait) => {
    const { stdout, status } = runScript(`${start(wait)}
      worker.once('message', async () => console.log(await worker.terminate()));`);
    expect({ stdout, status }).toEqual({ stdout: 'waiting\n1\n', status: 0 });
  });

  test.each(waits)('in %s ends with the process', (_, wait) => {
    const { stdout, status } = runCutShort(`${start(wait)}
      worker.once('message', () => process.exit(7));`);
    expect({ stdout, status }).toEqual({ stdout: 'waiting\n', status: 7 });
  });

  test('to its deadline goes on behind it', () => {
    const { stdout, status } = runScript(start(`poll(left, 'dataAvailable', 250);`));
    expect({ stdout, status }).toEqual({ stdout: 'waiting\ngoes on\n', status: 0 });
  });
});
