import { type ByteStream, checkByteStream } from '../core/ByteStream';
import { Claim } from '../core/Socket';
import { collectingOf, type CollectingOptions } from './options';
import { receiveOnce, takeUnread } from './receive';

/**
 * Reads what is there, at least one byte, waiting for it if need be.
 *
 * @returns up to `maxBytes`, and at most 64 KiB, in memory of their own; null at the end of the stream
 * @throws TimeoutError nothing arrived in time
 *
 * @example
 * for (let chunk; (chunk = readSome(socket, { timeout: 500 })); ) process.stdout.write(chunk);
 */
export function readSome(socket: ByteStream, options: CollectingOptions): Buffer | null {
  checkByteStream('socket', socket, Claim.Reading);
  const { deadline, maxBytes } = collectingOf(options);
  if (socket.unread.length > 0) {
    const bytes = takeUnread(socket, Math.min(maxBytes, socket.unread.length));
    socket.unreadChanged();
    return bytes;
  }
  return receiveOnce(socket, maxBytes, 'readSome', deadline);
}
