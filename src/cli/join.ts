import {
  catchError,
  concat,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  merge,
  type Observable,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import type { Peer } from './endpoints/Peer';

/** From the first to the second, or back. */
export type Direction = 'sent' | 'received';

/** Is told of each chunk that is passed on. */
export type OnChunk = (direction: Direction, bytes: Uint8Array) => void;

/** How two peers are joined. */
export interface Joining {
  readonly onChunk: OnChunk;
  /** When this fails, both connections are reset, and the Observable fails with the same. */
  readonly cut$: Observable<never>;
}

/**
 * Passes on what comes either way, and each end. A slow peer holds back the other one. When one direction is over, the other
 * one goes on as long as there is somebody to hear it.
 *
 * A stream that breaks is broken for the other side as well: it gets what came before, and then a reset, as an end would make
 * the stream look complete.
 *
 * An error of the Observable, once both directions are over: what broke first.
 */
export function join(first: Peer, second: Peer, { onChunk, cut$ }: Joining): Observable<never> {
  let failure: { readonly error: unknown } | null = null;

  const pass = (source: Peer, sink: Peer, direction: Direction): Observable<never> => {
    let isBroken = false;
    const bytes$ = source.data$.pipe(
      tap((bytes) => {
        onChunk(direction, bytes);
      }),
      catchError((error: unknown) => {
        isBroken = !isRefusal(error);
        failure ??= { error };
        return EMPTY;
      }),
    );
    return sink.send(bytes$).pipe(
      ignoreElements(),
      tap({
        complete() {
          if (isBroken) sink.reset();
          else sink.end();
        },
      }),
      catchError((error: unknown) => {
        failure ??= { error };
        return EMPTY; // it takes nothing more, but may have said why
      }),
    );
  };

  return concat(
    merge(pass(first, second, 'sent'), pass(second, first, 'received')),
    defer(() => (failure ? throwError(() => failure?.error) : EMPTY)),
  ).pipe(
    takeUntil(cut$),
    tap({
      error() {
        first.reset(); // nothing, if they are closed already
        second.reset();
      },
    }),
    finalize(() => {
      first.leave();
      second.leave();
    }),
  );
}

/** A peer that has ended, and then refuses what we send, fails with that refusal. Its own stream was complete. */
function isRefusal(error: unknown): boolean {
  return (error as { syscall?: unknown }).syscall === 'write';
}
