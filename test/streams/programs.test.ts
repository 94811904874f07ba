import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as http2 from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex, Readable } from 'node:stream';
import * as tls from 'node:tls';
import { Redis } from 'ioredis';
import { Client, Pool } from 'pg';
import { WebSocket, WebSocketServer } from 'ws';
import type { EventLoop } from 'bipoll/reactive';
import { type ConnectionDuplex, createConnection } from 'bipoll/streams';
import { stop, untilSaid } from '../examples/peers';
import { freshFile, freshPath } from '../support/freshPath';
import { loops } from '../support/loops';
import { hasPostgres, Postgres } from '../support/postgres';
import { until } from '../support/until';
import { describeWhere } from '../support/where';
import { whereInstalled } from '../support/whereInstalled';
import { received } from './received';
import { connectTo, Served } from './served';
import { freePort } from '../support/freePort';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const body = randomBytes(3_000_000);

/** Answers with what it was sent. */
const echo = (request: Readable, response: NodeJS.WritableStream) => request.pipe(response);

describe.each(loops)('over connections on $name', ({ open }) => {
  let loop: EventLoop;
  let served: Served | undefined;
  beforeEach(() => {
    loop = open();
  });
  afterEach(async () => {
    await served?.close();
    served = undefined;
    loop.close();
  });

  whereInstalled('openssl', 'version')('tls', () => {
    const key = freshFile();
    const cert = freshFile();
    beforeAll(() => {
      const what = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
      const where = [
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
      ];
      const name = ['-addext', 'subjectAltName=DNS:localhost'];
      const { status, stderr } = spawnSync('openssl', [...what, ...where, ...name]);
      if (status !== 0) throw new Error(stderr.toString());
    });

    test('a client and a server talk, and end', async () => {
      const secureContext = tls.createSecureContext({
        key: readFileSync(key),
        cert: readFileSync(cert),
      });
      served = new Served(loop, (stream) => {
        const secured = new tls.TLSSocket(stream, { isServer: true, secureContext });
        secured.pipe(secured);
      });
      const socket = await served.connect();
      const client = tls.connect({ socket, ca: readFileSync(cert), servername: 'localhost' });
      await once(client, 'secureConnect');
      expect(client.authorized).toBe(true);
      const got = received(client);
      client.end(body);
      expect(sha256(await got)).toBe(sha256(body));
    });

    test('a client whose server leaves without a word of TLS ends, and does not fail', async () => {
      const secureContext = tls.createSecureContext({
        key: readFileSync(key),
        cert: readFileSync(cert),
      });
      served = new Served(loop, (stream) => {
        const secured = new tls.TLSSocket(stream, { isServer: true, secureContext });
        secured.on('error', () => undefined);
        secured.once('data', () => stream.end());
      });
      await served.listening;
      const target = { host: '127.0.0.1', port: served.port };
      const socket = createConnection(target, { loop });
      const client = tls.connect({ socket, ca: readFileSync(cert), servername: 'localhost' });
      await once(client.resume(), 'secureConnect');
      client.write('question');
      const errors: unknown[] = [];
      client.on('error', (error) => errors.push(error));
      await once(client, 'close');
      expect(errors).toEqual([]);
    });
  });

  describe('http', () => {
    test('a server and a client that keeps its connection', async () => {
      const server = http.createServer(echo);
      served = new Served(loop, (stream) => server.emit('connection', stream));
      const stream = await served.connect();
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      (agent as unknown as { createConnection: () => Duplex }).createConnection = () => stream;
      for (let i = 0; i < 3; i++) {
        const request = http.request({ method: 'POST', agent });
        request.end(body);
        const [response] = (await once(request, 'response')) as [http.IncomingMessage];
        expect(sha256(await received(response))).toBe(sha256(body));
      }
      expect(served.streams).toHaveLength(2);
      agent.destroy();
      server.closeAllConnections();
    });

    test('a server answers a client that has ended its side', async () => {
      const server = http.createServer(echo);
      served = new Served(loop, (stream) => server.emit('connection', stream));
      const stream = await served.connect();
      const head = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`;
      const got = received(stream);
      stream.end(Buffer.concat([Buffer.from(head), body]));
      expect((await got).toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    });

    test('a server gives up a client that says nothing', async () => {
      const server = http.createServer(echo);
      server.setTimeout(20);
      served = new Served(loop, (stream) => server.emit('connection', stream));
      const stream = await served.connect();
      expect(await received(stream)).toHaveLength(0);
    });
  });

  test('http2: a server and a client with many streams', async () => {
    const server = http2.createServer(echo);
    served = new Served(loop, (stream) => server.emit('connection', stream));
    const stream = await served.connect();
    const session = http2.connect('http://localhost', { createConnection: () => stream });
    // Node's sessions refuse to hold more than 10 MB of what is to be sent.
    const part = body.subarray(0, 1_000_000);
    const requests = Array.from({ length: 5 }, () => {
      const request = session.request({ ':method': 'POST' });
      request.end(part);
      return received(request);
    });
    for (const got of await Promise.all(requests)) expect(sha256(got)).toBe(sha256(part));
    const closed = once(session, 'close');
    session.close();
    await closed;
  });

  test('ws: a server and a client', async () => {
    const sockets = new WebSocketServer({ noServer: true });
    const server = http.createServer().on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (each) => {
        each.on('message', (data, isBinary) => {
          each.send(data as Buffer, { binary: isBinary });
        });
      });
    });
    served = new Served(loop, (stream) => server.emit('connection', stream));
    await served.listening;
    const client = new WebSocket('ws://localhost/', {
      createConnection: (() => served!.connecting()) as never,
      perMessageDeflate: false,
    });
    await once(client, 'open');
    client.send(body);
    const [got] = (await once(client, 'message')) as [Buffer];
    expect(sha256(got)).toBe(sha256(body));
    client.close(1000, 'done');
    expect(await once(client, 'close')).toEqual([1000, Buffer.from('done')]);
  });
});

whereInstalled('redis-server')('ioredis, with a real redis-server', () => {
  const path = freshPath();
  const port = freePort();
  let server: ChildProcess;
  beforeAll(async () => {
    const where = ['--bind', '127.0.0.1', '--port', `${port}`, '--unixsocket', path];
    server = spawn('redis-server', [...where, '--save', '', '--appendonly', 'no'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await untilSaid(server, /ready to accept connections/i);
  });
  afterAll(() => stop(server));

  describe.each(loops)('on $name', ({ open }) => {
    test.each([
      ['TCP', { host: '127.0.0.1', port }],
      ['a local socket', { path }],
    ])('commands over %s', async (_, target) => {
      const loop = open();
      const streams: Duplex[] = [];
      class Connector {
        check = () => true;
        disconnect(): void {
          for (const stream of streams) stream.end();
        }
        async connect(): Promise<Duplex> {
          const stream = await connectTo(target, loop);
          streams.push(stream);
          return stream;
        }
      }
      const redis = new Redis({ Connector: Connector as never });
      expect(await redis.set('large', body)).toBe('OK');
      expect(sha256((await redis.getBuffer('large'))!)).toBe(sha256(body));
      const many = await Promise.all(Array.from({ length: 1000 }, (_, i) => redis.echo(`${i}`)));
      expect(many[999]).toBe('999');
      const ended = once(redis, 'end');
      await redis.quit();
      await ended;
      expect(streams).toHaveLength(1);
      streams[0]!.destroy();
      loop.close();
    });
  });
});

describeWhere(hasPostgres, 'PostgreSQL is not installed here')('pg, with a real PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await Postgres.start();
  });
  afterAll(() => postgres.stop());

  test.each(loops)('queries on $name', async ({ open }) => {
    const loop = open();
    const stream = await connectTo({ path: postgres.path }, loop);
    const client = new Client({
      user: 'tester',
      database: 'postgres',
      stream: () => stream,
    });
    await client.connect();
    const { rows } = await client.query<{ sum: string }>(
      'select sum(i) from generate_series(1, 1000) as i',
    );
    expect(rows).toEqual([{ sum: '500500' }]);
    const large = await client.query<{ bytes: Buffer }>('select $1::bytea as bytes', [body]);
    expect(sha256(large.rows[0]!.bytes)).toBe(sha256(body));
    const series = await client.query('select i from generate_series(1, 100000) as i');
    expect(series.rowCount).toBe(100_000);
    await expect(client.query('nonsense')).rejects.toMatchObject({ code: '42601' });
    await client.end();
    stream.destroy();
    loop.close();
  });

  test.each(loops)('a pool whose streams are made while it runs, on $name', async ({ open }) => {
    const loop = open();
    const { path } = postgres;
    const streams: ConnectionDuplex[] = [];
    const stream = () => {
      streams.push(createConnection({ path }, { loop }));
      return streams.at(-1) as unknown as Socket;
    };
    const pool = new Pool({ user: 'tester', database: 'postgres', max: 3, stream });
    const sums = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        pool.query<{ sum: number }>('select $1::int as sum', [i]),
      ),
    );
    expect(sums.map(({ rows }) => rows[0]!.sum)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(streams).toHaveLength(3);
    await pool.end();
    await until(() => streams.every(({ closed }) => closed));
    loop.close();
  });
});
