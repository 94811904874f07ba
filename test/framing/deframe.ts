import { Deframer, FramingError, type Decoder, type DeframerOptions } from 'bipoll/framing';

/** What comes of a stream: its frames, and the error that ended them. */
export interface Outcome<Frame> {
  readonly frames: Frame[];
  readonly error: string | null;
}

/**
 * Decodes a whole stream. Each chunk is memory of its own; if it is only lent, it is overwritten as
 * soon as the frames are taken, as a reader does that has one buffer.
 */
export function deframe<Frame>(
  decoder: Decoder<Frame>,
  chunks: readonly Uint8Array[],
  options: DeframerOptions = {},
): Outcome<Frame> {
  const deframer = new Deframer(decoder, options);
  const frames: Frame[] = [];
  try {
    for (const chunk of chunks) {
      const memory = Buffer.from(chunk);
      for (const frame of deframer.push(memory)) {
        frames.push(frame);
      }
      if (options.borrowed) {
        memory.fill('?');
      }
    }
    for (const frame of deframer.end()) {
      frames.push(frame);
    }
    return { frames, error: null };
  } catch (error) {
    if (!(error instanceof FramingError)) {
      throw error;
    }
    return { frames, error: `${error.code}: ${error.message}` };
  }
}
