import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import ts from 'typescript';
import { bindLocalDatagram, bindUdp } from 'bipoll';
import { receiveMessage } from 'bipoll/sync';
import { outputOf } from '../support/example';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { complaintsOf, type Sample, samplesOf, startSample } from '../support/samples';
import { exitOf, reportNoLeaks } from '../support/script';
import { until } from '../support/until';
import { describeWhere, isLinux } from '../support/where';
import { pages } from './pages';
import { answering, ask, countingBytes, type Peer, saying, startPeer } from './peers';
import { freePort } from '../support/freePort';

const PORT = '7000';
const PATH = '/run/user/1000/app.sock';
const samples = pages().flatMap(samplesOf);

/** A sample that runs to its end. */
interface Script {
  /** Who listens at the port that it connects to; without one it is a port that nobody listens at, if it names one. */
  peer?: Peer;
  stdin?: string;
  /** What it prints; by default what its page says. */
  says?: RegExp;
}

/** A sample that serves until it is stopped. */
interface Service {
  asks: string;
  /** The answer: one that matches may take several attempts. */
  answers: string | RegExp;
  changes?: Record<string, string>;
  /** Is appended to the sample. */
  suffix?: string;
  /** A file that it writes. */
  leaves?: string;
}

const scripts: Record<string, Script> = {
  'docs/how-to/ask-a-server.md#1': { peer: saying('goo') },
  'docs/how-to/half-close.md#1': { peer: countingBytes(), says: /^35 bytes\n$/ },
  'docs/how-to/half-close.md#2': { peer: countingBytes(), says: /^35 bytes\n$/ },
  'docs/how-to/line-from-stdin.md#1': { stdin: 'yes\n', says: /^Continue\? You said yes\.\n$/ },
  'docs/how-to/live-view.md#3': { says: /^$/ },
  'docs/how-to/logging.md#1': {
    says: /#\d open, 127\.0\.0\.1\n[^]*closed after 5 bytes, in order/,
  },
  'docs/how-to/marbles.md#1': { says: /pass 2\n[^]*fail 0\n/ },
  'docs/how-to/reconnect.md#1': {
    peer: answering((line) => `answer to ${line}`),
    says: /^answer to question 0\nanswer to question 1\nanswer to question 2\n$/,
  },
  'docs/how-to/wait-for-a-port.md#1': { peer: saying('') },
  'docs/start/script.md#2': {
    peer: answering((line) => `${line} yourself`),
    says: /^hello yourself\n$/,
  },
  'docs/start/service.md#2': { peer: answering((line) => line.toUpperCase()), says: /^HELLO\n$/ },
  'docs/start/tests.md#1': { says: /pass 1\n[^]*fail 0\n/ },
};

const recorded = freshPath();
const services: Record<string, Service> = {
  'docs/how-to/authorize.md#1': { asks: 'hello', answers: 'hello' },
  'docs/how-to/broadcast.md#1': { asks: 'hello\n', answers: 'hello\n' },
  'docs/how-to/live-view.md#1': { asks: 'hello\n', answers: 'hello!\n' },
  'docs/how-to/metrics.md#1': {
    asks: 'GET / HTTP/1.0\r\n\r\n',
    answers: /^bipoll_connections_open 2\n[^]*^bipoll_read_bytes_total 5\n/m,
    suffix: `
      import { connect, listen } from 'bipoll/reactive';
      listen({ port: 0 }, { onListening: (address) => connect(address).subscribe((it) => it.write('hello')) })
        .subscribe((connection) => connection.data$.subscribe());`,
  },
  'docs/how-to/rate-limits.md#1': { asks: 'one\ntwo\n', answers: 'one: done\ntwo: done\n' },
  'docs/how-to/record.md#1': {
    asks: 'hello\n',
    answers: 'hello!\n',
    changes: { 'session.test.ts': recorded },
    leaves: recorded,
  },
  'docs/how-to/serve-many.md#1': { asks: 'hello\n', answers: 'hello: 1 of us\n' },
  'docs/how-to/shut-down.md#1': { asks: 'hello\n', answers: 'hello!\n' },
  'docs/how-to/slow-clients.md#1': { asks: 'report\n', answers: /^x{100000}\n$/ },
  'docs/how-to/socket-activation.md#1': { asks: 'hello', answers: 'hello' },
  'docs/start/service.md#1': { asks: 'hello\n', answers: 'HELLO\n' },
};

/** Run by tests of their own below. */
const others = [
  'docs/how-to/metrics.md#2',
  'docs/how-to/syslog-and-notify.md#1',
  'docs/how-to/syslog-and-notify.md#2',
  'docs/how-to/workers.md#1',
];

/** Not run, as they name hosts or certificates that a test does not have; test/tls and test/sync/tls.test.ts do the same. */
const compiledAlone = ['docs/how-to/tls.md#1', 'docs/how-to/tls.md#2', 'docs/how-to/tls.md#3'];

function sampleOf(name: string): Sample {
  return samples.find((sample) => sample.name === name)!;
}

/** Leads a sample from the addresses of its page to those of the test. */
function changesOf({ text }: Sample, port: number, path: string): Record<string, string> {
  return {
    ...(text.includes(PORT) && { [PORT]: String(port) }),
    ...(text.includes(PATH) && { [PATH]: path }),
  };
}

test('every sample of the documentation compiles', () => {
  expect(complaintsOf(samples)).toEqual([]);
});

test('every sample is run, or it is said why not', () => {
  const printing = samples.filter(({ output }) => output !== null).map(({ name }) => name);
  const known = [scripts, services].flatMap((table) => Object.keys(table));
  expect(samples.map(({ name }) => name).sort()).toEqual(
    [...new Set([...printing, ...known, ...others, ...compiledAlone])].sort(),
  );
});

describeWhere(isLinux, 'the pages show what Linux prints')('run', () => {
  reportNoLeaks();

  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const program of started.splice(0)) program.kill('SIGKILL'); // it may be there yet if the test has failed
  });

  function start(...args: Parameters<typeof startSample>): ChildProcess {
    const program = startSample(...args);
    started.push(program);
    return program;
  }

  const finite = samples.filter(({ name, output }) => name in scripts || output !== null);
  test.each(finite.map((sample) => [sample.name, sample] as const))('%s', async (name, sample) => {
    const { peer, stdin, says }: Script = scripts[name] ?? {};
    const server = peer && (await startPeer(peer));
    const port = server?.port ?? freePort();
    const program = start(sample, changesOf(sample, port, freshPath()));
    const exit = exitOf(program);
    program.stdin!.end(stdin);
    const output = await outputOf(program);
    server?.stop();
    if (says) expect(output).toMatch(says);
    else expect(output).toBe(sample.output);
    expect(await exit).toBe(0);
  });

  test.each(Object.entries(services))('%s', async (name, service) => {
    const found = sampleOf(name);
    const sample = { ...found, text: `${found.text}${service.suffix ?? ''}` };
    const [port, path] = [freePort(), freshPath()];
    const program = start(sample, { ...changesOf(sample, port, path), ...service.changes });
    const exit = exitOf(program);
    const target = sample.text.includes(PATH) ? { path } : { host: '127.0.0.1', port };
    const { answers } = service;
    let answer: string | null = null;
    const isAnswered = () =>
      answer !== null && (typeof answers === 'string' || answers.test(answer));
    while (!isAnswered()) answer = await ask(target, service.asks);
    if (typeof answers === 'string') expect(answer).toBe(answers);
    const { leaves } = service;
    if (leaves !== undefined) {
      await until(() => existsSync(leaves), 'writing');
      rmSync(leaves);
    }
    program.kill('SIGTERM');
    await exit;
  });

  test('metrics.md#2 measures what passes', async () => {
    const sample = sampleOf('docs/how-to/metrics.md#2');
    const text = `${sample.text}
      import { socketPair } from 'bipoll';
      import { fromSocket } from 'bipoll/reactive';
      const seen = [];
      const instrument = (name) => ({ add: (value, attributes) => seen.push([name, value, attributes]) });
      meterConnections({ createCounter: instrument, createUpDownCounter: instrument });
      const [left, right] = socketPair().map((socket) => fromSocket(socket));
      right.data$.subscribe({ complete: () => right.close() });
      left.closed$.subscribe(() => console.log(JSON.stringify(seen)));
      left.data$.subscribe();
      left.write('hello');
      left.end();`;
    const output = await outputOf(start({ ...sample, text }));
    const seen = JSON.parse(output) as unknown[];
    expect(seen).toContainEqual(['bipoll.bytes', 5, { direction: 'transmit' }]);
    expect(seen).toContainEqual(['bipoll.bytes', 5, { direction: 'receive' }]);
    expect(seen).toContainEqual(['bipoll.connections.closed', 1, { 'error.type': 'none' }]);
  });

  test('syslog-and-notify.md#1 tells who waits that it is ready', async () => {
    const path = freshPath();
    using socket = bindLocalDatagram({ path });
    const sample = sampleOf('docs/how-to/syslog-and-notify.md#1');
    const program = start(sample, { "process.env['NOTIFY_SOCKET']": JSON.stringify(path) });
    expect(await exitOf(program)).toBe(0);
    expect(String(receiveMessage(socket, { timeout: PATIENCE }).bytes)).toMatch(/^READY=1\n/);
  });

  test('syslog-and-notify.md#2 logs', async () => {
    using socket = bindUdp({ port: 0 });
    const sample = sampleOf('docs/how-to/syslog-and-notify.md#2');
    expect(await exitOf(start(sample, { [PORT]: String(socket.localPort) }))).toBe(0);
    expect(String(receiveMessage(socket, { timeout: PATIENCE }).bytes)).toBe('<14>app: started');
  });

  test('workers.md#1 serves a connection in a worker', async () => {
    const build = join(__dirname, '../../build');
    mkdirSync(build, { recursive: true });
    const folder = mkdtempSync(join(build, 'sample-')); // within the package, whose name it imports
    const file = join(folder, 'sample.mjs');
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    const { text } = sampleOf('docs/how-to/workers.md#1');
    writeFileSync(file, ts.transpileModule(text, { compilerOptions }).outputText);
    const program = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(program, 'exit');
    expect(await outputOf(program)).toBe('hello from a worker\n');
    expect((await exited)[0]).toBe(0);
    rmSync(folder, { recursive: true });
  });
});
