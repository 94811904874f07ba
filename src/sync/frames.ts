import { checkMethods } from '../core/argument';
import type { StreamSocket } from '../core/StreamSocket';
import { FramingError, type Decoded, type Decoder } from '../framing';
import { deadlineOf, type BlockingOptions } from './options';
import { checkStream, receive } from './receive';

/**
 * The frames of a stream, until the peer ends it. `timeout` is for each frame.
 *
 * Only the bytes of frames that were handed out are consumed: after a `break`, or a timeout, any verb goes on
 * right behind the last one, and so does one in the body of the loop.
 *
 * @throws TimeoutError no whole frame arrived in time. The next `next()` goes on from there
 * @throws FramingError the bytes are no frame, or one over the decoder's limit
 *
 * @example
 * for (const line of frames(socket, lines(), { timeout: 1000 })) console.log(line);
 */
export function frames<Frame>(
  socket: StreamSocket,
  decoder: Decoder<Frame>,
  options: BlockingOptions,
): IterableIterator<Frame> {
  checkStream(socket);
  checkMethods('decoder', 'a Decoder', decoder, ['decode', 'decodeEnd']);
  deadlineOf(options); // refuses what is wrong now, not at the first frame
  // No generator: after an error that would be at its end, as if the stream were.
  return {
    next() {
      const frame = nextFrame(socket, decoder, options);
      return frame === undefined ? { done: true, value: undefined } : { done: false, value: frame };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}

function nextFrame<Frame>(
  socket: StreamSocket,
  decoder: Decoder<Frame>,
  options: BlockingOptions,
): Frame | undefined {
  checkStream(socket); // which an Observable may have taken since
  const deadline = deadlineOf(options);
  const { unread } = socket;
  let seen = 0;
  let hasEnded = false;
  try {
    for (;;) {
      const bytes = unread.view();
      const decoded = decodeNext(decoder, bytes, seen, hasEnded);
      if (decoded) {
        // Copied before its bytes are consumed, since their memory is used again.
        const frame =
          decoded.frame !== undefined && decoder.copyFrame
            ? decoder.copyFrame(decoded.frame)
            : decoded.frame;
        unread.consume(decoded.length);
        seen = 0;
        if (frame !== undefined) return frame;
      } else if (hasEnded) {
        return undefined;
      } else {
        if (bytes.length >= decoder.maxEncodedBytes) {
          throw new FramingError(
            'ERR_FRAME_TOO_LARGE',
            `A frame is longer than ${decoder.maxEncodedBytes} bytes`,
          );
        }
        seen = bytes.length;
        hasEnded = !receive(socket, 'frames', deadline, 'no whole frame came');
      }
    }
  } finally {
    socket.holdUnread();
  }
}

function decodeNext<Frame>(
  decoder: Decoder<Frame>,
  bytes: Buffer,
  seen: number,
  hasEnded: boolean,
): Decoded<Frame> | null {
  const decoded = bytes.length > seen ? decoder.decode(bytes, seen) : null;
  return decoded ?? (hasEnded && bytes.length > 0 ? decoder.decodeEnd(bytes) : null);
}
