import { type Observable, throwError } from 'rxjs';
import type { Connection } from '../reactive/connection/Connection';
import { type Reading, readingOf } from '../reactive/connection/Reading';
import type { Sendable } from '../reactive/connection/Sendable';
import type { Outgoing } from '../reactive/send';

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

/** Completes once the system has taken the chunks. One chunk needs no source to be held back: it is written at once. */
export function sent(
  { connection, reading }: Link,
  chunks: readonly Sendable[],
): Observable<unknown> {
  const [first, ...others] = chunks;
  if (others.length > 0) return connection.send(chunks);
  try {
    if (first !== undefined) connection.write(first);
    return connection.drained$;
  } catch (error) {
    return throwError(() => reading.reason ?? error);
  }
}
