import { Observable, tap } from 'rxjs';
import { checkInstance } from '../core/argument';
import type { Connection } from './connection/Connection';

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

/** Closes the one connection at once when the signal is aborted. */
export function openUntilAborted<Made extends Connection>(
  source: Observable<Made>,
  signal: AbortSignal,
): Observable<Made> {
  const closing = new Observable<Made>((subscriber) => {
    let connection: Made | null = null;
    // Before the source is unsubscribed from, which closes it in order.
    subscriber.add(() => {
      if (signal.aborted) connection?.close(aborted(signal));
    });
    subscriber.add(
      source
        .pipe(
          tap((made) => {
            connection = made;
          }),
        )
        .subscribe(subscriber),
    );
  });
  return untilAborted(closing, signal, aborted);
}

function aborted({ reason }: AbortSignal): AbortError {
  return new AbortError('The operation was aborted', { cause: reason });
}

/** The operation was aborted (`ABORT_ERR`). `cause` is the signal's reason. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';
}
