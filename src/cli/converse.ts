import {
  catchError,
  concat,
  debounceTime,
  defer,
  EMPTY,
  finalize,
  ignoreElements,
  merge,
  type Observable,
  of,
  startWith,
  Subject,
  switchMap,
  takeUntil,
  tap,
  throwError,
} from 'rxjs';
import type { Peer } from './endpoints/Peer';
import type { Stdio } from './endpoints/stdio';
import { type Framing, frameLines } from './framings';
import { pieces } from './pieces';
import type { OnEnd } from './definitions/onEnd';
import type { Traffic } from './shown/Traffic';

/** Milliseconds for which stdin may bring nothing, once the peer has ended its side: then it is not waited for. */
const INPUT_SILENCE = 500;

/** How stdin and stdout talk with a peer. */
export interface Conversation {
  readonly traffic: Traffic;
  /** Makes frames of lines; null: stdin is sent as it comes, cut where a chunk is too long for the peer. */
  readonly framing: Framing | null;
  readonly onEnd: OnEnd;
}

/**
 * Sends stdin to a peer and writes what comes to stdout, until the peer has ended and all of it is written. Then whatever
 * stdin still has at hand is sent as well: the peer may only have ended its own side.
 *
 * A failure to send is an error only after what the peer had to say, which may tell why.
 */
export function converse(
  peer: Peer,
  stdio: Stdio,
  { traffic, framing, onEnd }: Conversation,
): Observable<never> {
  const shown$ = new Subject<string>();
  const activity$ = new Subject<void>();
  const peerEnded$ = new Subject<void>();
  const inputOver$ = peerEnded$.pipe(
    switchMap(() =>
      stdio.isInteractive
        ? of(undefined)
        : activity$.pipe(startWith(undefined), debounceTime(INPUT_SILENCE)),
    ),
  );
  let failure: { error: unknown } | null = null;

  const input$ = stdio.data$.pipe(
    framing ? frameLines(framing) : pieces(peer.maxChunkBytes),
    takeUntil(inputOver$),
    tap((bytes) => {
      activity$.next();
      const text = traffic.sent(bytes);
      if (text !== null) shown$.next(text);
    }),
  );
  const outgoing$ = peer.send(input$).pipe(
    tap({
      complete() {
        if (onEnd === 'half-close') peer.end();
        if (onEnd === 'close') peer.close();
      },
    }),
    catchError((error: unknown) => {
      failure = { error };
      peer.leave(); // what it has to say still comes
      return EMPTY;
    }),
    finalize(() => {
      shown$.complete();
    }),
  );
  const received$ = traffic.received(peer.data$).pipe(
    finalize(() => {
      peerEnded$.next();
    }),
  );
  return concat(
    merge(stdio.send(merge(received$, shown$)), outgoing$),
    defer(() => (failure ? throwError(() => failure?.error) : EMPTY)),
  ).pipe(
    ignoreElements(),
    finalize(() => {
      peer.leave();
    }),
  );
}
