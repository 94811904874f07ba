import { defer, fromEvent, type Observable, of, take } from 'rxjs';

/** Emits when the process is told to stop, or has been. */
export function stopping(signal: AbortSignal): Observable<unknown> {
  return defer(() => (signal.aborted ? of(undefined) : fromEvent(signal, 'abort').pipe(take(1))));
}
