import { debounceTime, mergeMap, NEVER, type Observable, startWith, throwError } from 'rxjs';

/** Nothing was said for as long as `--idle-timeout` allows. */
export class IdleError extends Error {
  override readonly name = 'IdleError';
  readonly code = 'ETIMEDOUT';
}

/** Fails with {@link IdleError} when there was no activity for so many milliseconds; never, if that is undefined. */
export function idleness(
  activity$: Observable<unknown>,
  timeout: number | undefined,
): Observable<never> {
  if (timeout === undefined) return NEVER;
  return activity$.pipe(
    startWith(undefined),
    debounceTime(timeout),
    mergeMap(() => throwError(() => new IdleError(`nothing moved for ${timeout} ms`))),
  );
}
