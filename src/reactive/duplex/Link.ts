import type { Connection } from '../connection/Connection';
import { type Reading, readingOf } from '../connection/Reading';
import type { Sendable } from '../connection/Sendable';
import type { Outgoing, WhenDrained } from '../send';

/** What a Duplex runs over, once it is connected. */
export interface Link {
  readonly connection: Connection & Outgoing;
  readonly reading: Reading;
}

/** @throws TypeError `ERR_INVALID_ARG_TYPE` */
export function linkOf(connection: Connection): Link {
  const reading = readingOf('connection', connection);
  return { connection: connection as Connection & Outgoing, reading }; // all that can be held back are both
}

/**
 * Calls back once the system has taken the chunks, or with the reason why it never will. One chunk needs no source to be
 * held back: it is written at once.
 */
export function send(
  { connection, reading }: Link,
  chunks: readonly Sendable[],
  done: WhenDrained,
): void {
  const [first, ...others] = chunks;
  if (others.length > 0) {
    connection.send(chunks).subscribe({
      error: done,
      complete: () => {
        done(null);
      },
    });
    return;
  }
  try {
    if (first !== undefined) connection.write(first);
  } catch (error) {
    done(reading.reason ?? (error as Error));
    return;
  }
  connection.whenDrained(done);
}
