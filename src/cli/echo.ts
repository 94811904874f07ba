import { finalize, ignoreElements, merge, type Observable, Subject, tap } from 'rxjs';
import type { Peer } from './endpoints/Peer';
import type { Stdio } from './endpoints/stdio';
import type { Traffic } from './shown/Traffic';

/** Sends back what comes. @param traffic shows it on stdout as well; null: does not */
export function echo(peer: Peer, stdio: Stdio, traffic: Traffic | null): Observable<never> {
  if (!traffic) return peer.send(peer.data$).pipe(ignoreElements());
  const shown$ = new Subject<Uint8Array>();
  const echoed$ = peer.data$.pipe(
    tap((bytes) => {
      shown$.next(bytes);
    }),
    finalize(() => {
      shown$.complete();
    }),
  );
  return merge(stdio.send(traffic.received(shown$)), peer.send(echoed$)).pipe(ignoreElements());
}
