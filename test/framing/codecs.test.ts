import { isDeepStrictEqual } from 'node:util';
import {
  cobs,
  contentLength,
  delimiter,
  lengthField,
  lengthPrefixed,
  lines,
  ndjson,
  netstrings,
  slip,
  stxEtx,
  type Codec,
  type DeframerOptions,
} from 'bipoll/framing';
import { deframe, type Outcome } from './deframe';
import { seededRandom, type Random } from './random';
import { randomSplit, splits } from './splits';

/** A wire format, with frames that are not easy for it and streams that are wrong for it. */
interface Subject<Frame> {
  readonly codec: (maxBytes?: number) => Codec<Frame>;
  readonly frames: readonly Frame[];
  /** A frame whose body is `length` bytes. */
  readonly frameOf: (length: number) => Frame;
  readonly random: (random: Random) => Frame;
  /** How many bytes more than ours the encoding of another sender may take; 0 by default. */
  readonly slack?: number;
  /** As Latin-1. */
  readonly badStreams: readonly string[];
}

const bytesOf = (length: number): Buffer => Buffer.alloc(length, 'x');

const randomBytes = (random: Random): Buffer =>
  Buffer.from(Array.from({ length: random(40) }, () => random(256)));

const ALPHABET = ['a', 'Z', '0', ' ', '\r', 'é', '€', '😀', '\u0000', '\ufeff', '\ufffd', '"'];

const randomText = (random: Random): string =>
  Array.from({ length: random(12) }, () => ALPHABET[random(ALPHABET.length)]).join('');

const texts = ['', 'a', 'hello', 'a\rb', ' ', 'häßlich', '€', '日本語', '😀😀', '\u0000', '\ufffd'];

const binaries = [
  Buffer.of(),
  Buffer.of(0),
  Buffer.from('5:hello,'),
  Buffer.of(0xff, 0x80, 0, 0x7f),
  bytesOf(90),
];

/** A type, a length of two bytes, a byte of something else, and the body. */
const message = (body: Buffer, length: number): Buffer =>
  Buffer.concat([Buffer.from('t'), Buffer.of(length >> 8, length & 0xff), Buffer.from('h'), body]);

const subject = <Frame>(value: Subject<Frame>): Subject<unknown> => value;

const subjects: Record<string, Subject<unknown>> = {
  lines: subject({
    codec: (maxBytes = 100) => lines({ maxBytes }),
    frames: texts,
    frameOf: (length) => 'x'.repeat(length),
    random: (random) => randomText(random).replace(/\r+$/, ''),
    badStreams: [`ok\n${'x'.repeat(101)}\nok\n`, `ok\n${'x'.repeat(101)}`],
  }),
  'lines ended by CRLF': subject({
    codec: (maxBytes = 100) => lines({ maxBytes, newline: '\r\n' }),
    frames: texts,
    frameOf: (length) => 'x'.repeat(length),
    random: (random) => randomText(random).replace(/\r+$/, ''),
    badStreams: [`ok\r\n${'x'.repeat(101)}\r\n`, `${'x'.repeat(101)}\r`],
  }),
  'lines with carriage returns kept': subject({
    codec: (maxBytes = 100) => lines({ maxBytes, keepCarriageReturn: true }),
    frames: [...texts, '\r', 'a\r', 'a\r\r'],
    frameOf: (length) => 'x'.repeat(length),
    random: randomText,
    badStreams: [`ok\n${'x'.repeat(100)}\r\n`],
  }),
  'strict lines': subject({
    codec: (maxBytes = 100) => lines({ maxBytes, fatal: true }),
    frames: texts,
    frameOf: (length) => 'x'.repeat(length),
    random: (random) => randomText(random).replace(/\r+$/, ''),
    badStreams: ['ok\n\xff\n', 'ok\n\xe2\x82'],
  }),
  'Latin-1 lines': subject({
    codec: (maxBytes = 100) => lines({ maxBytes, encoding: 'latin1' }),
    frames: ['', 'häßlich', '\xff\x80'],
    frameOf: (length) => 'ÿ'.repeat(length),
    random: (random) =>
      randomBytes(random)
        .toString('latin1')
        .replace(/\n|\r$/g, ''),
    badStreams: ['ok\n' + 'x'.repeat(101)],
  }),
  'a delimiter of one byte': subject({
    codec: (maxBytes = 100) => delimiter('\0', { maxBytes }) as Codec<Buffer>,
    frames: [Buffer.of(), Buffer.of(1), Buffer.from('hello'), bytesOf(100)],
    frameOf: bytesOf,
    random: (random) => randomBytes(random).map((byte) => byte || 1) as Buffer,
    badStreams: [`ok\0${'x'.repeat(101)}\0`, 'x'.repeat(101), 'ok\0rest'],
  }),
  'a delimiter that overlaps itself': subject({
    codec: (maxBytes = 100) => delimiter('aab', { maxBytes }) as Codec<Buffer>,
    frames: [Buffer.of(), Buffer.from('a'), Buffer.from('aa'), Buffer.from('baba')],
    frameOf: bytesOf,
    random: (random) => Buffer.from(['', 'a', 'aa', 'ba', 'abab'][random(5)] ?? ''),
    badStreams: [`okaab${'a'.repeat(101)}aab`, 'a'.repeat(103), 'okaabaa'],
  }),
  'an optional last delimiter': subject({
    codec: (maxBytes = 100) =>
      delimiter('\r\n', { maxBytes, allowUnterminated: true }) as Codec<Buffer>,
    frames: [Buffer.of(), Buffer.from('\r'), Buffer.from('\n'), bytesOf(100)],
    frameOf: bytesOf,
    random: (random) => randomBytes(random).map((byte) => (byte === 10 ? 13 : byte)) as Buffer,
    badStreams: [`${'x'.repeat(101)}\r\n`, `ok\r\n${'x'.repeat(100)}\r`],
  }),
  ...Object.fromEntries(
    (['uint8', 'uint16', 'uint24', 'uint32', 'uint64', 'varint'] as const).map((prefix) => [
      `length prefixes of ${prefix}`,
      subject({
        codec: (maxBytes = 100) => lengthPrefixed({ prefix, maxBytes }) as Codec<Buffer>,
        frames: binaries,
        frameOf: bytesOf,
        random: randomBytes,
        badStreams: ['\x01', '\x01\x02\xff', '\xff\xff\xff\xff\x0f', '\xff'.repeat(8)],
      }),
    ]),
  ),
  'a length field within a header': subject({
    codec: (maxBytes = 100) =>
      lengthField({ offset: 1, format: 'uint16', headerBytes: 4, maxBytes }) as Codec<Buffer>,
    frames: binaries.map((body) => message(body, body.length)),
    frameOf: (length) => message(bytesOf(length - 4), length - 4),
    random: (random) => {
      const body = randomBytes(random);
      return message(body, body.length);
    },
    badStreams: ['t', 't\0\x01h', 't\xff\xffh'],
  }),
  'a length field that includes its header': subject({
    codec: (maxBytes = 100) =>
      lengthField({
        ...{ offset: 1, format: 'uint16', littleEndian: true, headerBytes: 4 },
        ...{ includesHeader: true, maxBytes },
      }) as Codec<Buffer>,
    frames: binaries.map((body) => message(body, (body.length + 4) << 8)),
    frameOf: (length) => message(bytesOf(length - 4), ((length & 0xff) << 8) | (length >> 8)),
    random: (random) => {
      const body = randomBytes(random);
      return message(body, (body.length + 4) << 8);
    },
    badStreams: ['t', 't\x03\0h', 't\xff\xffh', 't\x05\0h'],
  }),
  'STX and ETX': subject({
    codec: (maxBytes = 100) => stxEtx({ maxBytes }) as Codec<Buffer>,
    frames: [Buffer.of(), Buffer.from('hello'), Buffer.of(0, 1, 4, 0xff), bytesOf(100)],
    frameOf: bytesOf,
    random: (random) =>
      randomBytes(random).map((byte) => (byte === 2 || byte === 3 ? 4 : byte)) as Buffer,
    badStreams: [
      'x\x02a\x03',
      '\x02a\x03\r\n',
      '\x02a\x02b\x03',
      '\x02ab',
      `\x02${'x'.repeat(101)}`,
    ],
  }),
  SLIP: subject({
    codec: (maxBytes = 100) => slip({ maxBytes }) as Codec<Buffer>,
    frames: [Buffer.of(0), Buffer.of(0xc0), Buffer.of(1, 0xdb, 0xdc, 0xdd, 0xc0), bytesOf(100)],
    frameOf: (length) => Buffer.alloc(length, 0xc0),
    random: (random) =>
      Buffer.concat([Buffer.of(0xdb), randomBytes(random).map((byte) => byte | 0xc0) as Buffer]),
    badStreams: ['a\xdb\xc0', 'a\xdbb\xc0', 'ok\xc0abc', `${'x'.repeat(101)}\xc0`],
  }),
  COBS: subject({
    codec: (maxBytes = 600) => cobs({ maxBytes }) as Codec<Buffer>,
    frames: [
      ...binaries,
      Buffer.of(0, 0),
      ...[253, 254, 255, 508, 509].map(bytesOf),
      Buffer.concat([bytesOf(254), Buffer.of(0)]),
    ],
    frameOf: bytesOf,
    random: (random) => randomBytes(random).map((byte) => byte & 3) as Buffer,
    badStreams: ['\x05ab\0', '\x02a\x03b\0', '\x02a', `\xff${'x'.repeat(900)}`],
  }),
  'Content-Length headers': subject({
    codec: (maxBytes = 100) => contentLength({ maxBytes }) as Codec<Buffer>,
    frames: binaries,
    frameOf: bytesOf,
    random: randomBytes,
    slack: 8192 - 'Content-Length: 37\r\n\r\n'.length,
    badStreams: [
      'Content-Length: 1\r\n\r\nxContent',
      'Content-Length: 101\r\n\r\n',
      'Content-Length: 2\r\nContent-Length: 2\r\n\r\nab',
      'Content-Length: -1\r\n\r\n',
      'Content-Type: text\r\n\r\n',
      'Content-Length 2\r\n\r\nab',
    ],
  }),
  netstrings: subject({
    codec: (maxBytes = 100) => netstrings({ maxBytes }) as Codec<Buffer>,
    frames: binaries,
    frameOf: bytesOf,
    random: randomBytes,
    badStreams: [
      '0:,101:',
      '2:ab;',
      '01:a,',
      '00:,',
      ':,',
      'x',
      '-1:a,',
      '3:ab,',
      '1',
      '1:',
      '1:a',
    ],
  }),
  ndjson: subject<unknown>({
    codec: (maxBytes = 100) => ndjson({ maxBytes }),
    frames: [null, false, 0, -1.5, '', 'a\nb', '€😀', [], { a: [1, { b: 'ü' }] }],
    frameOf: (length) => (length < 2 ? 1 : 'x'.repeat(length - 2)),
    random: (random) => ({ [randomText(random)]: [random(100), randomText(random)] }),
    badStreams: ['1\n{"a":\n', '1\n\n{"a":', `1\n"${'x'.repeat(99)}"\n`, '"\xff"'],
  }),
};

const encodeAll = <Frame>(codec: Codec<Frame>, frames: readonly Frame[]): Buffer =>
  Buffer.concat(frames.map((frame) => codec.encode(frame)));

/** The ways to cut the stream that do not have the outcome expected. */
const cutsWithAnotherOutcome = <Frame>(
  codec: Codec<Frame>,
  stream: Buffer,
  expected: Outcome<Frame>,
  options?: DeframerOptions,
): Buffer[][] =>
  [...splits(stream, seededRandom(1))].filter(
    (chunks) => !isDeepStrictEqual(deframe(codec, chunks, options), expected),
  );

describe.each(Object.entries(subjects))('%s', (_, subject) => {
  const { frameOf, badStreams } = subject;
  const frames = [...subject.frames];
  const codec = subject.codec();

  test('decode what they encode', () => {
    expect(deframe(codec, [encodeAll(codec, frames)])).toEqual({ frames, error: null });
  });

  test('decode the same frames however the stream is cut', () => {
    const stream = encodeAll(codec, frames);

    expect(cutsWithAnotherOutcome(codec, stream, { frames, error: null })).toEqual([]);
  });

  test('decode the same frames from memory that is overwritten afterwards', () => {
    const stream = encodeAll(codec, frames);
    const expected = { frames, error: null };

    expect(cutsWithAnotherOutcome(codec, stream, expected, { borrowed: true })).toEqual([]);
  });

  test('decode random frames, cut at random', () => {
    const random = seededRandom(2);
    for (let round = 0; round < 100; round++) {
      const sent = Array.from({ length: random(20) }, () => subject.random(random));
      const chunks = randomSplit(encodeAll(codec, sent), 1 + random(100), random);

      expect(deframe(codec, chunks)).toEqual({ frames: sent, error: null });
    }
  });

  test('end in the same way wherever the stream is cut off', () => {
    const stream = encodeAll(codec, frames);
    for (let end = 0; end <= stream.length; end++) {
      const cutOff = stream.subarray(0, end);
      const byteByByte = Array.from(cutOff, (byte) => Buffer.of(byte));

      expect(deframe(codec, byteByByte)).toEqual(deframe(codec, [cutOff]));
    }
  });

  test.each(badStreams)('refuse %j in the same way however it is cut', (bad) => {
    const stream = Buffer.from(bad, 'latin1');
    const outcome = deframe(codec, [stream]);

    expect(outcome.error).not.toBeNull();
    expect(cutsWithAnotherOutcome(codec, stream, outcome)).toEqual([]);
  });

  test('accept a frame of maxBytes and refuse one byte more, however they are cut', () => {
    const limited = subject.codec(37);
    const longest = frameOf(37);
    const tooLong = frameOf(38);
    const accepted = { frames: [longest], error: null };
    const refused = deframe(limited, [codec.encode(tooLong)]);

    expect(refused.error).toMatch(/^ERR_FRAME_TOO_LARGE: .* 37 bytes$/);
    expect(cutsWithAnotherOutcome(limited, limited.encode(longest), accepted)).toEqual([]);
    expect(cutsWithAnotherOutcome(limited, codec.encode(tooLong), refused)).toEqual([]);
    expect(() => limited.encode(tooLong)).toThrow(
      expect.objectContaining({ name: 'FramingError', code: 'ERR_FRAME_TOO_LARGE' }),
    );
  });

  test('say how many bytes the longest frame takes', () => {
    const limited = subject.codec(37);
    const longest = limited.encode(frameOf(37)).length;

    const { slack = 0 } = subject;

    // Lines may take one more, if they are ended by CRLF.
    expect([longest, longest + 1]).toContain(limited.maxEncodedBytes - slack);
  });

  test('find nothing in nothing', () => {
    expect(codec.decode(Buffer.of(), 0)).toBeNull();
    expect(codec.decodeEnd(Buffer.of())).toBeNull();
  });

  test('need no Deframer: the bytes stay with the caller', () => {
    let bytes = encodeAll(codec, frames);
    for (const frame of frames) {
      const decoded = codec.decode(bytes, 0);

      expect(decoded?.frame).toEqual(frame);
      bytes = bytes.subarray(decoded?.length);
    }
    expect(bytes).toHaveLength(0);
  });

  test('copy a frame if, and only if, it is a view', () => {
    const stream = codec.encode(frameOf(20));
    const { frame } = codec.decode(stream, 0) ?? {};
    const copy = codec.copyFrame?.(frame);
    stream.fill('?');

    expect(copy ?? frame).toEqual(frameOf(20));
    expect(codec.copyFrame !== undefined).toBe(Buffer.isBuffer(frame));
  });

  test.each([0, -1, 1.5, NaN])('refuse %p as maxBytes', (maxBytes) => {
    expect(() => subject.codec(maxBytes)).toThrow(
      expect.objectContaining({
        name: 'RangeError',
        code: 'ERR_OUT_OF_RANGE',
        message: expect.stringContaining('"options.maxBytes"') as string,
      }),
    );
  });

  test('refuse a maxBytes that is no number', () => {
    expect(() => subject.codec('1' as unknown as number)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test('take a frame of any length with maxBytes Infinity', () => {
    const unlimited = subject.codec(Infinity);

    expect(deframe(unlimited, [unlimited.encode(frameOf(200))])).toEqual({
      frames: [frameOf(200)],
      error: null,
    });
  });
});
