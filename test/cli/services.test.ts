import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { writeFileSync } from 'node:fs';
import { untilSaid } from '../examples/peers';
import { makeIdentity } from '../support/certificates';
import { bipoll, outcomeOf, portOf, startBipoll, startListening } from '../support/commandLine';
import { freshFile, freshPath } from '../support/freshPath';
import { describeWhere, isWindows, testWhere } from '../support/where';
import { unwatched, whereInstalled } from '../support/whereInstalled';
import { freePort } from '../support/freePort';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The port at which a server listens for as long as a test takes. */
async function listening(server: net.Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as net.AddressInfo).port;
}

const echoServer = () =>
  net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
const events = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const withSignals = describeWhere(!isWindows, 'Windows has no signals');
withSignals('proxy', () => {
  test('passes on bytes and ends either way, and tells of each connection', async () => {
    const port = await listening(echoServer());
    const path = freshPath();
    const child = startBipoll(['proxy', `unix:${path}`, `127.0.0.1:${port}`, '--json']);
    const outcome = outcomeOf(child);
    await untilSaid(child, /listening/);
    expect((await bipoll(['connect', `unix:${path}`], 'through')).stdout).toBe('through');
    child.kill('SIGTERM');
    const { stdout, code } = await outcome;
    expect(code).toBe(143);
    expect(events(stdout)).toMatchObject([
      { event: 'listening', address: `unix:${path}` },
      { event: 'open', server: `127.0.0.1:${port}` },
      { event: 'close', sent: 7, received: 7 },
    ]);
  });

  test('a server that is not there closes that client alone', async () => {
    const { child, address, outcome } = await startListening(['proxy', '0', `${freePort()}`]);
    for (let attempt = 0; attempt < 2; attempt++) {
      const client = net.connect(portOf(address), '127.0.0.1').on('error', () => undefined);
      await once(client, 'close');
    }
    child.kill('SIGINT');
    const { stderr, code } = await outcome;
    expect(code).toBe(130);
    expect(stderr.match(/127\.0\.0\.1: connect ECONNREFUSED/g)).toHaveLength(2);
  });

  /** What comes until the connection is over, and why it broke, if it did. */
  async function outcomeAt(socket: net.Socket) {
    let received = '';
    let reason: string | undefined;
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => (reason = code));
    await new Promise((resolve) => socket.once('close', resolve)); // once() of Node.js rejects on an error
    return { received, reason };
  }

  /** A server that says something, and resets when it is answered. */
  const breakingServer = () =>
    net.createServer((socket) => {
      socket.write('half of it');
      socket.once('data', () => socket.resetAndDestroy());
    });

  test('a reset of the server is one for the client, behind what came before', async () => {
    const port = await listening(breakingServer());
    const child = startBipoll(['proxy', '0', `${port}`, '--json']);
    const outcome = outcomeOf(child);
    const address = /tcp:[^"]+/.exec(await untilSaid(child, /\n/))![0];
    const client = net.connect(portOf(address), '127.0.0.1');
    client.once('data', () => client.write('go'));
    expect(await outcomeAt(client)).toEqual({ received: 'half of it', reason: 'ECONNRESET' });
    child.kill('SIGINT');
    const { stdout, stderr } = await outcome;
    expect(events(stdout).at(-1)).toMatchObject({
      ...{ event: 'close', sent: 2, received: 10 },
      ...{ code: 'ECONNRESET', message: 'read ECONNRESET' },
    });
    expect(stderr).toBe('bipoll: 127.0.0.1: read ECONNRESET\n');
  });

  test('a reset of the client is one for the server', async () => {
    const server = net.createServer();
    const port = await listening(server);
    const { child, address, outcome } = await startListening(['proxy', '0', `${port}`]);
    const accepted = once(server, 'connection') as Promise<[net.Socket]>;
    const client = net.connect(portOf(address), '127.0.0.1');
    client.write('part of a request');
    const [socket] = await accepted;
    socket.once('data', () => client.resetAndDestroy());
    const seen = await outcomeAt(socket);
    expect(seen).toEqual({ received: 'part of a request', reason: 'ECONNRESET' });
    child.kill('SIGINT');
    await outcome;
  });

  test('what is silent for --idle-timeout is reset on both sides', async () => {
    const server = net.createServer();
    const port = await listening(server);
    const args = ['proxy', '0', `${port}`, '--idle-timeout', '100ms'];
    const { child, address, outcome } = await startListening(args);
    const accepted = once(server, 'connection') as Promise<[net.Socket]>;
    const client = outcomeAt(net.connect(portOf(address), '127.0.0.1'));
    const [socket] = await accepted;
    for (const side of [outcomeAt(socket), client]) {
      expect(await side).toEqual({ received: '', reason: 'ECONNRESET' });
    }
    child.kill('SIGINT');
    expect((await outcome).stderr).toContain('127.0.0.1: nothing moved for 100 ms\n');
  });

  test('between - and a server that resets it fails, behind what came before', async () => {
    const port = await listening(breakingServer());
    const { stdout, stderr, code } = await bipoll(['proxy', '-', `${port}`], 'go');
    expect(stdout).toBe('half of it');
    expect(stderr).toBe('bipoll: read ECONNRESET\n');
    expect(code).toBe(1);
  });

  whereInstalled('openssl', 'version')('over TLS to its clients', () => {
    test('a reset of the server is no end for the client', async () => {
      const port = await listening(breakingServer());
      const [key, cert] = [freshFile(), freshFile()];
      const identity = makeIdentity();
      writeFileSync(key, identity.key);
      writeFileSync(cert, identity.cert);
      const args = ['proxy', 'tls://:0', `${port}`, '--cert', cert, '--key', key];
      const { child, address, outcome } = await startListening(args);
      const target = `tls://localhost:${portOf(address)}`;
      const { stdout, code } = await bipoll(['connect', target, '--ca', cert], 'go');
      expect(stdout).toBe('half of it');
      expect(code).toBe(1);
      child.kill('SIGINT');
      await outcome;
    });
  });

  test('what is cut off 5 seconds after SIGTERM has a close event and a message', async () => {
    const port = await listening(
      net.createServer({ allowHalfOpen: true }, (socket) => {
        socket.on('error', () => undefined).write('x');
      }),
    );
    const child = startBipoll(['proxy', '0', `${port}`, '--json']);
    const outcome = outcomeOf(child);
    const address = /tcp:[^"]+/.exec(await untilSaid(child, /\n/))![0];
    const client = net.connect({ port: portOf(address), host: '127.0.0.1', allowHalfOpen: true });
    await once(client, 'data');
    const seen = outcomeAt(client);
    child.kill('SIGTERM');
    await seen;
    const { stdout, stderr, code } = await outcome;
    const message = 'cut off: not finished 5 s after the signal to stop';
    expect(events(stdout).at(-1)).toMatchObject({ event: 'close', code: 'ETIMEDOUT', message });
    expect(stderr).toBe(`bipoll: 127.0.0.1: ${message}\n`);
    expect(code).toBe(143);
  });

  test('between - and a server it is a conversation', async () => {
    const port = await listening(echoServer());
    const { stdout, code } = await bipoll(['proxy', '-', `${port}`, '--hex'], 'ab');
    expect(stdout).toContain('> 00000000  61 62 ');
    expect(code).toBe(0);
  });

  test('SIGTERM lets a connection finish, and accepts nobody new', async () => {
    const port = await listening(
      net.createServer({ allowHalfOpen: true }, (socket) =>
        socket.once('data', () => socket.write('begun\n')).once('end', () => socket.end('over\n')),
      ),
    );
    const { child, address, outcome } = await startListening(['proxy', '0', `${port}`]);
    const client = net.connect(portOf(address), '127.0.0.1');
    let answer = '';
    client.on('data', (chunk: Buffer) => (answer += chunk.toString())).write('x');
    await once(client, 'data');
    child.kill('SIGTERM');
    await once(client, 'close');
    expect(answer).toBe('begun\nover\n');
    expect((await outcome).code).toBe(143);
  });

  whereInstalled('curl')('for curl', () => {
    whereInstalled('openssl', 'version')('over TLS', () => {
      test('puts TLS before a server, and takes it away again', async () => {
        const port = await listening(
          http.createServer((_request, response) => response.end('content\n')),
        );
        const [key, cert] = [freshFile(), freshFile()];
        const identity = makeIdentity();
        writeFileSync(key, identity.key);
        writeFileSync(cert, identity.cert);
        const own = ['--cert', cert, '--key', key];
        const outer = await startListening(['proxy', 'tls://:0', `${port}`, ...own]);
        const outerPort = portOf(outer.address);
        const inner = await startListening([
          'proxy',
          '0',
          `tls://localhost:${outerPort}`,
          '--ca',
          cert,
        ]);
        const curl = async (url: string) => {
          const args = ['-sS', '--cacert', cert, url];
          return (await outcomeOf(spawn('curl', args, { env: unwatched }))).stdout;
        };
        expect(await curl(`https://localhost:${outerPort}/`)).toBe('content\n');
        expect(await curl(`http://127.0.0.1:${portOf(inner.address)}/`)).toBe('content\n');
        for (const { child, outcome } of [inner, outer]) {
          child.kill('SIGINT');
          await outcome;
        }
      });
    });
  });
});

describe('scan', () => {
  test('finds what listens, and succeeds', async () => {
    const [open, closed] = [await listening(echoServer()), freePort()];
    const { stdout, stderr, code } = await bipoll(['scan', 'localhost', `${open},${closed}`]);
    expect(stdout).toMatch(new RegExp(`^tcp://\\S+:${open}\n$`));
    expect(stderr).toContain('1 open, 1 closed, 0 silent');
    expect(code).toBe(0);
  });

  test('without an open port it fails, in JSON as well', async () => {
    const { stdout, code } = await bipoll(['scan', '127.0.0.1', `${freePort()}`, '--json']);
    expect(events(stdout)).toMatchObject([{ event: 'done', open: 0, closed: 1, silent: 0 }]);
    expect(code).toBe(1);
  });
});

describe('wait', () => {
  test('waits until the path of a server is there', async () => {
    const path = freshPath();
    const child = startBipoll(['wait', `unix:${path}`, '--interval', '10ms', '--json']);
    const outcome = outcomeOf(child);
    const server = echoServer();
    servers.push(server);
    await once(server.listen(path), 'listening');
    const { stdout, code } = await outcome;
    expect(events(stdout)).toMatchObject([{ event: 'answers', target: `unix:${path}` }]);
    expect(code).toBe(0);
  });

  test('after --timeout it exits with 124, and says who is missing, and why', async () => {
    const [open, closed] = [await listening(echoServer()), freePort()];
    const args = ['wait', `127.0.0.1:${open}`, `127.0.0.1:${closed}`, '--timeout', '300ms'];
    const { stderr, code } = await bipoll(args);
    expect(stderr).toContain(`tcp://127.0.0.1:${open} answers`);
    expect(stderr).toContain(
      `bipoll: tcp://127.0.0.1:${closed} did not answer within 0.3 s: connect ECONNREFUSED`,
    );
    expect(code).toBe(124);
  });
});

describe('bench', () => {
  test('measures an echo, until the requests are made', async () => {
    const port = await listening(echoServer());
    const args = ['bench', `${port}`, '-c', '3', '-n', '100', '-s', '1k', '--json'];
    const { stdout, code } = await bipoll(args);
    expect(events(stdout)).toMatchObject([
      {
        event: 'done',
        connections: 3,
        requests: 100,
        bytesSent: 102_400,
        bytesReceived: 102_400,
        latency: { p50: expect.any(Number), max: expect.any(Number) },
      },
    ]);
    expect(code).toBe(0);
  });

  test('asks what it is told to, in frames, for as long as it is told to', async () => {
    const asked = new Set<string>();
    const port = await listening(
      net.createServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', (chunk: Buffer) => {
          asked.add(chunk.toString());
          socket.write('+PONG\r\n');
        });
      }),
    );
    const args = ['bench', `${port}`, '-f', 'crlf', '--request', 'PING', '-d', '200ms'];
    const { stdout, code } = await bipoll(args);
    expect(stdout).toMatch(
      /^requests +[\d,]+ in 0\.2 s\nrate .*\nlatency +p50 .*\nsent .*\nreceived /,
    );
    expect([...asked]).toEqual(['PING\r\n']);
    expect(code).toBe(0);
  });

  test('asks at a rate, and a server that stalls cannot hide who waited meanwhile', async () => {
    const port = await listening(
      net.createServer((socket) => {
        socket.on('error', () => undefined).pause();
        setTimeout(() => socket.pipe(socket), 200);
      }),
    );
    const args = ['bench', `${port}`, '-c', '2', '--rate', '100', '-n', '31', '--json'];
    const { stdout, code } = await bipoll(args);
    const [{ seconds, latency }] = events(stdout) as unknown as [
      { seconds: number; latency: { p50: number } },
    ];
    expect(seconds).toBeGreaterThanOrEqual(0.3);
    expect(latency.p50).toBeGreaterThan(10); // two of 31 have waited long, and as many others as were due by then
    expect(code).toBe(0);
  });

  test('who has no answer by the end counts with how long it has waited, and nobody answered is a failure', async () => {
    const stalls = (answers: number) =>
      net.createServer((socket) => {
        let left = answers;
        socket
          .on('error', () => undefined)
          .on('data', (chunk) => left-- > 0 && socket.write(chunk));
      });
    const args = ['-d', '300ms', '--rate', '100', '--json'];
    const one = await bipoll(['bench', `${await listening(stalls(1))}`, ...args]);
    const [done] = events(one.stdout) as unknown as [
      { requests: number; unanswered: number; latency: { p90: number } },
    ];
    expect(done).toMatchObject({ requests: 1 });
    expect(done.unanswered).toBeGreaterThan(20); // the second, and those that were due behind it
    expect(done.latency.p90).toBeGreaterThan(200);
    expect(one.code).toBe(0);

    const none = await bipoll(['bench', `${await listening(stalls(0))}`, ...args]);
    expect(none).toMatchObject({ stderr: 'bipoll: The server has answered nothing\n', code: 1 });
  });

  test('what was not asked for is no answer', async () => {
    const port = await listening(
      net.createServer((socket) => {
        socket.on('error', () => undefined).once('data', () => socket.write('+1\r\n+2\r\n'));
      }),
    );
    const args = ['bench', `${port}`, '-f', 'crlf', '--request', 'x', '--rate', '1'];
    const { stderr, code } = await bipoll(args);
    expect(stderr).toBe('bipoll: The server has sent what was not asked for\n');
    expect(code).toBe(1);
  });

  testWhere(!isWindows, 'Windows has no signals')(
    'Ctrl-C shows what there is by then',
    async () => {
      let isAsked: () => void = () => undefined;
      const asked = new Promise<void>((resolve) => (isAsked = resolve));
      const port = await listening(
        net.createServer((socket) => {
          socket.on('error', () => undefined).once('data', isAsked);
          socket.pipe(socket);
        }),
      );
      const child = startBipoll(['bench', `${port}`, '--duration', '1h']);
      const outcome = outcomeOf(child);
      await asked;
      child.kill('SIGINT');
      expect(await outcome).toMatchObject({ stdout: expect.stringContaining('rate'), code: 130 });
    },
  );

  test('a server that ends is a failure', async () => {
    const port = await listening(net.createServer((socket) => socket.end()));
    const { stderr, code } = await bipoll(['bench', `${port}`]);
    expect(stderr).toBe('bipoll: The server ended a connection\n');
    expect(code).toBe(1);
  });
});
