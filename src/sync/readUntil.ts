import { types } from 'node:util';
import { checkArray, checkBytes, invalidValue } from '../core/argument';
import { type ByteStream, checkByteStream } from '../core/ByteStream';
import { Claim } from '../core/Socket';
import { EndOfStreamError } from './EndOfStreamError';
import { LimitExceededError } from './LimitExceededError';
import { collectingOf, type CollectingOptions } from './options';
import { receive, takeUnread } from './receive';

/**
 * Reads up to and including a delimiter. Of several delimiters the one that is complete first counts, however the bytes
 * arrive: of `'\r'` and `'\r\n'` that is always `'\r'`.
 *
 * @param delimiters one, or a list of at least one: each text (as UTF-8) or bytes, at least one
 * @throws TimeoutError it did not arrive in time. What did is there for the next call, as for all of these
 * @throws EndOfStreamError the peer ended before it
 * @throws LimitExceededError it is not among the first `maxBytes`
 *
 * @example
 * const reply = readUntil(socket, '\n', { timeout: 500 }).toString();
 */
export function readUntil(
  socket: ByteStream,
  delimiters: string | Uint8Array | readonly (string | Uint8Array)[],
  options: CollectingOptions,
): Buffer {
  checkByteStream('socket', socket, Claim.Reading);
  const wanted = checkDelimiters(delimiters);
  const longest = wanted.reduce((most, { length }) => Math.max(most, length), 0);
  const { deadline, maxBytes } = collectingOf(options);
  const { unread } = socket;
  let searched = 0;
  try {
    for (;;) {
      const end = unread.length > searched ? findEnd(unread.view(), wanted, searched) : Infinity;
      if (end <= maxBytes) return takeUnread(socket, end);
      if (end < Infinity || unread.length >= maxBytes) {
        throw new LimitExceededError('readUntil', maxBytes);
      }
      // A part of a delimiter may be there already.
      searched = Math.max(0, unread.length - longest + 1);
      if (!receive(socket, 'readUntil', deadline, 'no delimiter came')) {
        throw new EndOfStreamError('readUntil', unread.length);
      }
    }
  } finally {
    socket.unreadChanged();
  }
}

function checkDelimiters(delimiters: unknown): Uint8Array[] {
  const isOne = typeof delimiters === 'string' || types.isUint8Array(delimiters);
  const list = isOne
    ? [delimiters]
    : checkArray('delimiters', 'text, bytes, or an array of these', delimiters);
  if (list.length === 0) throw invalidValue('delimiters', 'must not be empty', delimiters);
  return list.map((delimiter) => {
    const bytes = typeof delimiter === 'string' ? Buffer.from(delimiter) : delimiter;
    if (checkBytes('delimiters', bytes).length === 0) {
      throw invalidValue('delimiters', 'must not be empty', delimiter);
    }
    return bytes as Uint8Array;
  });
}

/** Where the delimiter that is complete first ends, looking from `from` on; Infinity if there is none. */
function findEnd(bytes: Buffer, delimiters: readonly Uint8Array[], from: number): number {
  let end = Infinity;
  for (const delimiter of delimiters) {
    const begin = bytes.indexOf(delimiter, from);
    if (begin >= 0) end = Math.min(end, begin + delimiter.length);
  }
  return end;
}
