import { checkInteger } from '../core/argument';
import { type ByteStream, checkByteStream } from '../core/ByteStream';
import { Claim } from '../core/Socket';
import { EndOfStreamError } from './EndOfStreamError';
import { deadlineOf, MAX_BYTES, type BlockingOptions } from './options';
import { receive, takeUnread } from './receive';

/**
 * Reads exactly `n` bytes, waiting for all of them.
 *
 * @throws TimeoutError they did not all arrive in time. Those that did are there for the next call
 * @throws EndOfStreamError the peer ended before. What had arrived is there for the next call
 *
 * @example
 * const length = readExactly(socket, 4, { timeout: 500 }).readUInt32BE();
 * const body = readExactly(socket, length, { timeout: 5000 });
 */
export function readExactly(socket: ByteStream, n: number, options: BlockingOptions): Buffer {
  checkByteStream('socket', socket, Claim.Reading);
  checkInteger('n', n, 0, MAX_BYTES);
  const deadline = deadlineOf(options);
  const { unread } = socket;
  try {
    while (unread.length < n) {
      if (!receive(socket, 'readExactly', deadline, `not all of ${n} bytes came`)) {
        throw new EndOfStreamError('readExactly', unread.length);
      }
    }
    return takeUnread(socket, n);
  } finally {
    socket.unreadChanged();
  }
}
