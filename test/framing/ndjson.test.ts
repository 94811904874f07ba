import { Deframer, FramingError, ndjson } from 'bipoll/framing';
import { deframe } from './deframe';

describe('newline-delimited JSON', () => {
  test('has one value a line', () => {
    expect(
      ndjson()
        .encode({ a: ['\n'] })
        .toString(),
    ).toBe('{"a":["\\n"]}\n');
    expect(deframe(ndjson(), [Buffer.from('{"a":1}\r\n[2]\nnull\n')]).frames).toEqual([
      { a: 1 },
      [2],
      null,
    ]);
  });

  test('may have blank lines, which are skipped', () => {
    const stream = Buffer.from('\n1\n \t\r\n\r\n2\n\n  ');

    expect(deframe(ndjson(), [stream])).toEqual({ frames: [1, 2], error: null });
  });

  test('may have more blank lines than a frame may have bytes', () => {
    const deframer = new Deframer(ndjson({ maxBytes: 4 }));
    for (let beat = 0; beat < 100; beat++) {
      expect([...deframer.push(Buffer.from('\n'))]).toEqual([]);
    }

    expect(deframer.restLength).toBe(0);
    expect([...deframer.push(Buffer.from('1\n'))]).toEqual([1]);
  });

  test('needs no newline at the end of the stream', () => {
    expect(deframe(ndjson(), [Buffer.from('1\n{"a":2}')]).frames).toEqual([1, { a: 2 }]);
  });

  test.each(['{"a":', '{a:1}', '1 2', 'undefined', '\ufeff1', '\u00a0'])(
    'is malformed in a line %j',
    (line) => {
      expect(() => ndjson().decode(Buffer.from(`${line}\n`), 0)).toThrow(
        expect.objectContaining({
          name: 'FramingError',
          code: 'ERR_FRAME_MALFORMED',
          cause: expect.any(SyntaxError) as SyntaxError,
        }),
      );
    },
  );

  test('is malformed if it is not UTF-8', () => {
    expect(() => ndjson().decode(Buffer.from('"\xff"\n', 'latin1'), 0)).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_MALFORMED' }),
    );
  });

  test('is truncated if the stream ends within a value', () => {
    const truncated = (): unknown => ndjson().decodeEnd(Buffer.from('{"a":'));

    expect(truncated).toThrow(FramingError);
    expect(truncated).toThrow(
      expect.objectContaining({
        code: 'ERR_FRAME_TRUNCATED',
        message: 'The stream ended within a frame, 5 bytes after its start',
        cause: expect.any(SyntaxError) as SyntaxError,
      }),
    );
  });

  test.each([[undefined], [() => 1], [Symbol('s')]])('cannot say %p', (value) => {
    expect(() => ndjson().encode(value)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });

  test('cannot say what JSON.stringify refuses', () => {
    expect(() => ndjson().encode(1n)).toThrow(TypeError);
  });

  test('escapes half a character, so that it survives', () => {
    const codec = ndjson<string>();

    expect(codec.decode(codec.encode('\ud83d'), 0)?.frame).toBe('\ud83d');
  });
});

test('a byte-order mark before the first line is told', () => {
  expect(() => ndjson().decode(Buffer.from('\ufeff{}\n'), 0)).toThrow(
    expect.objectContaining({
      code: 'ERR_FRAME_MALFORMED',
      message: 'A line of 6 bytes is not JSON: it begins with a byte-order mark',
    }),
  );
});
