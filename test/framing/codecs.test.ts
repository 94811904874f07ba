import { isDeepStrictEqual } from 'node:util';
import type { Codec, DeframerOptions } from 'bipoll/framing';
import { deframe, type Outcome } from './deframe';
import { splits } from './splits';
import { encodeAll, subjects } from './subjects';

/** The ways to cut the stream that do not have the outcome expected. */
const cutsWithAnotherOutcome = <Frame>(
  codec: Codec<Frame>,
  stream: Buffer,
  expected: Outcome<Frame>,
  options?: DeframerOptions,
): Buffer[][] =>
  [...splits(stream)].filter(
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
