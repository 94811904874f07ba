import { type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { connectTcp, type TcpStream } from 'bipoll';
import { poll, readExactly, readSome, readUntil, writeAll } from 'bipoll/sync';
import { outputOf } from './support/example';
import { freshPath } from './support/freshPath';
import { PATIENCE } from './support/patience';
import { complaintsOf, type Sample, samplesOf, startSample } from './support/samples';
import { exitOf } from './support/script';
import { until } from './support/until';
import { describeWhere, isWindows, testWhere } from './support/where';
import { freePort } from './support/freePort';

const timeout = PATIENCE;
const samples = samplesOf('README.md');

/** The one that has all of these. */
function sampleWith(...texts: string[]): Sample {
  const [found, ...others] = samples.filter(({ text }) =>
    texts.every((part) => text.includes(part)),
  );
  expect(others).toEqual([]);
  return found!;
}

test('every example of the README compiles', () => {
  expect(samples.length).toBeGreaterThan(4);
  const declarations = `
    declare function save(record: unknown): Promise<void>;
    declare const shout: (connection: import('bipoll/reactive').Connection) => import('rxjs').Observable<number>;`;
  expect(complaintsOf(samples, declarations)).toEqual([]);
});

test('the script asks a server, and says what it answered', async () => {
  const server = net.createServer((socket) => socket.once('data', () => socket.end('+PONG\r\n')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const script = startSample(sampleWith("'PING\\r\\n'"), {
    "'localhost', port: 6379": `'127.0.0.1', port: ${port}`,
  });
  const [said] = (await once(script.stdout!, 'data')) as [Buffer];
  expect(String(said)).toMatch(/^\+PONG/);
  expect(await exitOf(script)).toBe(0);
  server.close();
});

describeWhere(!isWindows, 'there are no descriptors on Windows')('a line from stdin', () => {
  test('comes in time', async () => {
    const script = startSample(sampleWith('Continue?'), {});
    script.stdin!.write('yes\n');
    expect(await outputOf(script)).toBe('Continue? yes\n');
    script.stdin!.end();
  });

  test('comes again and again', async () => {
    const script = startSample(sampleWith('fromDescriptor('), {});
    script.stdin!.end('one\ntwo');
    expect(await outputOf(script)).toBe('one\ntwo\n');
  });
});

describe('the server that waits for many', () => {
  let server: ChildProcess;
  let port: number;
  beforeEach(async () => {
    port = freePort();
    server = startSample(sampleWith('new Poller()', 'server.accept()'), { '7000': String(port) });
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
    const service = startSample(sampleWith('serve(shout'), { '/run/user/1000/shout.sock': path });
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
