import { catchError, EMPTY, type MonoTypeOperatorFunction } from 'rxjs';
import type { Connection } from 'bipoll/reactive';

/** What fails one connection ends that one, and is no error of the server: the others go on. */
export function closeOnError<T>(connection: Connection): MonoTypeOperatorFunction<T> {
  return catchError((error: unknown) => {
    // After a reset it is closed already; after a frame that is none, the peer would wait for an answer.
    connection.close(error instanceof Error ? error : undefined);
    return EMPTY;
  });
}
