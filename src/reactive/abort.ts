import { Observable } from 'rxjs';
import { checkInstance } from '../core/argument';

/** Ends an Observable when a signal is aborted: with the error that `errorOf` makes, or without. */
export function untilAborted<T>(
  source: Observable<T>,
  signal: AbortSignal,
  errorOf: (signal: AbortSignal) => Error | null,
): Observable<T> {
  checkInstance('signal', AbortSignal, signal);
  return new Observable((subscriber) => {
    const onAbort = () => {
      const error = errorOf(signal);
      if (error) subscriber.error(error);
      else subscriber.complete();
    };
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort);
    subscriber.add(() => {
      signal.removeEventListener('abort', onAbort);
    });
    subscriber.add(source.subscribe(subscriber));
  });
}

/** The operation was aborted (`ABORT_ERR`). `cause` is the signal's reason. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';
}
