import { lengthField } from 'bipoll/framing';

describe('a length field', () => {
  test('ends the header unless told otherwise', () => {
    const codec = lengthField({ offset: 1, format: 'uint8' });
    const bytes = Buffer.of(7, 2, 0xa, 0xb, 9);
    expect(codec.decode(bytes, 0)).toEqual({ frame: bytes.subarray(0, 4), length: 4 });
  });

  test.each([
    ['uint24', false, '000002'],
    ['uint24', true, '020000'],
    ['uint64', false, '0000000000000002'],
    ['uint64', true, '0200000000000000'],
  ] as const)('is read as %s, little-endian: %p', (format, littleEndian, length) => {
    const codec = lengthField({ offset: 0, format, littleEndian });
    const bytes = Buffer.from(`${length}abcd`, 'hex');
    expect(codec.decode(bytes, 0)?.length).toBe(bytes.length);
    expect(codec.encode(bytes)).toEqual(bytes);
  });

  test('of 64 bits may say more than a number can hold, which is too large', () => {
    const codec = lengthField({ offset: 0, format: 'uint64', maxBytes: Infinity });
    expect(() => codec.decode(Buffer.alloc(8, 0xff), 0)).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }),
    );
  });

  test('must be right in what is sent', () => {
    const codec = lengthField({ offset: 0, format: 'uint8', includesHeader: true });
    expect(codec.encode(Buffer.of(2, 1))).toEqual(Buffer.of(2, 1));
    for (const wrong of [Buffer.of(), Buffer.of(1, 1), Buffer.of(3, 1)]) {
      expect(() => codec.encode(wrong)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
      );
    }
  });

  test.each([
    [{ offset: -1 }, 'ERR_OUT_OF_RANGE', 'options.offset'],
    [{ offset: '1' }, 'ERR_INVALID_ARG_TYPE', 'options.offset'],
    [{}, 'ERR_INVALID_ARG_TYPE', 'options.offset'],
    [{ offset: 2, headerBytes: 5 }, 'ERR_OUT_OF_RANGE', 'options.headerBytes'],
    [{ offset: 0, format: 'varint' }, 'ERR_INVALID_ARG_VALUE', 'options.format'],
    [{ offset: 0, includesHeader: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.includesHeader'],
    [{ ofset: 0 }, 'ERR_INVALID_ARG_VALUE', 'offset'],
  ])('refuses %j', (options, code, name) => {
    expect(() => lengthField(options as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(name) as string }),
    );
  });
});
