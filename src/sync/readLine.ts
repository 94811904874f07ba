import { type ByteStream, checkByteStream } from '../core/ByteStream';
import { Claim } from '../core/Socket';
import { lines } from '../framing';
import { nextFrame } from './nextFrame';
import { collectingOf, type CollectingOptions } from './options';

/**
 * Reads a line of UTF-8 text, without its end, which is `\n` or `\r\n`. The last line of a stream may lack it. Of a
 * terminal, pressing Ctrl-D gives the end as well, once.
 *
 * @returns null at the end of the stream
 * @throws TimeoutError the end of the line did not arrive in time. What did is there for the next call
 * @throws FramingError `ERR_FRAME_TOO_LARGE`: the line has more than `maxBytes`
 *
 * @example
 * writeAll(socket, 'PING\r\n', { timeout: 500 });
 * console.log(readLine(socket, { timeout: 500 })); // +PONG
 *
 * @example
 * const answer = readLine(adopt(0, 'descriptor'), { timeout: 5000 }); // a line from stdin
 */
export function readLine(socket: ByteStream, options: CollectingOptions): string | null {
  checkByteStream('socket', socket, Claim.Reading);
  const { deadline, maxBytes } = collectingOf(options);
  return nextFrame(socket, lines({ maxBytes }), 'readLine', deadline) ?? null;
}
