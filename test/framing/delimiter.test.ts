import { delimiter } from 'bipoll/framing';
import { deframe } from './deframe';

describe('delimiter', () => {
  test('may be a string, which stands for its UTF-8 bytes, or bytes', () => {
    const stream = Buffer.from('a€b€');

    expect(deframe(delimiter('€'), [stream]).frames.map(String)).toEqual(['a', 'b']);
    expect(
      deframe(delimiter(Uint8Array.of(0xe2, 0x82, 0xac)), [stream]).frames.map(String),
    ).toEqual(['a', 'b']);
  });

  test('is not changed by its caller later', () => {
    const bytes = Buffer.from(';');
    const codec = delimiter(bytes);
    bytes.fill('x');

    expect(codec.encode(Buffer.from('a')).toString()).toBe('a;');
  });

  test('is found across chunks, starting anew after a partial match', () => {
    const chunks = ['a\r', '\r', '\n', '\rb', '\r\n'].map((text) => Buffer.from(text));

    expect(deframe(delimiter('\r\n'), chunks).frames.map(String)).toEqual(['a\r', '\rb']);
  });

  test('is required behind the last frame', () => {
    expect(deframe(delimiter(';'), [Buffer.from('a;bc')])).toEqual({
      frames: [Buffer.from('a')],
      error: 'ERR_FRAME_TRUNCATED: The stream ended within a frame, 2 bytes after its start',
    });
  });

  test('may be left out behind the last frame on request', () => {
    const codec = delimiter(';', { allowUnterminated: true });

    expect(deframe(codec, [Buffer.from('a;bc')]).frames.map(String)).toEqual(['a', 'bc']);
    expect(deframe(codec, [Buffer.from('a;')]).frames.map(String)).toEqual(['a']);
  });

  test('is missed as soon as it cannot come within the limit any more', () => {
    const limited = delimiter('--', { maxBytes: 3 });

    expect(limited.decode(Buffer.from('abc-'), 0)).toBeNull();
    expect(() => limited.decode(Buffer.from('abcd-'), 0)).toThrow('limit of 3 bytes');
  });

  test.each([
    ['aba', 'xabax'],
    ['aba', 'ab'],
    ['aa', 'a'],
  ])('%j refuses to encode %j, which would be cut short', (text, frame) => {
    expect(() => delimiter(text).encode(Buffer.from(frame))).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });

  test('refuses to encode what is no bytes', () => {
    expect(() => delimiter(';').encode('a' as unknown as Buffer)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });

  test.each([
    ['', 'ERR_INVALID_ARG_VALUE'],
    [Buffer.of(), 'ERR_INVALID_ARG_VALUE'],
    [10, 'ERR_INVALID_ARG_TYPE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
  ])('is refused if it is %j', (value, code) => {
    expect(() => delimiter(value as string)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(/["']delimiter["']/) as string,
      }),
    );
  });

  test('refuses a bad option', () => {
    expect(() => delimiter(';', { allowUnterminated: 1 as unknown as boolean })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
    );
  });
});
