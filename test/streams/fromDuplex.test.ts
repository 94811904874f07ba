import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TestScheduler } from 'rxjs/testing';
import { firstValueFrom, from, lastValueFrom, map, timer, toArray } from 'rxjs';
import { lines } from 'bipoll/framing';
import { type Connection, decode, pacedMap } from 'bipoll/reactive';
import { fromDuplex, fromWebStreams, toDuplex } from 'bipoll/streams';
import { type Carried, carriers } from '../support/carriers';
import { bytesOf, slices } from '../support/Pair';
import { atRest, settled } from '../support/settled';
import { as, whose } from '../support/stores';
import { until } from '../support/until';
import { isWindows, testWhere } from '../support/where';
import { received } from './received';

/** Under Wine tests over streams of Node.js itself did not end; which, and why, is not known. */
const describeOver = isWindows ? describe.skip : describe;
const whySkipped = isWindows ? ' (skipped: not ended under Wine)' : '';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('refuses what is no stream of bytes, and bad options', () => {
  const refused = (call: () => unknown, code: string) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  };
  refused(() => fromDuplex({} as never), 'ERR_INVALID_ARG_TYPE');
  refused(() => fromDuplex(new Duplex({ objectMode: true })), 'ERR_INVALID_ARG_VALUE');
  refused(() => fromDuplex(new Duplex().setEncoding('utf8')), 'ERR_INVALID_ARG_VALUE');
  refused(() => fromDuplex(new Duplex().destroy()), 'ERR_SOCKET_CLOSED');
  refused(() => fromDuplex(new Duplex(), { highWaterMark: 0 }), 'ERR_OUT_OF_RANGE');
  refused(() => fromDuplex(new Duplex(), { borrow: true } as never), 'ERR_INVALID_ARG_VALUE');
  refused(() => fromWebStreams({} as never), 'ERR_INVALID_ARG_TYPE');
  refused(() => fromWebStreams(null as never), 'ERR_INVALID_ARG_TYPE');
});

test('the same stream gives the same connection', () => {
  const duplex = new Duplex();
  expect(fromDuplex(duplex)).toBe(fromDuplex(duplex));
  duplex.destroy();
});

test('has no socket for the blocking verbs, and says so', () => {
  const connection = fromDuplex(new Duplex());
  expect(() => connection.socket).toThrow(expect.objectContaining({ code: 'ENOTSOCK' }));
  connection.close();
});

describeOver.each(carriers)(`a connection over $name${whySkipped}`, ({ open, hasHalfClose }) => {
  const testHalfClose = testWhere(hasHalfClose, 'it has no half-close');
  let carried: Carried;
  let connection: Connection;
  let reasons: (Error | null)[];
  beforeEach(async () => {
    carried = await open();
    reasons = [];
  });
  afterEach(() => {
    connection.close();
    carried.peer.destroy();
  });

  function connected(options?: Parameters<Carried['connect']>[0]): Connection {
    connection = carried.connect(options);
    connection.closed$.subscribe((reason) => reasons.push(reason));
    return connection;
  }

  testHalfClose('carries megabytes both ways at once, each way to its own end', async () => {
    connected({ allowHalfOpen: true });
    const [there, back] = [randomBytes(3_000_000), randomBytes(2_000_000)];
    const sent = lastValueFrom(connection.send(slices(there))).then(() => {
      connection.end();
    });
    const [gotBack, gotThere] = await Promise.all([
      bytesOf(connection),
      received(carried.peer),
      pipeline(Readable.from(slices(back)), carried.peer),
      sent,
    ]);
    expect(sha256(gotThere)).toBe(sha256(there));
    expect(sha256(gotBack)).toBe(sha256(back));
    await until(() => reasons.length > 0);
    expect(reasons).toEqual([null]);
    expect(connection).toMatchObject({ bytesRead: back.length, bytesWritten: there.length });
  });

  test('reads no more than the streams keep while nobody is subscribed, and loses nothing', async () => {
    connected();
    const bytes = randomBytes(24_000_000);
    let written = 0;
    const sending = (async () => {
      for (const slice of slices(bytes)) {
        await new Promise((done) => carried.peer.write(slice, done));
        written += slice.length;
      }
      carried.peer.end();
    })();
    await atRest(() => written);
    const taken = written;
    expect(taken).toBeLessThan(bytes.length);
    expect(connection.bytesRead).toBe(0);
    expect(sha256(await bytesOf(connection))).toBe(sha256(bytes));
    await sending;
  });

  test('queues what the stream does not take, and says when it has drained', async () => {
    connected();
    const bytes = randomBytes(24_000_000);
    let hasDrained = false;
    connection.writable$.subscribe(() => (hasDrained = true));
    expect(connection.write(bytes)).toBe(false);
    await atRest(() => connection.bytesWritten);
    expect(connection.queuedBytes).toBeGreaterThan(0);
    expect(connection.bytesWritten + connection.queuedBytes).toBe(bytes.length);
    expect(hasDrained).toBe(false);
    const got = received(carried.peer);
    await until(() => hasDrained);
    expect(connection.queuedBytes).toBe(0);
    connection.end();
    expect(sha256(await got)).toBe(sha256(bytes));
  });

  test('the memory of what is written is the caller’s again at once', async () => {
    connected();
    const memory = Buffer.from('hello');
    connection.write(memory);
    memory.fill(0);
    connection.end();
    expect(String(await received(carried.peer))).toBe('hello');
  });

  testHalfClose('what the peer has ended can be answered', async () => {
    connected({ allowHalfOpen: true });
    carried.peer.end('question');
    expect(String(await bytesOf(connection))).toBe('question');
    connection.write('answer');
    connection.end();
    expect(String(await received(carried.peer))).toBe('answer');
  });

  testHalfClose('what we have ended can still be read', async () => {
    connected();
    connection.write('question');
    connection.end();
    expect(String(await received(carried.peer))).toBe('question');
    carried.peer.end('answer');
    expect(String(await bytesOf(connection))).toBe('answer');
    await until(() => reasons.length > 0);
    expect(reasons).toEqual([null]);
  });

  test('the peer’s end is the end of both sides otherwise', async () => {
    connected();
    carried.peer.end('bye');
    expect(String(await bytesOf(connection))).toBe('bye');
    await until(() => reasons.length > 0);
    expect(reasons).toEqual([null]);
    carried.peer.resume();
    if (carried.duplex) await until(() => carried.duplex!.destroyed);
  });

  test('closing it sends what was written, ends it and destroys the stream', async () => {
    connected();
    connection.write('last words');
    connection.close();
    expect(String(await received(carried.peer))).toBe('last words');
    if (carried.duplex) await until(() => carried.duplex!.destroyed);
    expect(reasons).toEqual([null]);
  });

  test('closing it with an error destroys the stream at once', async () => {
    connected();
    const error = new Error('enough');
    connection.close(error);
    expect(reasons).toEqual([error]);
    if (carried.duplex) expect(carried.duplex.destroyed).toBe(true);
    await settled();
  });

  test('a consumer that is at work holds the peer back, line by line', async () => {
    connected();
    const total = 300_000;
    const text = Array.from({ length: total }, (_, i) => `${i}\n`).join('');
    void pipeline(Readable.from(slices(Buffer.from(text))), carried.peer);
    let most = 0;
    let last = '';
    const lines$ = connection.data$.pipe(
      decode(lines()),
      pacedMap((line) =>
        Number(line) % 10_000 === 0 ? timer(1).pipe(map(() => line)) : from([line]),
      ),
    );
    await lastValueFrom(
      lines$.pipe(
        map((line) => {
          most = Math.max(most, Number(line));
          last = line;
        }),
      ),
    );
    expect([most, last]).toEqual([total - 1, `${total - 1}`]);
  });

  test('a value that is sent holds back what it comes from', async () => {
    connected();
    let asked = 0;
    function* source() {
      for (; asked < 1000; asked++) yield Buffer.alloc(40_000);
    }
    const sending = lastValueFrom(connection.send(source()));
    await atRest(() => asked);
    expect(asked).toBeLessThan(1000);
    carried.peer.resume();
    expect(await sending).toBe(40_000_000);
  });

  test('closes when nothing moves for its idleTimeout', async () => {
    connected({ idleTimeout: 30 });
    await until(() => reasons.length > 0);
    expect(reasons).toMatchObject([{ code: 'ETIMEDOUT' }]);
  });

  test('calls back in the context in which it was made', async () => {
    as('maker', () => connected());
    const seen: (string | undefined)[] = [];
    const see = () => seen.push(whose());
    connection.data$.subscribe({ next: see, complete: see });
    connection.writable$.subscribe(see);
    as('writer', () => connection.write(Buffer.alloc(1_000_000)));
    carried.peer.resume();
    await until(() => seen.length === 1);
    as('peer', () => carried.peer.write('x'));
    await until(() => seen.length === 2);
    as('peer', () => carried.peer.end());
    await until(() => seen.length === 3);
    expect(seen).toEqual(['maker', 'maker', 'maker']);
  });
});

describeOver.each(carriers.filter(({ name }) => !name.includes('Web Streams')))(
  'failures of $name',
  ({ open }) => {
    test('an error is that of the connection, behind what came before it', async () => {
      const { connect, duplex, peer } = await open();
      const connection = connect();
      const got: string[] = [];
      let failure: unknown;
      connection.data$.subscribe({
        next: (chunk) => got.push(String(chunk)),
        error: (error: unknown) => (failure = error),
      });
      peer.write('before');
      await until(() => got.length > 0);
      const error = Object.assign(new Error('broken'), { code: 'EBROKEN' });
      duplex!.destroy(error);
      expect(await firstValueFrom(connection.closed$)).toBe(error);
      expect(failure).toBe(error);
      expect(got).toEqual(['before']);
      peer.destroy();
    });

    test('being destroyed before its end is an error with a code', async () => {
      const { connect, duplex, peer } = await open();
      const connection = connect();
      const closed = firstValueFrom(connection.closed$);
      connection.write(Buffer.alloc(5_000_000));
      await settled();
      duplex!.destroy();
      // One that Node composed of two streams says ABORT_ERR itself.
      const { code } = (await closed) as NodeJS.ErrnoException;
      expect(['ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR']).toContain(code);
      peer.destroy();
    });
  },
);

test('what had been read before a failure is still delivered, and then the failure', async () => {
  const duplex = new Duplex({ read: () => undefined, write: () => undefined });
  duplex.push('before');
  const connection = fromDuplex(duplex);
  let reason: unknown;
  connection.closed$.subscribe((error) => (reason = error));
  await settled();
  const error = new Error('broken');
  duplex.destroy(error);
  await settled();
  expect(reason).toBeUndefined();
  const told = await lastValueFrom(connection.data$.pipe(map(String), toArray())).catch(
    (thrown: unknown) => thrown,
  );
  expect(told).toBe(error);
  expect(connection.bytesRead).toBe(6);
  expect(reason).toBe(error);
});

test('a stream that only gives, or only takes, is half of a connection', async () => {
  const readable = Readable.from([Buffer.from('given')], { objectMode: false });
  const giver = fromDuplex(Duplex.from({ readable }));
  expect(String(await bytesOf(giver))).toBe('given');
  const closed = firstValueFrom(giver.closed$);
  expect(await closed).toBeNull();
});

test('a write to a stream that somebody else has ended fails', async () => {
  const duplex = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const connection = fromDuplex(duplex);
  const closed = firstValueFrom(connection.closed$);
  duplex.end();
  await once(duplex, 'finish');
  connection.write('late');
  expect(await closed).toMatchObject({ code: 'EPIPE', syscall: 'write' });
});

test('small chunks of one turn are written together, large ones in pieces', async () => {
  const written: number[] = [];
  const duplex = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.length);
      done();
    },
  });
  const connection = fromDuplex(duplex);
  for (let i = 0; i < 1000; i++) connection.write('x');
  connection.write(Buffer.alloc(100_000));
  await until(() => connection.queuedBytes === 0);
  expect(written).toEqual([65_536, 1000 + 100_000 - 65_536]);
  connection.close();
});

test('a stream that always has more leaves turns to others', async () => {
  const duplex = new Duplex({
    read() {
      this.push(Buffer.alloc(16_384));
    },
  });
  const connection = fromDuplex(duplex);
  connection.data$.subscribe();
  await settled();
  connection.close();
});

test('closing waits closeTimeout, and no longer, for a stream that takes no more', () => {
  const scheduler = new TestScheduler(() => undefined);
  scheduler.run(({ flush }) => {
    const duplex = new Duplex({ read: () => undefined, write: () => undefined });
    const connection = fromDuplex(duplex, { scheduler, closeTimeout: 200 });
    connection.write('never taken');
    connection.close();
    scheduler.schedule(() => {
      expect(duplex.destroyed).toBe(false);
    }, 199);
    flush();
    expect(duplex.destroyed).toBe(true);
  });
});

test('the addresses are those of the stream, and stay when it is gone', async () => {
  const server = net.createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const connection = fromDuplex(socket);
  const { localPort } = socket;
  expect(connection).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: port });
  expect(connection).toMatchObject({ localAddress: '127.0.0.1', localPort });
  expect(toDuplex(connection).remoteFamily).toBe('IPv4');
  connection.close();
  await until(() => socket.destroyed);
  expect(connection).toMatchObject({ remoteAddress: '127.0.0.1', remotePort: port });
  expect(connection.localPort).toBeUndefined();
  server.close();
});

testWhere(!isWindows, 'under Wine the peer is not told')(
  'a reset is a reset where the stream knows one',
  async () => {
    const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    const [peer] = (await accepted) as [net.Socket];
    await until(() => !socket.connecting);
    const failed = once(peer.resume(), 'error');
    fromDuplex(socket).reset();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
    server.close();
  },
);
