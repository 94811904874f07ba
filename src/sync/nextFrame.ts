import type { ByteStream } from '../core/ByteStream';
import { FramingError, type Decoded, type Decoder } from '../framing';
import type { Deadline } from './Deadline';
import { receive } from './receive';

/**
 * Waits for the next frame of a stream, and consumes its bytes and no others.
 *
 * @param verb for whom, in the errors
 * @returns undefined at the end of the stream
 */
export function nextFrame<Frame>(
  socket: ByteStream,
  decoder: Decoder<Frame>,
  verb: string,
  deadline: Deadline,
): Frame | undefined {
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
        hasEnded = !receive(socket, verb, deadline, 'no whole frame came');
      }
    }
  } finally {
    socket.unreadChanged();
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
