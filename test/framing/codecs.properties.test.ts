import { Deframer, FramingError, type Decoder } from 'bipoll/framing';
import fc from 'fast-check';
import { anyCut } from './anyCut';
import { deframe } from './deframe';
import { encodeAll, subjects } from './subjects';

/** The most bytes that a deframer holds back while it waits for the rest of a frame. */
function mostHeldBack(decoder: Decoder<unknown>, chunks: readonly Buffer[]): number {
  const deframer = new Deframer(decoder);
  let most = 0;
  try {
    for (const chunk of chunks) {
      deframer.push(chunk);
      while (deframer.take() !== undefined);
      most = Math.max(most, deframer.restLength);
    }
  } catch (error) {
    if (!(error instanceof FramingError)) throw error;
  }
  return most;
}

describe.each(Object.entries(subjects))('%s, whatever comes,', (_, subject) => {
  const codec = subject.codec();
  const anyFrames = fc.array(subject.anyFrame, { maxLength: 10 });
  /** Good frames, with anything else before, behind or among them. */
  const anyStream = fc
    .array(
      fc.oneof(
        subject.anyFrame.map((frame) => codec.encode(frame)),
        fc.uint8Array(),
      ),
      {
        maxLength: 6,
      },
    )
    .map((pieces) => Buffer.concat(pieces));

  test('decode what they encode, however it is cut', () => {
    fc.assert(
      fc.property(anyFrames, anyCut, fc.boolean(), (frames, cut, borrowed) => {
        const chunks = cut(encodeAll(codec, frames));

        expect(deframe(codec, chunks, { borrowed })).toEqual({ frames, error: null });
      }),
    );
  });

  test('give the same frames, and the same error behind them, however a stream is cut', () => {
    fc.assert(
      fc.property(anyStream, anyCut, fc.boolean(), (stream, cut, borrowed) => {
        expect(deframe(codec, cut(stream), { borrowed })).toEqual(deframe(codec, [stream]));
      }),
    );
  });

  test('take a frame of up to maxBytes, and refuse longer ones on both sides', () => {
    const lengths = fc.integer({ min: 4, max: 90 });
    fc.assert(
      fc.property(lengths, lengths, anyCut, (maxBytes, length, cut) => {
        const limited = subject.codec(maxBytes);
        const frame = subject.frameOf(length);
        const { frames, error } = deframe(limited, cut(codec.encode(frame)));

        if (length <= maxBytes) {
          expect(limited.encode(frame)).toEqual(codec.encode(frame));
          expect({ frames, error }).toEqual({ frames: [frame], error: null });
        } else {
          const tooLarge = expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' });
          expect(() => limited.encode(frame)).toThrow(tooLarge);
          expect(frames).toEqual([]);
          expect(error).toMatch(/^ERR_FRAME_TOO_LARGE/);
        }
      }),
    );
  });

  test('never hold back more than one frame may occupy', () => {
    fc.assert(
      fc.property(anyStream, anyCut, (stream, cut) => {
        expect(mostHeldBack(codec, cut(stream))).toBeLessThanOrEqual(codec.maxEncodedBytes);
      }),
    );
  });
});
