import { once } from 'node:events';
import net from 'node:net';
import { bindUdp } from 'bipoll';
import { receiveMessage, sendMessage } from 'bipoll/sync';
import { spawn } from 'node:child_process';
import { stop, untilSaid } from '../examples/peers';
import { writeFileSync } from 'node:fs';
import { makeIdentity } from '../support/certificates';
import { freshFile } from '../support/freshPath';
import { bipoll, outcomeOf, startBipoll } from '../support/commandLine';
import { PATIENCE } from '../support/patience';
import { exitOf } from '../support/script';
import { isWindows, testWhere } from '../support/where';
import { unwatched, whereInstalled } from '../support/whereInstalled';
import { freePort } from '../support/freePort';

const LARGE = Buffer.alloc(5 * 1024 * 1024, 'bipoll\n').toString('latin1');

/** A server of node:net for as long as a test takes. */
async function serving(
  onConnection: (socket: net.Socket) => void,
): Promise<{ port: number; server: net.Server }> {
  const server = net.createServer({ allowHalfOpen: true }, onConnection);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as net.AddressInfo).port, server };
}

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Answers when the client has ended, with what that said, backwards. */
function reverse(socket: net.Socket): void {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('end', () => socket.end(Buffer.concat(chunks).reverse()));
}

describe('connect', () => {
  test('sends stdin, ends our side behind it, and writes the answer', async () => {
    const { port } = await serving(reverse);
    const { stdout, stderr, code } = await bipoll(['connect', `tcp://127.0.0.1:${port}`], 'hello');
    expect({ stdout, stderr, code }).toEqual({ stdout: 'olleh', stderr: '', code: 0 });
  });

  test('carries megabytes both ways at once', async () => {
    const { port } = await serving((socket) => socket.pipe(socket));
    const { stdout, code } = await bipoll(['connect', `127.0.0.1:${port}`], LARGE);
    expect(stdout === LARGE).toBe(true);
    expect(code).toBe(0);
  });

  test('sends all of stdin, though the server has ended its own side before', async () => {
    const received = { length: 0 };
    let over: Promise<unknown> = Promise.resolve();
    const { port } = await serving((socket) => {
      socket.end();
      socket.on('data', ({ length }: Buffer) => (received.length += length));
      over = once(socket, 'close');
    });
    const { code } = await bipoll(['connect', `127.0.0.1:${port}`], LARGE);
    await over;
    expect(received.length).toBe(LARGE.length);
    expect(code).toBe(0);
  });

  test('ends when the server does, though stdin goes on', async () => {
    const { port } = await serving((socket) => socket.end('bye\n'));
    const { stdout, code } = await bipoll(['connect', `127.0.0.1:${port}`], null);
    expect({ stdout, code }).toEqual({ stdout: 'bye\n', code: 0 });
  });

  test('a reset is a failure, told behind what came before', async () => {
    const { port } = await serving((socket) => {
      socket.write('last words\n');
      socket.once('data', () => socket.resetAndDestroy());
    });
    const child = startBipoll(['connect', `127.0.0.1:${port}`]);
    const outcome = outcomeOf(child);
    await untilSaid(child, /last words/);
    child.stdin!.write('go');
    expect(await outcome).toMatchObject({
      stdout: 'last words\n',
      stderr: 'bipoll: read ECONNRESET\n',
      code: 1,
    });
  });

  test('with --on-end close it does not wait for an answer', async () => {
    const { port } = await serving((socket) => socket.on('error', () => undefined).resume());
    const { code } = await bipoll(['connect', `127.0.0.1:${port}`, '--on-end', 'close'], 'x');
    expect(code).toBe(0);
  });

  test('with --on-end stay the server does not see the end of stdin', async () => {
    let ended = false;
    const { port } = await serving((socket) => {
      socket.on('end', () => (ended = true));
      socket.once('data', () => socket.end(`ended: ${ended}\n`));
    });
    const { stdout } = await bipoll(['connect', `127.0.0.1:${port}`, '--on-end', 'stay'], 'x');
    expect(stdout).toBe('ended: false\n');
  });

  test('a silent connection ends with 124 after --idle-timeout', async () => {
    const { port } = await serving((socket) => socket.resume());
    const args = ['connect', `127.0.0.1:${port}`, '--idle-timeout', '50ms'];
    const { stderr, code } = await bipoll(args, null);
    expect(stderr).toContain('ETIMEDOUT');
    expect(code).toBe(124);
  });

  test('frames are shown a line each, and lines sent as frames', async () => {
    const { port } = await serving((socket) => socket.pipe(socket));
    const { stdout } = await bipoll(
      ['connect', `127.0.0.1:${port}`, '--frame', 'netstrings', '--hex'],
      'one\ntwo',
    );
    expect(stdout).toContain('|3:one,');
    const text = await bipoll(['connect', `127.0.0.1:${port}`, '-f', 'netstrings'], 'one\ntwo');
    expect(text.stdout).toBe('one\ntwo\n');
  });

  test('with --frame crlf lines end as in HTTP', async () => {
    const { port } = await serving(reverse);
    const { stdout } = await bipoll(['connect', `127.0.0.1:${port}`, '-f', 'crlf', '-x'], 'a\n');
    expect(stdout).toContain('> 00000000  61 0d 0a ');
    expect(stdout).toContain('< 00000000  0a 0d 61 ');
  });

  test('a line that is no JSON is refused by its number, and not sent', async () => {
    const { port } = await serving((socket) => socket.pipe(socket));
    const { stdout, stderr, code } = await bipoll(
      ['connect', `127.0.0.1:${port}`, '-f', 'ndjson'],
      '{"a": 1}\nnonsense\n',
    );
    expect(stdout).toBe('{"a": 1}\n');
    expect(stderr).toBe('bipoll: Line 2 of the input is no JSON\n');
    expect(code).toBe(1);
  });

  test('JSON is passed on as it was written, either way', async () => {
    const { port } = await serving((socket) => socket.pipe(socket));
    const lines = '{"id":12345678901234567890,"v":1.0, "a":1,"a":2}\n"\\u00e4"\n';
    const { stdout } = await bipoll(['connect', `127.0.0.1:${port}`, '-f', 'ndjson'], lines);
    expect(stdout).toBe(lines);
  });

  test('a line of the server that is no JSON is told by its number', async () => {
    const { port } = await serving((socket) => socket.end('1\n\nbad\n'));
    const { stdout, stderr, code } = await bipoll(['connect', `${port}`, '-f', 'ndjson']);
    expect(stdout).toBe('1\n');
    expect(stderr).toBe('bipoll: Line 3 of what came is no JSON\n');
    expect(code).toBe(1);
  });

  test.each(['lines', 'crlf', 'netstrings', 'uint16'])(
    'with --frame %s bytes that are no UTF-8 stay what they are, either way',
    async (frame) => {
      const { port } = await serving((socket) => socket.pipe(socket));
      const args = ['connect', `127.0.0.1:${port}`, '-f', frame];
      expect((await bipoll(args, Buffer.from('b\xff\n', 'latin1'))).stdout).toBe('b\xff\n');
    },
  );

  test('a frame that is no UTF-8 is base64 in JSON', async () => {
    const { port } = await serving((socket) => socket.end(Buffer.from('b\xff\n', 'latin1')));
    const { stdout } = await bipoll(['connect', `127.0.0.1:${port}`, '-f', 'lines', '--json']);
    expect(stdout).toContain('"event":"received"');
    expect(stdout).toContain('"bytes":2,"base64":"Yv8="');
  });

  test('with --json each chunk is an object in a line', async () => {
    const { port } = await serving(reverse);
    const { stdout } = await bipoll(['connect', `127.0.0.1:${port}`, '--json'], 'ab');
    const peer = `127.0.0.1:${port}`;
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { event: 'open', peer },
      { event: 'sent', peer, bytes: 2, text: 'ab' },
      { event: 'received', peer, bytes: 2, text: 'ba' },
      { event: 'close', peer },
    ]);
  });

  const withSignals = testWhere(!isWindows, 'Windows has no signals');
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    withSignals(`${signal} ends it with ${code}`, async () => {
      let over: Promise<unknown> = Promise.resolve();
      const { port } = await serving((socket) => {
        over = once(socket.resume(), 'end');
        socket.write('ready');
      });
      const child = startBipoll(['connect', `127.0.0.1:${port}`]);
      const outcome = outcomeOf(child);
      await untilSaid(child, /ready/);
      child.kill(signal);
      expect((await outcome).code).toBe(code);
      await over; // the server sees an end in order
    });
  }

  test('when nobody reads stdout any more it ends with 141, and says nothing', async () => {
    const { port } = await serving((socket) => {
      socket.on('error', () => undefined);
      const timer = setInterval(() => socket.write('more\n'), 1);
      socket.once('close', () => {
        clearInterval(timer);
      });
    });
    const child = startBipoll(['connect', `127.0.0.1:${port}`]);
    const exit = exitOf(child);
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout!.once('data', () => child.stdout!.destroy());
    expect(await exit).toBe(141);
    expect(stderr).toBe('');
  });

  test('over UDP each line is a datagram, and the answers are written', async () => {
    using socket = bindUdp();
    const args = ['connect', `udp://127.0.0.1:${socket.localPort!}`, '-f', 'lines', '-i', '300ms'];
    const outcome = bipoll(args, 'one\ntwo\n');
    for (const expected of ['one\n', 'two\n']) {
      const { bytes, from } = receiveMessage(socket, { timeout: PATIENCE });
      expect(bytes.toString()).toBe(expected);
      sendMessage(socket, bytes, { timeout: PATIENCE, to: from });
    }
    expect(await outcome).toMatchObject({ stdout: 'one\ntwo\n', code: 0 });
  });

  test('over UDP what is too long for a datagram is sent in several', async () => {
    using socket = bindUdp();
    const input = Buffer.alloc(100_000, 'bipoll');
    const target = `udp://127.0.0.1:${socket.localPort!}`;
    const outcome = bipoll(['connect', target, '--on-end', 'close'], input);
    const received: Buffer[] = [];
    const length = () => received.reduce((sum, bytes) => sum + bytes.length, 0);
    while (length() < input.length) {
      received.push(receiveMessage(socket, { timeout: PATIENCE }).bytes);
    }
    expect(Buffer.concat(received).equals(input)).toBe(true);
    expect(await outcome).toMatchObject({ stderr: '', code: 0 });
  });

  whereInstalled('openssl', 'version')('over TLS to openssl', () => {
    test('the end of stdin is not told, so an answer still comes', async () => {
      const [key, cert] = [freshFile(), freshFile()];
      const identity = makeIdentity();
      writeFileSync(key, identity.key);
      writeFileSync(cert, identity.cert);
      const port = freePort();
      const args = ['s_server', '-accept', `127.0.0.1:${port}`, '-key', key, '-cert', cert];
      const openssl = spawn('openssl', [...args, '-naccept', '1'], { env: unwatched });
      await untilSaid(openssl, /ACCEPT/);
      const child = startBipoll(['connect', `tls://localhost:${port}`, '--ca', cert]);
      child.stdin!.end('question\n');
      await untilSaid(openssl, /question/);
      openssl.stdin.write('answer\n');
      await untilSaid(child, /answer\n/);
      await stop(openssl);
    });
  });

  whereInstalled('ncat')('to ncat', () => {
    test('a client of ncat that listens gets what stdin says', async () => {
      const port = freePort();
      const ncat = spawn('ncat', ['-v', '-l', '127.0.0.1', `${port}`], { env: unwatched });
      const received = outcomeOf(ncat);
      await untilSaid(ncat, /Listening on/, 'stderr');
      ncat.stdin.end('from ncat\n');
      const { stdout } = await bipoll(['connect', `127.0.0.1:${port}`], 'to ncat\n');
      expect(stdout).toBe('from ncat\n');
      expect((await received).stdout).toBe('to ncat\n');
    });
  });

  whereInstalled('socat', '-V')('to socat', () => {
    test('a program behind socat sees our end, and its answer comes', async () => {
      const port = freePort();
      const socat = spawn('socat', ['-d', '-d', `TCP-LISTEN:${port},reuseaddr`, 'EXEC:sort'], {
        env: unwatched,
      });
      await untilSaid(socat, /listening on/, 'stderr');
      const { stdout, code } = await bipoll(['connect', `127.0.0.1:${port}`], 'b\na\n');
      expect({ stdout, code }).toEqual({ stdout: 'a\nb\n', code: 0 });
      await stop(socat);
    });
  });
});
