import { lengthPrefixed, type LengthPrefixedOptions } from 'bipoll/framing';

const encodedHex = (length: number, options?: LengthPrefixedOptions): string => {
  const bytes = lengthPrefixed(options).encode(Buffer.alloc(length));
  return bytes.subarray(0, bytes.length - length).toString('hex');
};

const decodeHex = (hex: string, options?: LengthPrefixedOptions): Buffer | undefined =>
  lengthPrefixed(options).decode(Buffer.from(hex, 'hex'), 0)?.frame;

describe('a length prefix', () => {
  test('has four bytes in network order by default', () => {
    expect(encodedHex(258)).toBe('00000102');
  });

  test.each<[number, LengthPrefixedOptions, string]>([
    [200, { prefix: 'uint8' }, 'c8'],
    [258, { prefix: 'uint16' }, '0102'],
    [258, { prefix: 'uint16', littleEndian: true }, '0201'],
    [66051, { prefix: 'uint32', littleEndian: true }, '03020100'],
    [0, { prefix: 'varint' }, '00'],
    [127, { prefix: 'varint' }, '7f'],
    [128, { prefix: 'varint' }, '8001'],
    [300, { prefix: 'varint' }, 'ac02'],
    [16383, { prefix: 'varint' }, 'ff7f'],
    [16384, { prefix: 'varint' }, '808001'],
    [2097152, { prefix: 'varint', maxBytes: 2097152 }, '80808001'],
  ])('of %i with %j is %s', (length, options, hex) => {
    const codec = lengthPrefixed(options);
    const bytes = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(length)]);

    expect(encodedHex(length, options)).toBe(hex);
    expect(codec.decode(bytes, 0)).toEqual({ frame: Buffer.alloc(length), length: bytes.length });
  });

  test.each<[string, LengthPrefixedOptions]>([
    ['05', { prefix: 'uint8', maxBytes: 4 }],
    ['0005', { prefix: 'uint16', maxBytes: 4 }],
    ['00000005', { maxBytes: 4 }],
    ['05', { prefix: 'varint', maxBytes: 4 }],
    ['00100001', {}],
  ])('over the limit is refused before the body comes: %s with %j', (hex, options) => {
    expect(() => decodeHex(hex, options)).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }),
    );
  });

  test('limits the frame to what it can say', () => {
    const codec = lengthPrefixed({ prefix: 'uint8' });

    expect(codec.maxEncodedBytes).toBe(256);
    expect(() => codec.encode(Buffer.alloc(256))).toThrow(
      expect.objectContaining({
        code: 'ERR_FRAME_TOO_LARGE',
        message: 'A frame of 256 bytes exceeds the limit of 255 bytes',
      }),
    );
  });

  test('of a varint may have 32 bits', () => {
    expect(decodeHex('ffffffff0f', { prefix: 'varint', maxBytes: Infinity })).toBeUndefined();
  });

  test.each([
    ['more than 32 bits', 'ffffffff10'],
    ['more than five bytes', '8080808080'],
    ['more bytes than it needs', '8000'],
    ['more bytes than it needs', 'ff808000'],
  ])('of a varint is refused with %s: %s', (_, hex) => {
    expect(() => decodeHex(hex, { prefix: 'varint', maxBytes: Infinity })).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_MALFORMED' }),
    );
  });

  test('is refused if it is of an unknown kind', () => {
    expect(() => lengthPrefixed({ prefix: 'uint48' as 'uint8' })).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_VALUE',
        message:
          'The property \'options.prefix\' must be one of "uint8", "uint16", "uint24", "uint32", "uint64", "varint". ' +
          "Received 'uint48'",
      }),
    );
    expect(() => lengthPrefixed({ littleEndian: 1 as unknown as boolean })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test('is not put before what is no bytes', () => {
    expect(() => lengthPrefixed().encode('a' as unknown as Buffer)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});
