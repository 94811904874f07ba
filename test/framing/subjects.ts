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
} from 'bipoll/framing';
import fc from 'fast-check';

/** A wire format, with frames that are not easy for it and streams that are wrong for it. */
export interface Subject<Frame> {
  readonly codec: (maxBytes?: number) => Codec<Frame>;
  readonly frames: readonly Frame[];
  /** A frame whose body is `length` bytes. */
  readonly frameOf: (length: number) => Frame;
  /** Any frame that it can carry. */
  readonly anyFrame: fc.Arbitrary<Frame>;
  /** How many bytes more than ours the encoding of another sender may take; 0 by default. */
  readonly slack?: number;
  /** As Latin-1. */
  readonly badStreams: readonly string[];
}

const bytesOf = (length: number): Buffer => Buffer.alloc(length, 'x');

const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

/** Bytes, each of which was changed. */
const bytesBy = (change: (byte: number) => number): fc.Arbitrary<Buffer> =>
  anyBytes.map((bytes) => Buffer.from(Uint8Array.from(bytes, change)));

const characters = ['a', 'Z', '0', ' ', '\r', 'é', '€', '😀', '\u0000', '\ufeff', '\ufffd', '"'];
const anyText = fc.string({ unit: fc.constantFrom(...characters), maxLength: 12 });
const anyLine = anyText.map((text) => text.replace(/\r+$/, ''));

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

/** Every wire format, by its name. */
export const subjects: Readonly<Record<string, Subject<unknown>>> = {
  lines: subject({
    codec: (maxBytes = 100) => lines({ maxBytes }),
    frames: texts,
    frameOf: (length) => 'x'.repeat(length),
    anyFrame: anyLine,
    badStreams: [`ok\n${'x'.repeat(101)}\nok\n`, `ok\n${'x'.repeat(101)}`],
  }),
  'lines ended by CRLF': subject({
    codec: (maxBytes = 100) => lines({ maxBytes, newline: '\r\n' }),
    frames: texts,
    frameOf: (length) => 'x'.repeat(length),
    anyFrame: anyLine,
    badStreams: [`ok\r\n${'x'.repeat(101)}\r\n`, `${'x'.repeat(101)}\r`],
  }),
  'lines with carriage returns kept': subject({
    codec: (maxBytes = 100) => lines({ maxBytes, keepCarriageReturn: true }),
    frames: [...texts, '\r', 'a\r', 'a\r\r'],
    frameOf: (length) => 'x'.repeat(length),
    anyFrame: anyText,
    badStreams: [`ok\n${'x'.repeat(100)}\r\n`],
  }),
  'strict lines': subject({
    codec: (maxBytes = 100) => lines({ maxBytes, fatal: true }),
    frames: texts,
    frameOf: (length) => 'x'.repeat(length),
    anyFrame: anyLine,
    badStreams: ['ok\n\xff\n', 'ok\n\xe2\x82'],
  }),
  'Latin-1 lines': subject({
    codec: (maxBytes = 100) => lines({ maxBytes, encoding: 'latin1' }),
    frames: ['', 'häßlich', '\xff\x80'],
    frameOf: (length) => 'ÿ'.repeat(length),
    anyFrame: anyBytes.map((bytes) =>
      bytes.toString('latin1').replaceAll('\n', '').replace(/\r+$/, ''),
    ),
    badStreams: ['ok\n' + 'x'.repeat(101)],
  }),
  'a delimiter of one byte': subject({
    codec: (maxBytes = 100) => delimiter('\0', { maxBytes }) as Codec<Buffer>,
    frames: [Buffer.of(), Buffer.of(1), Buffer.from('hello'), bytesOf(100)],
    frameOf: bytesOf,
    anyFrame: bytesBy((byte) => byte || 1),
    badStreams: [`ok\0${'x'.repeat(101)}\0`, 'x'.repeat(101), 'ok\0rest'],
  }),
  'a delimiter that overlaps itself': subject({
    codec: (maxBytes = 100) => delimiter('aab', { maxBytes }) as Codec<Buffer>,
    frames: [Buffer.of(), Buffer.from('a'), Buffer.from('aa'), Buffer.from('baba')],
    frameOf: bytesOf,
    anyFrame: fc.constantFrom('', 'a', 'aa', 'ba', 'abab').map((text) => Buffer.from(text)),
    badStreams: [`okaab${'a'.repeat(101)}aab`, 'a'.repeat(103), 'okaabaa'],
  }),
  'an optional last delimiter': subject({
    codec: (maxBytes = 100) =>
      delimiter('\r\n', { maxBytes, allowUnterminated: true }) as Codec<Buffer>,
    frames: [Buffer.of(), Buffer.from('\r'), Buffer.from('\n'), bytesOf(100)],
    frameOf: bytesOf,
    anyFrame: bytesBy((byte) => (byte === 10 ? 13 : byte)),
    badStreams: [`${'x'.repeat(101)}\r\n`, `ok\r\n${'x'.repeat(100)}\r`],
  }),
  ...Object.fromEntries(
    (['uint8', 'uint16', 'uint24', 'uint32', 'uint64', 'varint'] as const).map((prefix) => [
      `length prefixes of ${prefix}`,
      subject({
        codec: (maxBytes = 100) => lengthPrefixed({ prefix, maxBytes }) as Codec<Buffer>,
        frames: binaries,
        frameOf: bytesOf,
        anyFrame: anyBytes,
        badStreams: ['\x01', '\x01\x02\xff', '\xff\xff\xff\xff\x0f', '\xff'.repeat(8)],
      }),
    ]),
  ),
  'a length field within a header': subject({
    codec: (maxBytes = 100) =>
      lengthField({ offset: 1, format: 'uint16', headerBytes: 4, maxBytes }) as Codec<Buffer>,
    frames: binaries.map((body) => message(body, body.length)),
    frameOf: (length) => message(bytesOf(length - 4), length - 4),
    anyFrame: anyBytes.map((body) => message(body, body.length)),
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
    anyFrame: anyBytes.map((body) => message(body, (body.length + 4) << 8)),
    badStreams: ['t', 't\x03\0h', 't\xff\xffh', 't\x05\0h'],
  }),
  'STX and ETX': subject({
    codec: (maxBytes = 100) => stxEtx({ maxBytes }) as Codec<Buffer>,
    frames: [Buffer.of(), Buffer.from('hello'), Buffer.of(0, 1, 4, 0xff), bytesOf(100)],
    frameOf: bytesOf,
    anyFrame: bytesBy((byte) => (byte === 2 || byte === 3 ? 4 : byte)),
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
    anyFrame: bytesBy((byte) => byte | 0xc0).map((bytes) =>
      Buffer.concat([Buffer.of(0xdb), bytes]),
    ),
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
    anyFrame: bytesBy((byte) => byte & 3),
    badStreams: ['\x05ab\0', '\x02a\x03b\0', '\x02a', `\xff${'x'.repeat(900)}`],
  }),
  'Content-Length headers': subject({
    codec: (maxBytes = 100) => contentLength({ maxBytes }) as Codec<Buffer>,
    frames: binaries,
    frameOf: bytesOf,
    anyFrame: anyBytes,
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
    anyFrame: anyBytes,
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
    anyFrame: fc.tuple(anyText, fc.nat(), anyText).map(([name, ...values]) => ({ [name]: values })),
    badStreams: ['1\n{"a":\n', '1\n\n{"a":', `1\n"${'x'.repeat(99)}"\n`, '"\xff"'],
  }),
};

/** What a sender of all of them writes. */
export const encodeAll = <Frame>(codec: Codec<Frame>, frames: readonly Frame[]): Buffer =>
  Buffer.concat(frames.map((frame) => codec.encode(frame)));
