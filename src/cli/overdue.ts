import { delay, mergeMap, type Observable, throwError } from 'rxjs';

/** Milliseconds for which those who are being served may go on once the process was told to stop. */
const GRACE = 5000;

/** The `grace` of `serve`. It is for clients that only have to end their side: what is at work has failed by then. */
export const LAST_GRACE = GRACE + 500;

/** A client was still being served when the time to finish was over. */
export class OverdueError extends Error {
  override readonly name = 'OverdueError';
  readonly code = 'ETIMEDOUT';

  constructor() {
    super(`cut off: not finished ${GRACE / 1000} s after the signal to stop`);
  }
}

/** Fails with {@link OverdueError} when the time to finish is over. */
export function overdue(stop$: Observable<unknown>): Observable<never> {
  return stop$.pipe(
    delay(GRACE),
    mergeMap(() => throwError(() => new OverdueError())),
  );
}
