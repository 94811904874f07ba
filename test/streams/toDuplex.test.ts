import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { type ConnectionOptions, fromSocket, type EventLoop } from 'bipoll/reactive';
import { type ConnectionDuplex, toDuplex } from 'bipoll/streams';
import { readUntil, writeAll } from 'bipoll/sync';
import { loops } from '../support/loops';
import { fill, Pair, pairOfSockets, slices } from '../support/Pair';
import { PATIENCE } from '../support/patience';
import { atRest, settled } from '../support/settled';
import { until } from '../support/until';
import { isWindows } from '../support/where';
import { received } from './received';
import { Served } from './served';

const timeout = PATIENCE;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('refuses what is no connection, and bad options', () => {
  expect(() => toDuplex({} as never)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  const pair = new Pair({});
  expect(() => toDuplex(pair.connection, { highWaterMark: -1 })).toThrow(
    expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
  );
  pair.close();
});

describe.each(loops)('a Duplex over a connection on $name', ({ open }) => {
  let loop: EventLoop;
  let pair: Pair | undefined;
  let served: Served | undefined;
  beforeEach(() => {
    loop = open();
  });
  afterEach(async () => {
    pair?.close();
    await served?.close();
    pair = served = undefined;
    loop.close();
  });

  function made(
    options: ConnectionOptions = {},
    ends?: ConstructorParameters<typeof Pair>[1],
  ): { stream: ConnectionDuplex; pair: Pair } {
    pair = new Pair({ loop, ...options }, ends);
    return { stream: toDuplex(pair.connection), pair };
  }

  test.each([{ borrow: false }, { borrow: true }])(
    'carries megabytes both ways at once (%j)',
    async (options) => {
      pair = new Pair({ loop, allowHalfOpen: true, ...options }, pairOfSockets());
      const halfOpen = { allowHalfOpen: true };
      const stream = toDuplex(pair.connection, halfOpen);
      const other = toDuplex(fromSocket(pair.peer, { loop, ...halfOpen, ...options }), halfOpen);
      const [there, back] = [randomBytes(5_000_000), randomBytes(4_000_000)];
      const [gotBack, gotThere] = await Promise.all([
        received(stream),
        received(other),
        pipeline(Readable.from(slices(there)), stream, { end: true }),
        pipeline(Readable.from(slices(back)), other, { end: true }),
      ]);
      expect(sha256(gotThere)).toBe(sha256(there));
      expect(sha256(gotBack)).toBe(sha256(back));
    },
  );

  test('holds the peer back while nobody takes what was read, and loses nothing', async () => {
    const { stream, pair } = made({ allowHalfOpen: true });
    stream.read(0);
    let sent = fill(pair.peer);
    await until(() => stream.readableLength > 0);
    await atRest(() => (sent += fill(pair.peer)), loop);
    expect(pair.peer.readyToWrite()).toBe(false);
    expect(stream.readableLength).toBeLessThan(1_000_000);
    pair.peer.close();
    expect(await received(stream)).toHaveLength(sent);
  });

  test('a write is done when the system has its bytes', async () => {
    const { stream, pair } = made();
    const bytes = randomBytes(3_000_000);
    let isDone = false;
    expect(stream.write(bytes, () => (isDone = true))).toBe(false);
    await settled(loop);
    expect(isDone).toBe(false);
    const there = toDuplex(fromSocket(pair.peer, { loop }));
    const got = received(there);
    await once(stream, 'drain');
    expect(isDone).toBe(true);
    stream.end();
    expect(sha256(await got)).toBe(sha256(bytes));
  });

  test('what was corked arrives in order', async () => {
    const { stream, pair } = made();
    stream.cork();
    for (let i = 0; i < 100; i++) stream.write(`${i},`);
    stream.uncork();
    stream.end('end\n');
    const expected = `${Array.from({ length: 100 }, (_, i) => `${i},`).join('')}end\n`;
    await once(stream, 'finish');
    expect(readUntil(pair.peer, '\n', { timeout }).toString()).toBe(expected);
  });

  test('what is ended can still be read from', async () => {
    const { stream, pair } = made({}, pairOfSockets());
    stream.end('question\n');
    await once(stream, 'finish');
    expect(readUntil(pair.peer, '\n', { timeout }).toString()).toBe('question\n');
    await until(() => pair.peer.remoteDisconnected());
    writeAll(pair.peer, 'answer', { timeout });
    pair.peer.close();
    expect((await received(stream)).toString()).toBe('answer');
    await until(() => stream.closed);
  });

  test('what the peer has ended can be written to where that is allowed', async () => {
    pair = new Pair({ loop, allowHalfOpen: true }, pairOfSockets());
    const stream = toDuplex(pair.connection, { allowHalfOpen: true });
    pair.peer.shutdown();
    expect((await received(stream)).toString()).toBe('');
    stream.end('answer\n');
    await once(stream, 'close');
    expect(readUntil(pair.peer, '\n', { timeout }).toString()).toBe('answer\n');
  });

  test('the peer’s end is the end of both sides otherwise', async () => {
    const { stream, pair } = made({}, pairOfSockets());
    pair.peer.shutdown();
    stream.resume();
    await once(stream, 'close');
    expect(stream.writableFinished).toBe(true);
    expect(pair.socket.closed).toBe(true);
  });

  describe('destroying it', () => {
    test.each<[string, (stream: ConnectionDuplex, pair: Pair) => unknown]>([
      ['at first', () => undefined],
      ['while it reads', (stream) => stream.resume()],
      ['while it is held back', (stream, { peer }) => (stream.read(0), fill(peer))],
      ['while a write is pending', (stream) => stream.write(Buffer.alloc(5_000_000))],
      ['while its end is pending', (stream) => stream.end(Buffer.alloc(5_000_000))],
      ['when it was ended', (stream) => stream.end()],
      [
        'when the peer has ended',
        (_, { peer }) => {
          peer.shutdown();
        },
      ],
    ])('%s closes the connection, with one close event', async (_, prepare) => {
      const { stream, pair } = made({ allowHalfOpen: true });
      await prepare(stream, pair);
      let closes = 0;
      stream.on('close', () => closes++);
      await new Promise(setImmediate);
      stream.destroy();
      stream.destroy();
      await until(() => closes > 0);
      await new Promise(setImmediate);
      expect(closes).toBe(1);
      expect(pair.socket.closed).toBe(true);
    });

    test('with an error closes the connection with that error', async () => {
      const { stream, pair } = made();
      const closed = new Promise((resolve) => pair.connection.closed$.subscribe(resolve));
      const error = new Error('enough');
      stream.destroy(error);
      expect(await once(stream, 'error')).toEqual([error]);
      expect(await closed).toBe(error);
    });

    test('soon sends what was written first', async () => {
      const { stream, pair } = made();
      const bytes = randomBytes(2_000_000);
      stream.write(bytes);
      stream.destroySoon();
      const got = received(toDuplex(fromSocket(pair.peer, { loop })));
      expect(sha256(await got)).toBe(sha256(bytes));
      await until(() => stream.closed);
    });
  });

  test('an error of the connection is its error', async () => {
    const { stream, pair } = made();
    const error = new Error('broken');
    pair.connection.close(error);
    expect(await once(stream, 'error')).toEqual([error]);
    expect(stream.destroyed).toBe(true);
  });

  test('a connection that has failed gives a stream that fails', async () => {
    pair = new Pair({ loop });
    const error = new Error('broken');
    pair.connection.close(error);
    const stream = toDuplex(pair.connection);
    expect(await once(stream, 'error')).toEqual([error]);
  });

  test('a write to a peer that is gone fails', async () => {
    const { stream, pair } = made();
    pair.peer.close();
    stream.write('x');
    const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^(EPIPE|ECONNRESET|ERR_SOCKET_CLOSED)$/);
  });

  test('tells of idleness, and not while something moves', async () => {
    const { stream, pair } = made();
    const timedOut = new Promise<void>((resolve) => stream.setTimeout(20, resolve));
    await timedOut;
    expect(stream.timeout).toBe(20);
    expect(stream.destroyed).toBe(false);
    const again = once(stream, 'timeout');
    stream.resume();
    writeAll(pair.peer, 'x', { timeout });
    await again;
    stream.setTimeout(0);
    expect(stream.timeout).toBe(0);
  });

  test('a reset reaches the peer, behind what was written', async () => {
    served = new Served(loop, (stream) => stream.end('last words').resetAndDestroy());
    const stream = await served.connect();
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNRESET');
    expect(['', 'last words']).toContain(text); // a reset may overtake what it follows
  });

  test('a large write that makes progress is no idleness', async () => {
    const { stream, pair } = made({}, pairOfSockets());
    let timeouts = 0;
    stream.setTimeout(1000, () => timeouts++);
    const bytes = randomBytes(3_000_000);
    const finished = once(stream, 'finish');
    stream.end(bytes);
    const memory = Buffer.alloc(100_000);
    let got = 0;
    const reading = setInterval(() => (got += pair.peer.read(memory) ?? 0), 50);
    await finished;
    clearInterval(reading);
    if (!isWindows) expect(got).toBeGreaterThan(500_000); // Windows takes any number of bytes at once
    expect(timeouts).toBe(0);
  });

  test('has the addresses and settings of a TCP connection', async () => {
    served = new Served(loop, (stream) => stream.resume());
    const stream = await served.connect();
    expect(stream).toMatchObject({
      remoteAddress: '127.0.0.1',
      remotePort: served.port,
      localAddress: '127.0.0.1',
      connecting: false,
    });
    expect(stream.localPort).toBeGreaterThan(0);
    expect(stream.setNoDelay(false).setKeepAlive(true, 1500).unref().ref()).toBe(stream);
  });
});
