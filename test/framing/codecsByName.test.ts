import { type Codec, codecsByName, lines, type MaxBytesOption } from 'bipoll/framing';
import { FRAMING_NAMES } from '../../src/cli/definitions/framingNames';

/** Without what each encodes and decodes, which differs. */
const codecs = Object.entries(codecsByName) as [
  string,
  (limit?: MaxBytesOption) => Codec<unknown>,
][];
const codecOf = Object.fromEntries(codecs);

test('the command line has all of them by the same names', () => {
  expect(FRAMING_NAMES).toEqual(Object.keys(codecsByName));
});

test.each([
  ['lines', 'hi', 'hi\n'],
  ['crlf', 'hi', 'hi\r\n'],
  ['ndjson', 'hi', '"hi"\n'],
  ['netstrings', 'hi', '2:hi,'],
  ['uint8', 'hi', '\x02hi'],
  ['uint16', 'hi', '\0\x02hi'],
  ['uint32', 'hi', '\0\0\0\x02hi'],
  ['varint', 'hi', '\x02hi'],
  ['content-length', 'hi', 'Content-Length: 2\r\n\r\nhi'],
  ['stx-etx', 'hi', '\x02hi\x03'],
  ['slip', 'hi', 'hi\xc0'],
  ['cobs', 'hi', '\x03hi\0'],
] as const)('%s encodes %j as %j', (name, frame, encoded) => {
  const takesText = ['lines', 'crlf', 'ndjson'].includes(name);
  const bytes = codecOf[name]!().encode(takesText ? frame : Buffer.from(frame));
  expect(bytes.toString('latin1')).toBe(encoded);
});

test.each(codecs)('%s takes a maximum frame size', (_, codec) => {
  const { maxEncodedBytes } = codec({ maxBytes: 16 });
  expect(maxEncodedBytes).toBeLessThan(codec({ maxBytes: 200 }).maxEncodedBytes);
});

test('refuses an option that it does not know', () => {
  const misspelt = { maxByte: 4 } as MaxBytesOption;
  expect(() => codecsByName.lines(misspelt)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
  );
});

test('lines and crlf decode the same', () => {
  const bytes = Buffer.from('one\r\n');
  expect(codecsByName.crlf().decode(bytes, 0)).toEqual(lines().decode(bytes, 0));
});
