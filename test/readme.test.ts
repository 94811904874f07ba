import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import ts from 'typescript';
import { connectTcp, type TcpStream } from 'bipoll';
import { poll, readExactly, readSome, readUntil, writeAll } from 'bipoll/sync';
import { freePort } from './examples/peers';
import { outputOf } from './support/example';
import { freshPath } from './support/freshPath';
import { PATIENCE } from './support/patience';
import { exitOf, startScript } from './support/script';
import { until } from './support/until';
import { describeWhere, isWindows, testWhere } from './support/where';

const timeout = PATIENCE;
const TESTS = __dirname;
const readme = readFileSync(join(TESTS, '../README.md'), 'utf8');
const blocks = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, text]) => text!);

/** The one that has all of these. */
function blockWith(...texts: string[]): string {
  const [found, ...others] = blocks.filter((block) => texts.every((text) => block.includes(text)));
  expect(others).toEqual([]);
  return found!;
}

/** Starts a block as a program, with other addresses than those of the README. */
function start(block: string, changes: Record<string, string>): ChildProcess {
  let source = block;
  for (const [from, to] of Object.entries(changes)) {
    expect(source).toContain(from);
    source = source.replace(from, to);
  }
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return startScript(ts.transpileModule(source, { compilerOptions }).outputText);
}

test('every example of the README compiles', () => {
  const names = blocks.map((_, index) => join(TESTS, `readme-${index}.ts`));
  const declarations = join(TESTS, 'readme.d.ts');
  const texts = new Map(names.map((name, index) => [name, blocks[index]!]));
  // What examples use of others.
  texts.set(
    declarations,
    `declare function save(record: unknown): Promise<void>;
     declare const shout: (connection: import('bipoll/reactive').Connection) => import('rxjs').Observable<number>;`,
  );
  const { config } = ts.readConfigFile(
    join(TESTS, 'tsconfig.json'),
    ts.sys.readFile.bind(ts.sys),
  ) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, TESTS);
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => texts.has(name) || disk.fileExists(name),
    getSourceFile(name, version) {
      const text = texts.get(name);
      return text === undefined
        ? disk.getSourceFile(name, version)
        : ts.createSourceFile(name, text, version);
    },
  };
  const program = ts.createProgram([declarations, ...names], options, host);
  const complaints = names.flatMap((name) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(name))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
  expect(blocks.length).toBeGreaterThan(4);
  expect(complaints).toEqual([]);
});

test('the script asks a server, and says what it answered', async () => {
  const server = net.createServer((socket) => socket.once('data', () => socket.end('+PONG\r\n')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const script = start(blockWith("'PING\\r\\n'"), {
    "'localhost', port: 6379": `'127.0.0.1', port: ${port}`,
  });
  const [said] = (await once(script.stdout!, 'data')) as [Buffer];
  expect(String(said)).toMatch(/^\+PONG/);
  expect(await exitOf(script)).toBe(0);
  server.close();
});

describeWhere(!isWindows, 'there are no descriptors on Windows')('a line from stdin', () => {
  test('comes in time', async () => {
    const script = start(blockWith('Continue?'), {});
    script.stdin!.write('yes\n');
    expect(await outputOf(script)).toBe('Continue? yes\n');
    script.stdin!.end();
  });

  test('comes again and again', async () => {
    const script = start(blockWith('fromDescriptor('), {});
    script.stdin!.end('one\ntwo');
    expect(await outputOf(script)).toBe('one\ntwo\n');
  });
});

describe('the server that waits for many', () => {
  let server: ChildProcess;
  let port: number;
  beforeEach(async () => {
    port = freePort();
    server = start(blockWith('new Poller()', 'server.accept()'), { '7000': String(port) });
    await until(() => {
      using probe = connectTcp({ host: '127.0.0.1', port });
      poll(probe, 'determined', timeout);
      return probe.connectionSucceeded();
    }, 'listening');
  });
  afterEach(async () => {
    server.kill('SIGKILL');
    await exitOf(server);
  });

  function client(): TcpStream {
    const socket = connectTcp({ host: '127.0.0.1', port });
    poll(socket, 'connectionSucceeded', timeout);
    return socket;
  }

  test('survives the reset of a client', async () => {
    const resetting = net.connect(port, '127.0.0.1');
    await once(resetting, 'connect');
    resetting.write('x');
    await once(resetting, 'data');
    resetting.resetAndDestroy();
    using other = client();
    writeAll(other, 'hello\n', { timeout });
    expect(String(readUntil(other, '\n', { timeout }))).toBe('hello\n');
  });

  test('loses no byte of a client that reads late, and serves others meanwhile', () => {
    using slow = client();
    using other = client();
    const bytes = Buffer.from(Array.from({ length: 8 * 2 ** 20 }, (_, index) => index % 251));
    let sent = 0;
    for (let taken = 1; taken > 0; sent += taken) {
      taken = poll(slow, 'readyToWrite', 200) ? slow.write(bytes, { start: sent }) : 0;
    }
    writeAll(other, 'hello\n', { timeout });
    expect(String(readUntil(other, '\n', { timeout }))).toBe('hello\n');
    expect(readExactly(slow, sent, { timeout }).equals(bytes.subarray(0, sent))).toBe(true);
    slow.shutdown();
    expect(readSome(slow, { timeout })).toBeNull();
  });
});

testWhere(!isWindows, 'Windows has no signals')(
  'the service survives its clients, and ends in order when it is told to',
  async () => {
    const path = freshPath();
    const service = start(blockWith('serve(shout'), { '/run/user/1000/shout.sock': path });
    const exit = exitOf(service);
    const ask = async (request: string): Promise<string> => {
      const socket = net.connect(path);
      await once(socket, 'connect');
      socket.end(request);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString();
    };
    let answer: string | undefined;
    while (answer === undefined) answer = await ask('hello\nworld').catch(() => undefined);
    expect(answer).toBe('HELLO\nWORLD\n');
    expect(await ask('x'.repeat(2000))).toBe('');
    expect(await ask('again\n')).toBe('AGAIN\n');
    service.kill('SIGTERM');
    expect(await exit).toBe(0);
  },
);
