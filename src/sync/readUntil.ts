import { checkBytes, invalidValue } from '../core/argument';
import type { StreamSocket } from '../core/StreamSocket';
import { EndOfStreamError } from './EndOfStreamError';
import { LimitExceededError } from './LimitExceededError';
import { collectingOf, type CollectingOptions } from './options';
import { checkStream, receive, takeUnread } from './receive';

/**
 * Reads up to and with a delimiter.
 *
 * @param delimiter text (as UTF-8) or bytes, at least one
 * @throws TimeoutError it did not arrive in time. What did is there for the next call, as for all of these
 * @throws EndOfStreamError the peer ended before it
 * @throws LimitExceededError it is not among the first `maxBytes`
 *
 * @example
 * const reply = readUntil(socket, '\n', { timeout: 500 }).toString();
 */
export function readUntil(
  socket: StreamSocket,
  delimiter: string | Uint8Array,
  options: CollectingOptions,
): Buffer {
  checkStream(socket);
  const wanted = typeof delimiter === 'string' ? Buffer.from(delimiter) : delimiter;
  if (checkBytes('delimiter', wanted).length === 0) {
    throw invalidValue('delimiter', 'must not be empty', delimiter);
  }
  const { deadline, maxBytes } = collectingOf(options);
  const { unread } = socket;
  let searched = 0;
  try {
    for (;;) {
      const found = unread.length > searched ? unread.view().indexOf(wanted, searched) : -1;
      const length = found + wanted.length;
      if (found >= 0 && length <= maxBytes) return takeUnread(socket, length);
      if (found >= 0 || unread.length >= maxBytes) {
        throw new LimitExceededError('readUntil', maxBytes);
      }
      // A part of the delimiter may be there already.
      searched = Math.max(0, unread.length - wanted.length + 1);
      if (!receive(socket, 'readUntil', deadline, 'no delimiter came')) {
        throw new EndOfStreamError('readUntil', unread.length);
      }
    }
  } finally {
    socket.holdUnread();
  }
}
