import { catchError, EMPTY, finalize, forkJoin, map, type Observable, startWith, tap } from 'rxjs';
import type { Peer } from './endpoints/Peer';

/** Bytes that were passed on. */
export interface Passed {
  /** From the first to the second. */
  readonly sent: number;
  readonly received: number;
}

/** Is told of each chunk that is passed on. */
export type OnChunk = (direction: keyof Passed, bytes: Uint8Array) => void;

/**
 * Passes on what comes either way, and each end. Whoever is slow holds back the other side. Whatever ends one direction, the
 * other goes on as long as there is somebody to hear it.
 */
export function join(first: Peer, second: Peer, onChunk: OnChunk): Observable<Passed> {
  return forkJoin({
    sent: pass(first, second, 'sent', onChunk),
    received: pass(second, first, 'received', onChunk),
  }).pipe(
    finalize(() => {
      first.leave();
      second.leave();
    }),
  );
}

function pass(
  source: Peer,
  sink: Peer,
  direction: keyof Passed,
  onChunk: OnChunk,
): Observable<number> {
  let count = 0;
  let isBroken = false;
  const bytes$ = source.data$.pipe(
    tap((bytes) => {
      count += bytes.length;
      onChunk(direction, bytes);
    }),
    catchError(() => {
      isBroken = true; // there is nobody left to answer to
      return EMPTY;
    }),
  );
  return sink.send(bytes$).pipe(
    tap({
      complete() {
        if (isBroken) sink.close();
        else sink.end();
      },
    }),
    catchError(() => EMPTY), // it takes nothing more, but may have said why
    startWith(undefined),
    map(() => count),
  );
}
