import { createHash, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import {
  capabilities,
  connectTcp,
  InterruptedError,
  listenLocal,
  listenTcp,
  type LocalStream,
  NoConnectionAvailableError,
  socketPair,
  SocketClosedError,
  SocketError,
  type StreamSocket,
  TcpStream,
  TimeoutError,
} from 'bipoll';
import { delimiter, FramingError, lengthPrefixed, lines } from 'bipoll/framing';
import {
  accept,
  connect,
  EndOfStreamError,
  frames,
  LimitExceededError,
  poll,
  pollAll,
  readExactly,
  readLine,
  readSome,
  readUntil,
  writeAll,
} from 'bipoll/sync';
import { Deadline } from '../../src/sync/Deadline';
import { canCountDescriptors, openDescriptors } from '../support/descriptors';
import { freshPath } from '../support/freshPath';
import { netTargets, targetOf } from '../support/netTargets';
import { PATIENCE } from '../support/patience';
import { firstOutput, runScript, startScript } from '../support/script';
import { Connected, transports } from '../support/transports';
import { testWhere } from '../support/where';

const SOON = { timeout: PATIENCE };
const NOW = { timeout: 0 };

let left: LocalStream;
let right: LocalStream;
beforeEach(() => {
  [left, right] = socketPair();
});
afterEach(() => {
  left.close();
  right.close();
});

function send(text: string): void {
  expect(left.write(Buffer.from(text))).toBe(Buffer.byteLength(text));
}

/** All that can be read of a socket now. */
function rest(socket: StreamSocket): string {
  const buffer = Buffer.alloc(100_000);
  let text = '';
  for (let got; (got = socket.read(buffer));) text += buffer.toString('utf8', 0, got);
  return text;
}

describe('poll', () => {
  test('gives the event asked for, those of an array that hold, or null', () => {
    expect(poll(right, 'dataAvailable', 5)).toBeNull();
    expect(poll(right, ['dataAvailable', 'remoteDisconnected'], 0)).toBeNull();
    expect(poll(right, 'readyToWrite', 0)).toBe('readyToWrite');
    send('x');
    expect(poll(right, ['dataAvailable', 'readyToWrite', 'remoteDisconnected'], 0)).toEqual([
      'dataAvailable',
      'readyToWrite',
    ]);
  });

  test.each([0.4, 1, 30])('waits for %d ms, and not less', (timeout) => {
    const started = performance.now();
    expect(poll(right, 'dataAvailable', timeout)).toBeNull();
    expect(performance.now() - started).toBeGreaterThanOrEqual(timeout);
  });

  test('takes no event that the socket cannot have', () => {
    expect(() => poll(right, 'connectionAvailable' as never, 0)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
    expect(() => poll({} as never, 'dataAvailable' as never, 0)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
    expect(() => poll(right, 'dataAvailable', -1)).toThrow(
      expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' }),
    );
    expect(() => poll(right, 'dataAvailable', undefined as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});

describe('pollAll', () => {
  test('polls servers of several kinds at once, with results in their order', () => {
    using tcp = listenTcp({ port: 0 });
    using local = listenLocal({ path: freshPath() });
    const look = (timeout: number) =>
      pollAll(
        [
          [tcp, 'connectionAvailable'],
          [local, ['connectionAvailable']],
        ],
        timeout,
      );
    const available = ['connectionAvailable'];
    // A server of pipes tells of a client in a moment, when its own thread has.
    const lookUntil = (both: unknown) => {
      const end = performance.now() + PATIENCE;
      let seen = look(PATIENCE);
      while (!isDeepStrictEqual(seen, both) && performance.now() < end) seen = look(PATIENCE);
      return seen;
    };
    expect(look(0)).toEqual([null, null]);
    using tcpClient = connectTcp({ host: tcp.host, port: tcp.port });
    expect(look(PATIENCE)).toEqual([available, null]);
    using localClient = connect({ path: local.path }, SOON);
    expect(lookUntil([available, available])).toEqual([available, available]);
    tcp.accept().close();
    expect(look(PATIENCE)).toEqual([null, available]);
    local.accept().close();
    expect(look(0)).toEqual([null, null]);
    expect([tcpClient.closed, localClient.closed]).toEqual([false, false]);
  });

  test('takes none, many, and the same one twice', () => {
    expect(pollAll([], 1)).toEqual([]);
    const many = Array.from({ length: 100 }, () => [right, 'readyToWrite'] as const);
    expect(pollAll(many, 0)).toHaveLength(100);
    expect(() => pollAll([[right, 'readyToWrite'], null] as never, 0)).toThrow(TypeError);
    left.close();
    expect(() => pollAll([[left, 'readyToWrite']], 0)).toThrow(SocketClosedError);
  });
});

test('what a verb has left can be peeked at, and is read again', () => {
  send('ab');
  expect(() => readExactly(right, 3, NOW)).toThrow(TimeoutError);
  expect(right.read(Buffer.alloc(2), { peek: true })).toBe(2);
  expect(rest(right)).toBe('ab');
});

describe('readSome', () => {
  test('gives what is there, at least a byte, and null at the end', () => {
    send('hello');
    expect(readSome(right, NOW)?.toString()).toBe('hello');
    send('hello');
    expect(readSome(right, { ...NOW, maxBytes: 2 })?.toString()).toBe('he');
    expect(readSome(right, NOW)?.toString()).toBe('llo');
    left.close();
    expect(readSome(right, NOW)).toBeNull();
    expect(readSome(right, { timeout: Infinity })).toBeNull();
  });

  test('gives bytes that stay as they are', () => {
    send('first');
    const first = readSome(right, NOW);
    send('other');
    readSome(right, NOW);
    expect(first?.toString()).toBe('first');
  });

  test('times out where nothing arrives', () => {
    const started = performance.now();
    expect(() => readSome(right, { timeout: 20 })).toThrow(TimeoutError);
    expect(performance.now() - started).toBeGreaterThanOrEqual(20);
    expect(() => readSome(right, NOW)).toThrow(
      expect.objectContaining({ code: 'ETIMEDOUT', message: expect.stringContaining('readSome') }),
    );
  });
});

describe('readExactly', () => {
  test('gives as many bytes as are asked for, none included', () => {
    send('abcdef');
    expect(readExactly(right, 2, NOW).toString()).toBe('ab');
    expect(readExactly(right, 0, NOW)).toHaveLength(0);
    expect(readExactly(right, 4, NOW).toString()).toBe('cdef');
  });

  test('loses nothing when it times out', () => {
    send('abc');
    for (let i = 0; i < 2; i++) {
      expect(() => readExactly(right, 6, { timeout: 1 })).toThrow(TimeoutError);
    }
    expect(right.dataAvailable()).toBe(true);
    expect(poll(right, 'dataAvailable', 0)).toBe('dataAvailable');
    send('def');
    expect(readExactly(right, 6, NOW).toString()).toBe('abcdef');
    expect(right.dataAvailable()).toBe(false);
  });

  test('an end before that is an error of its own, and what came can be read', () => {
    send('abc');
    left.close();
    expect(() => readExactly(right, 4, SOON)).toThrow(EndOfStreamError);
    expect(() => readExactly(right, 4, SOON)).toThrow(
      expect.objectContaining({ code: 'ERR_END_OF_STREAM', bytesAvailable: 3 }),
    );
    expect(readExactly(right, 3, SOON).toString()).toBe('abc');
    expect(readSome(right, SOON)).toBeNull();
  });
});

describe('readUntil', () => {
  test('gives up to and with the delimiter, and leaves the rest', () => {
    send('one\ntwo\r\n\r\nthree');
    expect(readUntil(right, '\n', NOW).toString()).toBe('one\n');
    expect(readUntil(right, Buffer.from('\r\n\r\n'), NOW).toString()).toBe('two\r\n\r\n');
    expect(rest(right)).toBe('three');
  });

  test('finds a delimiter that arrives in parts', () => {
    for (const part of ['a\r', '\n', '\r']) {
      send(part);
      expect(() => readUntil(right, '\r\n\r\n', { timeout: 1 })).toThrow(TimeoutError);
    }
    send('\nrest');
    expect(readUntil(right, '\r\n\r\n', NOW).toString()).toBe('a\r\n\r\n');
    expect(rest(right)).toBe('rest');
  });

  test('keeps to its limit, exactly, and loses nothing', () => {
    send('1234\n');
    expect(() => readUntil(right, '\n', { ...NOW, maxBytes: 4 })).toThrow(LimitExceededError);
    expect(() => readUntil(right, '\n', { ...NOW, maxBytes: 4 })).toThrow(
      expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED' }),
    );
    expect(readUntil(right, '\n', { ...NOW, maxBytes: 5 }).toString()).toBe('1234\n');
  });

  test('an end before the delimiter is an error, and what came can be read', () => {
    send('abc');
    left.close();
    expect(() => readUntil(right, '\n', SOON)).toThrow(EndOfStreamError);
    expect(rest(right)).toBe('abc');
  });

  test.each([
    ['', 'ERR_INVALID_ARG_VALUE'],
    [Buffer.alloc(0), 'ERR_INVALID_ARG_VALUE'],
    [7, 'ERR_INVALID_ARG_TYPE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
  ])('refuses %p as a delimiter', (wanted, code) => {
    expect(() => readUntil(right, wanted as string, NOW)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('readUntil with several delimiters', () => {
  test('reads up to the one that is complete first, however the bytes arrive', () => {
    left.write(Buffer.from('user: '));
    left.write(Buffer.from('pass> '));
    expect(readUntil(right, ['> ', ': '], NOW).toString()).toBe('user: ');
    expect(readUntil(right, [': ', Buffer.from('> ')], NOW).toString()).toBe('pass> ');
  });

  test('finds one of which the beginning had come by the last call', () => {
    left.write(Buffer.from('xab'));
    expect(() => readUntil(right, ['abc', 'z'], { timeout: 1 })).toThrow(TimeoutError);
    left.write(Buffer.from('c'));
    expect(readUntil(right, ['z', 'abc'], NOW).toString()).toBe('xabc');
  });

  test('refuses an empty list and an empty one in it', () => {
    for (const wanted of [[], ['\n', '']]) {
      expect(() => readUntil(right, wanted, NOW)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
      );
    }
  });
});

test("a deadline comes nearer while the program's clock is faked", () => {
  const deadline = new Deadline(PATIENCE, false);
  jest.useFakeTimers();
  try {
    const before = deadline.left;
    expect(poll(right, 'dataAvailable', 2)).toBeNull();
    expect(deadline.left).toBeLessThan(before);
  } finally {
    jest.useRealTimers();
  }
});

test('accept ends at its deadline while its server is reported ready and nobody is there', () => {
  using server = listenTcp({ port: 0 });
  const nobody = jest.spyOn(server, 'accept').mockImplementation(() => {
    throw new NoConnectionAvailableError('nobody', 'EAGAIN', -11, { syscall: 'accept' });
  });
  using waiting = connectTcp({ host: server.host, port: server.port });
  expect(poll(waiting, 'determined', PATIENCE)).toBe('determined');
  expect(() => accept(server, { timeout: 5 })).toThrow(TimeoutError);
  expect(nobody).toHaveBeenCalled();
});

describe('readLine', () => {
  test('gives lines without their ends, the last one too, and then null', () => {
    send('one\r\n\ntwo\nthree');
    left.close();
    const lines = Array.from({ length: 5 }, () => readLine(right, SOON));
    expect(lines).toEqual(['one', '', 'two', 'three', null]);
  });

  test('loses nothing when it times out', () => {
    send('half a li');
    expect(() => readLine(right, NOW)).toThrow(
      expect.objectContaining({
        code: 'ETIMEDOUT',
        message: expect.stringMatching(/^readLine /) as string,
      }),
    );
    send('ne\nrest');
    expect(readLine(right, SOON)).toBe('half a line');
    expect(readExactly(right, 4, SOON).toString()).toBe('rest');
  });

  test('keeps to its limit', () => {
    send('too long\n');
    expect(() => readLine(right, { ...SOON, maxBytes: 7 })).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }),
    );
    expect(readLine(right, { ...SOON, maxBytes: 8 })).toBe('too long');
  });
});

describe('writeAll', () => {
  test('takes text and bytes', () => {
    writeAll(left, 'grüß', NOW);
    writeAll(left, Buffer.from(' dich'), NOW);
    writeAll(left, '', NOW);
    expect(rest(right)).toBe('grüß dich');
  });

  test('says how many bytes were taken when it times out', () => {
    const bytes = randomBytes(3_000_000);
    let written = 0;
    try {
      writeAll(left, bytes, { timeout: 10 });
    } catch (error) {
      expect(error).toBeInstanceOf(TimeoutError);
      ({ bytesWritten: written } = error as TimeoutError);
    }
    expect(written).toBeGreaterThan(0);
    expect(readExactly(right, written, NOW).equals(bytes.subarray(0, written))).toBe(true);
    expect(right.dataAvailable()).toBe(false);
  });

  test('fails on a peer that is gone, and says how far it came', () => {
    right.close();
    expect(() => {
      writeAll(left, 'x', SOON);
    }).toThrow(expect.objectContaining({ code: 'EPIPE', syscall: 'write', bytesWritten: 0 }));
  });

  test('refuses what is no bytes', () => {
    for (const bytes of [null, 7, [1], new Float64Array(2)]) {
      expect(() => {
        writeAll(left, bytes as never, NOW);
      }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
    }
    const detached = new Uint8Array(4);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    writeAll(left, detached, NOW);
    expect(left.read(detached)).toBe(0);
    expect(rest(right)).toBe('');
  });
});

describe('frames', () => {
  test('gives each frame, and ends with the stream', () => {
    send('one\ntwo\nlast');
    left.close();
    expect([...frames(right, lines(), SOON)]).toEqual(['one', 'two', 'last']);
  });

  test('any verb can go on in the loop and after it, right behind the last frame', () => {
    send('5\nhello6\nworld!tail\nrest');
    const bodies: string[] = [];
    for (const length of frames(right, lines(), NOW)) {
      bodies.push(readExactly(right, Number(length), NOW).toString());
      if (bodies.length === 2) break;
    }
    expect(bodies).toEqual(['hello', 'world!']);
    expect(readUntil(right, '\n', NOW).toString()).toBe('tail\n');
    expect(rest(right)).toBe('rest');
  });

  test('loses nothing when it times out', () => {
    send('one\ntw');
    const iterator = frames(right, lines(), { timeout: 1 });
    expect(iterator.next().value).toBe('one');
    expect(() => iterator.next()).toThrow(TimeoutError);
    send('o\n');
    expect(iterator.next().value).toBe('two');
  });

  test('its frames of bytes stay as they are', () => {
    const all: Buffer[] = [];
    for (let i = 0; i < 300; i++) {
      writeAll(left, `${String(i).padStart(1000, '.')}\0`, SOON);
      all.push(frames(right, delimiter('\0'), SOON).next().value as Buffer);
    }
    expect(all.map((frame) => frame.toString())).toEqual(
      all.map((_, i) => String(i).padStart(1000, '.')),
    );
  });

  test('keeps to the limit of its decoder', () => {
    send('x'.repeat(100));
    expect(() => frames(right, lines({ maxBytes: 10 }), NOW).next()).toThrow(FramingError);
    expect(rest(right)).toHaveLength(100);
  });

  test('refuses what is no decoder', () => {
    expect(() => frames(right, {} as never, NOW)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});

describe('connect and accept', () => {
  test.each(['localhost', '127.0.0.1', undefined])(
    'connects to %p, a name or an address',
    (host) => {
      using server = listenTcp({ port: 0 });
      using client = connect({ ...(host && { host }), port: server.port }, SOON);
      using remote = accept(server, SOON);
      expect(client.remotePort).toBe(server.port);
      expect(remote.remotePort).toBe(client.localPort);
    },
  );

  test('tries the next address of a name', () => {
    using server = listenTcp({ host: '::1', port: 0 });
    const addresses = runScript(
      `import dns from 'node:dns/promises';
       console.log((await dns.lookup('localhost', { all: true })).map(a => a.address).join())`,
    ).stdout;
    if (!addresses.includes('::1')) {
      // Here localhost has one address alone: then the attempt ends with that one's error.
      expect(() => connect({ port: server.port }, SOON)).toThrow(/ECONNREFUSED/);
      return;
    }
    connect({ port: server.port }, SOON).close();
  });

  describe('a refusal', () => {
    function refused() {
      const server = listenTcp({ port: 0 });
      server.close();
      return () => connect({ host: '127.0.0.1', port: server.port }, SOON);
    }

    test('is thrown', () => {
      expect(refused()).toThrow(SocketError);
    });

    testWhere(canCountDescriptors, 'Node does not tell how many handles it has')(
      'leaves no descriptor',
      () => {
        const connecting = refused();
        const before = openDescriptors();
        for (let i = 0; i < 100; i++) expect(connecting).toThrow(SocketError);
        expect(openDescriptors()).toBeLessThan(before + 50);
      },
    );
  });

  test('a name that has no address is an error', () => {
    expect(() => connect({ host: 'no-such-name.invalid', port: 1 }, { timeout: PATIENCE })).toThrow(
      expect.objectContaining({ syscall: 'getaddrinfo', hostname: 'no-such-name.invalid' }),
    );
  });

  test('accept times out where nobody comes', () => {
    using server = listenTcp({ port: 0 });
    expect(() => accept(server, { timeout: 5 })).toThrow(TimeoutError);
    expect(() => accept(left as never, { timeout: 5 })).toThrow(/instance of Server/);
  });
});

describe.each([
  ['readSome', (options: never) => readSome(right, options)],
  ['readExactly', (options: never) => readExactly(right, 1, options)],
  ['readUntil', (options: never) => readUntil(right, '\n', options)],
  [
    'writeAll',
    (options: never) => {
      writeAll(right, 'x', options);
    },
  ],
  ['frames', (options: never) => frames(right, lines(), options)],
  ['connect', (options: never) => connect({ port: 1 }, options)],
])('%s', (_, verb) => {
  test.each([
    [undefined, 'ERR_INVALID_ARG_TYPE'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
    [{ timeout: '5' }, 'ERR_INVALID_ARG_TYPE'],
    [{ timeout: NaN }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: -1 }, 'ERR_OUT_OF_RANGE'],
    [{ timeout: 1, interruptible: 1 }, 'ERR_INVALID_ARG_TYPE'],
  ])('refuses the options %j', (options, code) => {
    expect(() => {
      verb(options as never);
    }).toThrow(expect.objectContaining({ code }));
  });
});

/** Sends megabytes to a peer that gives them back, and compares. */
function exchange(socket: StreamSocket): void {
  const sent = createHash('sha256');
  const received = createHash('sha256');
  for (let i = 0; i < 64; i++) {
    const bytes = randomBytes(1 + Math.floor(Math.random() * 100_000));
    sent.update(bytes);
    writeAll(socket, bytes, { timeout: PATIENCE });
    received.update(readExactly(socket, bytes.length, { timeout: PATIENCE }));
  }
  if (socket instanceof TcpStream || capabilities().features.localHalfClose) {
    socket.shutdown();
    expect(readSome(socket, SOON)).toBeNull();
  }
  expect(received.digest('hex')).toBe(sent.digest('hex'));
}

// Not with an abstract name: Node.js 20 pads it with zeros, which makes it another name.
describe.each(transports.filter(({ isAbstract }) => !isAbstract))('over $name', (transport) => {
  test('megabytes go through a peer of node:net and back, in order', () => {
    using server = transport.listen();
    const target = JSON.stringify('path' in server ? { path: server.path } : server);
    const echo = startScript(`
      import net from 'node:net';
      const socket = net.connect(${target});
      socket.pipe(socket);`);
    using socket = accept(server, { timeout: PATIENCE });
    exchange(socket);
    echo.kill();
  });
});

describe.each(netTargets)('over $name', ({ target }) => {
  test('megabytes go to a server of node:net and back, in order', async () => {
    const echo = startScript(`
      import net from 'node:net';
      const server = net.createServer((socket) => socket.pipe(socket));
      server.listen(${JSON.stringify(target())}, () => console.log(JSON.stringify(server.address())));`);
    const address = JSON.parse(await firstOutput(echo)) as AddressInfo | string;
    using socket = connect(targetOf(address), { timeout: PATIENCE });
    exchange(socket);
    echo.kill();
  });
});

describe.each(transports)('over $name', (transport) => {
  test('a frame larger than any buffer of the system goes through', () => {
    using ends = new Connected(transport);
    const codec = lengthPrefixed({ maxBytes: 5_000_000 });
    const body = randomBytes(4_000_000);
    const bytes = codec.encode(body);
    let written = 0;
    const received = frames(ends.remote, codec, NOW);
    let frame: Buffer | undefined;
    while (!frame) {
      written += ends.client.write(bytes, { start: written });
      try {
        frame = received.next().value as Buffer;
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
    }
    expect(frame.equals(body)).toBe(true);
  });
});

test('InterruptedError is what an interrupted verb throws', () => {
  expect(new InterruptedError('x').code).toBe('EINTR');
});

test('writeAll tells of a reset as write does', () => {
  using server = listenTcp({ port: 0 });
  using client = connect({ port: server.port }, { timeout: PATIENCE });
  const accepted = accept(server, { timeout: PATIENCE });
  writeAll(client, 'unread', { timeout: PATIENCE });
  poll(accepted, 'dataAvailable', PATIENCE);
  accepted.close();
  poll(client, 'remoteDisconnected', PATIENCE);
  expect(() => {
    writeAll(client, 'x', { timeout: PATIENCE });
  }).toThrow(expect.objectContaining({ code: 'ECONNRESET', bytesWritten: 0 }));
});
