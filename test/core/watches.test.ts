import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { inspect } from 'node:util';
import {
  capabilities,
  Child,
  openTimer,
  Poller,
  SignalSource,
  type Socket,
  type SocketEvent,
  socketPair,
  Timer,
  watchChild,
  watchSignals,
} from 'bipoll';
import { firstValueFrom } from 'rxjs';
import { readiness } from 'bipoll/reactive';
import { poll, pollAll } from 'bipoll/sync';
import { backends } from '../support/backends';
import { PATIENCE } from '../support/patience';
import { runCutShort, runScript } from '../support/script';
import { unwatched } from '../support/whereInstalled';
import { describeWhere, isWindows, testWhere } from '../support/where';

const { children, signals } = capabilities().features;
const MOMENT = 20;
const describeOfChildren = describeWhere(children, 'the system does not tell of children');
const describeOfSignals = describeWhere(signals, 'there are no signals, or no libuv');
const describeOfBoth = describeWhere(
  children && signals,
  'children and signals are told elsewhere',
);

/** Children that end with the test. */
const started: ChildProcess[] = [];
function start(source: string): ChildProcess {
  const child = spawn(process.execPath, ['--eval', source], { stdio: 'ignore', env: unwatched });
  started.push(child);
  return child;
}
afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

/** Waits until each of the sockets has had an event, as a script does that handles one after the other. */
function waitForAll(poller: Poller, sockets: readonly Socket[]): Map<Socket, SocketEvent[]> {
  const found = new Map<Socket, SocketEvent[]>();
  while (found.size < sockets.length) {
    for (const { socket, events } of poller.wait(PATIENCE)) found.set(socket, [...events]);
  }
  return found;
}

describeOfBoth('one wait', () => {
  test.each(backends)('tells of a socket, a child, a signal and a timer on %s', (backend) => {
    using poller = new Poller({ backend });
    const [left, right] = socketPair();
    using timer = openTimer({ delay: MOMENT });
    using child = watchChild(start('process.exit(3)'));
    using source = watchSignals('SIGINT');
    poller.monitor(left, 'dataAvailable');
    poller.monitor(timer, 'expired');
    poller.monitor(child, 'exited');
    poller.monitor(source, 'signalled');

    right.write(Buffer.from('x'));
    process.kill(process.pid, 'SIGINT');
    const found = waitForAll(poller, [left, timer, child, source]);

    expect(found.get(left)).toEqual(['dataAvailable']);
    expect(found.get(timer)).toEqual(['expired']);
    expect(found.get(child)).toEqual(['exited']);
    expect(found.get(source)).toEqual(['signalled']);
    // Each holds until it is taken: so the next wait tells of all at once.
    const again = poller.wait(0).map(({ socket }) => socket);
    expect(new Set(again)).toEqual(new Set([left, timer, child, source]));
    expect(timer.take()).toBe(1);
    expect(child.exit()).toEqual({ code: 3, signal: null });
    expect(source.take()).toEqual(['SIGINT']);
    expect(poller.wait(0).map(({ socket }) => socket)).toEqual(
      expect.arrayContaining([left, child]),
    );
    expect(poller.wait(0)).toHaveLength(2);
    left.close();
    right.close();
  });

  test.each(backends)('tells of none that was closed on %s', (backend) => {
    using poller = new Poller({ backend });
    const timer = openTimer({ delay: 0 });
    const child = watchChild(start('process.exit()'));
    const source = watchSignals('SIGUSR2');
    poll(child, 'exited', PATIENCE);
    process.kill(process.pid, 'SIGUSR2');
    poller.monitor(timer, 'expired');
    poller.monitor(child, 'exited');
    poller.monitor(source, 'signalled');
    expect(waitForAll(poller, [timer, child, source]).size).toBe(3);
    for (const each of [timer, child, source]) each.close();
    expect(poller.monitoredSockets).toEqual([]);
    expect(poller.wait(0)).toEqual([]);
    expect(() => timer.take()).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }));
    expect(() => child.exit()).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }));
    expect(() => source.take()).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }));
  });

  test('needs no poller', () => {
    using timer = openTimer({ delay: 0 });
    using child = watchChild(start('process.exit()'));
    using source = watchSignals('SIGUSR2');
    process.kill(process.pid, 'SIGUSR2');
    expect(poll(child, 'exited', PATIENCE)).toBe('exited');
    const queries = [
      [timer, 'expired'],
      [child, 'exited'],
      [source, 'signalled'],
    ] as const;
    expect(pollAll(queries, PATIENCE)).toEqual([['expired'], ['exited'], ['signalled']]);
  });
});

describe('a timer', () => {
  test.each(backends)('ends a wait when it expires on %s', (backend) => {
    using poller = new Poller({ backend });
    const before = performance.now();
    using timer = openTimer({ delay: MOMENT });
    poller.monitor(timer, 'expired');
    expect(timer.take()).toBe(0);
    expect(poller.wait(PATIENCE)).toEqual([{ socket: timer, events: ['expired'] }]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(MOMENT - 1);
    expect(timer.expired()).toBe(true);
    expect(timer.take()).toBe(1);
    expect(timer.expired()).toBe(false);
    expect(poller.wait(MOMENT)).toEqual([]);
  });

  test('counts the intervals that passed before it was asked', () => {
    using timer = openTimer({ delay: 0, interval: 1 });
    using slow = openTimer({ delay: MOMENT });
    poll(slow, 'expired', PATIENCE);
    expect(timer.take()).toBeGreaterThanOrEqual(MOMENT);
    expect(poll(timer, 'expired', PATIENCE)).toBe('expired');
    expect(timer.take()).toBeGreaterThanOrEqual(1);
  });

  test('of an infinite delay never expires', () => {
    using timer = openTimer({ delay: Infinity });
    expect(poll(timer, 'expired', 1)).toBeNull();
  });

  test('is an Observable as well', async () => {
    using timer = openTimer({ delay: MOMENT });
    expect(await firstValueFrom(readiness(timer, 'expired'))).toEqual(['expired']);
  });

  test('has no descriptor to give away', () => {
    using timer = openTimer({ delay: 0 });
    expect(timer.fd).toBe(-1);
    expect(() => timer.detach()).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
    expect(inspect(timer)).toBe("Timer { state: 'expired' }");
  });

  test.each([
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ delay: '5' }, 'ERR_INVALID_ARG_TYPE'],
    [{ delay: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ delay: NaN }, 'ERR_OUT_OF_RANGE'],
    [{ delay: 1, interval: 0 }, 'ERR_OUT_OF_RANGE'],
    [{ delay: 1, intervall: 5 }, 'ERR_INVALID_ARG_VALUE'],
  ])('of %p is refused', (options, code) => {
    expect(() => openTimer(options as never)).toThrow(expect.objectContaining({ code }));
  });

  test('has none of the events of a socket', () => {
    using poller = new Poller();
    using timer = openTimer({ delay: 0 });
    expect(() => {
      poller.monitor(timer, 'readable' as never);
    }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  });
});

describeOfChildren('a child', () => {
  test('is still told to Node by an exit event, and of a pid just as well', async () => {
    const process = start('process.exit(5)');
    using child = watchChild(process.pid!);
    expect(child.pid).toBe(process.pid);
    expect(poll(child, 'exited', PATIENCE)).toBe('exited');
    expect(process.exitCode).toBeNull();
    const [code] = (await once(process, 'exit')) as [number];
    expect(code).toBe(5);
    expect(child.exit()).toEqual({ code: 5, signal: null });
  });

  test('that a signal ended tells which', () => {
    const process = start('setInterval(() => 0, 1000)');
    using child = watchChild(process);
    expect(child.exited()).toBe(false);
    expect(child.exit()).toBeNull();
    expect(inspect(child)).toBe(`Child { pid: ${process.pid}, state: 'running' }`);
    process.kill('SIGKILL');
    poll(child, 'exited', PATIENCE);
    expect(child.exit()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('that Node took notice of first tells what Node knows', async () => {
    const process = start('process.exit(6)');
    using child = watchChild(process);
    using byPid = watchChild(process.pid!);
    await once(process, 'exit');
    expect(child.exited()).toBe(true);
    expect(child.exit()).toEqual({ code: 6, signal: null });
    expect(byPid.exit()).toEqual({ code: null, signal: null });
    expect(() => watchChild(process)).toThrow(expect.objectContaining({ code: 'ECHILD' }));
  });

  test('is an Observable as well', async () => {
    using child = watchChild(start('process.exit()'));
    expect(await firstValueFrom(readiness(child, 'exited'))).toEqual(['exited']);
  });

  test('of somebody else is refused', () => {
    expect(() => watchChild(process.ppid)).toThrow(expect.objectContaining({ code: 'ECHILD' }));
    using child = watchChild(start(''));
    expect(child.fd).toBe(-1);
    expect(() => child.detach()).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
  });
});

test.each([
  [undefined, 'ERR_INVALID_ARG_TYPE'],
  ['1', 'ERR_INVALID_ARG_TYPE'],
  [0, 'ERR_OUT_OF_RANGE'],
  [-1, 'ERR_OUT_OF_RANGE'],
  [1.5, 'ERR_OUT_OF_RANGE'],
  [{}, 'ERR_INVALID_ARG_TYPE'],
])('a child that is %p is refused', (child, code) => {
  expect(() => watchChild(child as never)).toThrow(expect.objectContaining({ code }));
});

test('a program that could not be started is no child', async () => {
  const child = spawn('/nonexistent/program');
  expect(() => watchChild(child)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  await once(child, 'error');
});

describeOfSignals('a source of signals', () => {
  test('tells in which order they came', () => {
    using source = watchSignals(['SIGUSR2', 'SIGHUP']);
    expect(source.signals).toEqual(['SIGUSR2', 'SIGHUP']);
    for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGHUP']) process.kill(process.pid, signal);
    expect(source.signalled()).toBe(true);
    expect(source.take()).toEqual(['SIGHUP', 'SIGUSR2', 'SIGHUP']);
    expect(source.signalled()).toBe(false);
    expect(source.take()).toEqual([]);
  });

  test('leaves them to other sources and to handlers of the process', () => {
    const { stdout } = runScript(`
      import { watchSignals } from 'bipoll';
      const alive = setInterval(() => 0, 1000);
      process.on('SIGUSR2', () => {
        console.log('handled');
        clearInterval(alive);
      });
      const one = watchSignals('SIGUSR2');
      const other = watchSignals('SIGUSR2');
      process.kill(process.pid, 'SIGUSR2');
      console.log(one.take().join(), other.take().join());`);
    expect(stdout).toBe('SIGUSR2 SIGUSR2\nhandled\n');
  });

  test('may be closed with signals that nobody took', () => {
    const source = watchSignals('SIGUSR2');
    process.kill(process.pid, 'SIGUSR2');
    source.close();
    expect(source.closed).toBe(true);
  });

  test('that is closed lets them end the process again', () => {
    const { stdout, signal } = runCutShort(`
      import { writeSync } from 'node:fs';
      import { watchSignals } from 'bipoll';
      const source = watchSignals('SIGTERM');
      process.kill(process.pid, 'SIGTERM');
      writeSync(1, source.take().join());
      source.close();
      process.kill(process.pid, 'SIGTERM');`);
    expect({ stdout, signal }).toEqual({ stdout: 'SIGTERM', signal: 'SIGTERM' });
  });

  test('works in a worker, where Node runs no handlers', () => {
    const { stdout } = runScript(`
      import { Worker } from 'node:worker_threads';
      new Worker(\`
        import { watchSignals } from 'bipoll';
        import { poll } from 'bipoll/sync';
        const source = watchSignals('SIGUSR2');
        process.kill(process.pid, 'SIGUSR2');
        poll(source, 'signalled', Infinity);
        console.log(source.take().join());
      \`, { eval: true });`);
    expect(stdout).toBe('SIGUSR2\n');
  });

  test('has no descriptor to give away', () => {
    using source = watchSignals('SIGUSR2');
    expect(source.fd).toBe(-1);
    expect(() => source.detach()).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
    expect(inspect(source)).toBe("SignalSource { signals: [ 'SIGUSR2' ], state: 'open' }");
  });
});

test.each([
  [undefined, 'ERR_INVALID_ARG_TYPE'],
  [[], 'ERR_INVALID_ARG_VALUE'],
  ['SIGNONSENSE', 'ERR_INVALID_ARG_VALUE'],
  ['toString', 'ERR_INVALID_ARG_VALUE'],
  [['SIGINT', 2], 'ERR_INVALID_ARG_VALUE'],
  ['SIGKILL', 'ERR_INVALID_ARG_VALUE'],
  ['SIGSEGV', 'ERR_INVALID_ARG_VALUE'],
])('a source of %p is refused', (signals, code) => {
  expect(() => watchSignals(signals as never)).toThrow(expect.objectContaining({ code }));
});

testWhere(isWindows, 'elsewhere they are told')(
  'Windows tells of neither children nor signals',
  () => {
    expect([children, signals]).toEqual([false, false]);
    expect(() => watchChild(process.pid)).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
    expect(() => watchSignals('SIGINT')).toThrow(expect.objectContaining({ code: 'ENOTSUP' }));
  },
);

test.each<[string, (socket: never) => unknown]>([
  ['Timer.take', (socket) => Timer.prototype.take.call(socket)],
  ['Child.exit', (socket) => Child.prototype.exit.call(socket)],
  ['SignalSource.take', (socket) => SignalSource.prototype.take.call(socket)],
])('%s refuses a socket of another kind', (_, call) => {
  const [left, right] = socketPair();
  const refused = expect.objectContaining({ code: 'EINVAL' });
  expect(() => call(left as never)).toThrow(refused);
  left.close();
  right.close();
});
