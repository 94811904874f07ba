import { lines } from 'bipoll/framing';
import { deframe } from './deframe';

const decode = (text: string, options?: Parameters<typeof lines>[0]): string[] =>
  deframe(lines(options), [Buffer.from(text)]).frames;

describe('lines', () => {
  test('end with a line feed, or with a carriage return and a line feed', () => {
    expect(decode('a\nb\r\n\n\r\nc\n')).toEqual(['a', 'b', '', '', 'c']);
  });

  test('lose one carriage return, and only before the line feed', () => {
    expect(decode('\ra\rb\r\r\n')).toEqual(['\ra\rb\r']);
  });

  test('keep the carriage return on request', () => {
    expect(decode('a\r\n\r\n', { keepCarriageReturn: true })).toEqual(['a\r', '\r']);
  });

  test('need no newline at the end of the stream', () => {
    expect(decode('a\nb')).toEqual(['a', 'b']);
    expect(decode('a\nb\r')).toEqual(['a', 'b']);
    expect(decode('a\nb\n')).toEqual(['a', 'b']);
  });

  test('keep a byte order mark', () => {
    expect(decode('\ufeffa\n')).toEqual(['\ufeffa']);
  });

  test('decode a character whose bytes come one by one', () => {
    const chunks = Array.from(Buffer.from('€😀\n'), (byte) => Buffer.of(byte));

    expect(deframe(lines(), chunks).frames).toEqual(['€😀']);
  });

  test('replace bytes that are no UTF-8', () => {
    expect(deframe(lines(), [Buffer.of(0x61, 0xff, 0x0a)]).frames).toEqual(['a\ufffd']);
  });

  test('refuse bytes that are no UTF-8 if they are fatal, but not a replacement character', () => {
    const { frames, error } = deframe(lines({ fatal: true }), [
      Buffer.from('\ufffd\n'),
      Buffer.of(0x61, 0xff, 0x0a),
    ]);

    expect(frames).toEqual(['\ufffd']);
    expect(error).toBe('ERR_FRAME_MALFORMED: A line is not valid UTF-8');
  });

  test('count the bytes of a line, not its characters, and not the newline', () => {
    expect(decode('€\r\n', { maxBytes: 3 })).toEqual(['€']);
    expect(() => lines({ maxBytes: 3 }).decode(Buffer.from('€a\n'), 0)).toThrow('limit of 3 bytes');
  });

  test('are refused as soon as one byte too many has come without a newline', () => {
    const limited = lines({ maxBytes: 3 });

    expect(limited.decode(Buffer.from('abc'), 0)).toBeNull();
    expect(limited.decode(Buffer.from('abc\r'), 0)).toBeNull();
    expect(() => limited.decode(Buffer.from('abcd'), 0)).toThrow('limit of 3 bytes');
    expect(() => limited.decode(Buffer.from('abc\r\r'), 0)).toThrow('limit of 3 bytes');
  });

  test('are encoded with the newline and the encoding asked for', () => {
    expect(lines().encode('é')).toEqual(Buffer.of(0xc3, 0xa9, 0x0a));
    expect(lines({ newline: '\r\n', encoding: 'latin1' }).encode('é')).toEqual(
      Buffer.of(0xe9, 0x0d, 0x0a),
    );
  });

  test.each([
    ['a newline', 'a\nb', {}],
    ['a carriage return at its end', 'a\r', {}],
    ['half a character', 'a\ud83d', {}],
    ['a character beyond Latin-1', '€', { encoding: 'latin1' }],
  ] as const)('refuse to encode %s', (_, line, options) => {
    expect(() => lines(options).encode(line)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });

  test('refuse to encode what is no string', () => {
    expect(() => lines().encode(5 as unknown as string)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: 'The "line" argument must be of type string. Received 5',
      }),
    );
  });

  test.each([
    [{ encoding: 'utf16le' }, 'ERR_INVALID_ARG_VALUE', 'options.encoding'],
    [{ newline: '\r' }, 'ERR_INVALID_ARG_VALUE', 'options.newline'],
    [{ newline: '\r\n', keepCarriageReturn: true }, 'ERR_INVALID_ARG_VALUE', 'options.newline'],
    [{ keepCarriageReturn: 1 }, 'ERR_INVALID_ARG_TYPE', 'options.keepCarriageReturn'],
    [{ fatal: 'yes' }, 'ERR_INVALID_ARG_TYPE', 'options.fatal'],
  ])('refuse %j with %s', (options, code, name) => {
    expect(() => lines(options as Parameters<typeof lines>[0])).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(`["']${name}["']`) as string,
      }),
    );
  });
});
