import { netstrings } from 'bipoll/framing';

const decode = (text: string, maxBytes = 1000): unknown =>
  netstrings({ maxBytes }).decode(Buffer.from(text), 0);

describe('a netstring', () => {
  test('is a length, a colon, the bytes and a comma', () => {
    expect(netstrings().encode(Buffer.from('hello world!')).toString()).toBe('12:hello world!,');
    expect(decode('12:hello world!,3:')).toEqual({
      frame: Buffer.from('hello world!'),
      length: 16,
    });
  });

  test('may be empty', () => {
    expect(netstrings().encode(Buffer.of()).toString()).toBe('0:,');
    expect(decode('0:,')).toEqual({ frame: Buffer.of(), length: 3 });
  });

  test.each(['1', '1:', '1:a', '10:,,,,'])('is not complete: %j', (text) => {
    expect(decode(text)).toBeNull();
  });

  test.each([':', 'a', ' 1', '+1', '1 ', '1,', '01', '00', '1:ab', '0:\n'])(
    'is malformed: %j',
    (text) => {
      expect(() => decode(text)).toThrow(
        expect.objectContaining({ name: 'FramingError', code: 'ERR_FRAME_MALFORMED' }),
      );
    },
  );

  test('is refused with the first digit that takes it over the limit', () => {
    expect(decode('10', 10)).toBeNull();
    expect(() => decode('11', 10)).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }),
    );
    expect(() => decode('9'.repeat(400), Infinity)).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }),
    );
  });

  test('is not made of what is no bytes', () => {
    expect(() => netstrings().encode('a' as unknown as Buffer)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});
