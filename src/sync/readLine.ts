import type { StreamSocket } from '../core/StreamSocket';
import { lines } from '../framing';
import { nextFrame } from './nextFrame';
import { collectingOf, type CollectingOptions } from './options';
import { checkStream } from './receive';

/**
 * Reads a line of UTF-8 text, without its end, which is `\n` or `\r\n`. The last line of a stream may lack it.
 *
 * @returns null at the end of the stream
 * @throws TimeoutError the end of the line did not arrive in time. What did is there for the next call
 * @throws FramingError `ERR_FRAME_TOO_LARGE`: the line has more than `maxBytes`
 *
 * @example
 * writeAll(socket, 'PING\r\n', { timeout: 500 });
 * console.log(readLine(socket, { timeout: 500 })); // +PONG
 */
export function readLine(socket: StreamSocket, options: CollectingOptions): string | null {
  checkStream(socket);
  const { deadline, maxBytes } = collectingOf(options);
  return nextFrame(socket, lines({ maxBytes }), 'readLine', deadline) ?? null;
}
