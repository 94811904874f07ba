import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { writeFileSync } from 'node:fs';
import { freePort, untilSaid } from '../examples/peers';
import { makeIdentity } from '../support/certificates';
import { bipoll, outcomeOf, portOf, startBipoll, startListening } from '../support/commandLine';
import { freshFile, freshPath } from '../support/freshPath';
import { describeWhere, isWindows } from '../support/where';
import { unwatched, whereInstalled } from '../support/whereInstalled';

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

const there = describeWhere(!isWindows, 'the command line has not been tried on Windows');
there('proxy', () => {
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

there('scan', () => {
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

there('wait', () => {
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

there('bench', () => {
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

  test('Ctrl-C shows what there is by then', async () => {
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
  });

  test('a server that ends is a failure', async () => {
    const port = await listening(net.createServer((socket) => socket.end()));
    const { stderr, code } = await bipoll(['bench', `${port}`]);
    expect(stderr).toBe('bipoll: The server ended a connection\n');
    expect(code).toBe(1);
  });
});
