import { contentLength } from 'bipoll/framing';

const decode = (text: string): unknown => contentLength().decode(Buffer.from(text), 0);

describe('a message with a Content-Length', () => {
  test('is a header, an empty line and the bytes', () => {
    const bytes = contentLength().encode(Buffer.from('{}'));
    expect(bytes.toString()).toBe('Content-Length: 2\r\n\r\n{}');
  });

  test('may have other fields, in any letters', () => {
    const header = 'content-type: application/json\r\nCONTENT-LENGTH:2 \r\n\r\n';
    expect(decode(`${header}{}`)).toEqual({ frame: Buffer.from('{}'), length: header.length + 2 });
  });

  test.each(['Content-Length: 2\n\n{}\r\n\r\n', '\r\n\r\n', 'Content-Length: 0x2\r\n\r\n{}'])(
    'is malformed: %j',
    (text) => {
      expect(() => decode(text)).toThrow(expect.objectContaining({ code: 'ERR_FRAME_MALFORMED' }));
    },
  );

  test('is refused if its header goes on and on', () => {
    expect(decode('a'.repeat(8191))).toBeNull();
    expect(() => decode('a'.repeat(8192))).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_MALFORMED' }),
    );
  });
});
