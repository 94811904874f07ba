import { checkMethods } from '../core/argument';
import { type ByteStream, checkByteStream } from '../core/ByteStream';
import { Claim } from '../core/Socket';
import type { Decoder } from '../framing';
import { nextFrame } from './nextFrame';
import { deadlineOf, type BlockingOptions } from './options';

/**
 * The frames of a stream, until the peer ends it. `timeout` is for each frame.
 *
 * Only the bytes of frames that were returned are consumed: after a `break` or a timeout, and also in the body of the
 * loop, any verb continues right after the last frame.
 *
 * @throws TimeoutError no whole frame arrived in time. The next `next()` goes on from there
 * @throws FramingError the bytes are no frame, or one over the decoder's limit
 *
 * @example
 * for (const line of frames(socket, lines(), { timeout: 1000 })) console.log(line);
 */
export function frames<Frame>(
  socket: ByteStream,
  decoder: Decoder<Frame>,
  options: BlockingOptions,
): IterableIterator<Frame> {
  checkByteStream('socket', socket, Claim.Reading);
  checkMethods('decoder', 'a Decoder', decoder, ['decode', 'decodeEnd']);
  deadlineOf(options); // refuses bad arguments now, not at the first frame
  // No generator: after an error that would be at its end, as if the stream were.
  return {
    next() {
      checkByteStream('socket', socket, Claim.Reading); // an Observable may have claimed it since
      const frame = nextFrame(socket, decoder, 'frames', deadlineOf(options));
      return frame === undefined ? { done: true, value: undefined } : { done: false, value: frame };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}
