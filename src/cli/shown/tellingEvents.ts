import { catchError, concat, defer, ignoreElements, type Observable, throwError } from 'rxjs';
import type { Peer } from '../endpoints/Peer';
import type { Stdio } from '../endpoints/stdio';
import { failureFields, jsonLine } from './json';

/** Writes for `--json` when talking with a peer begins, when it is over, and why. */
export function tellingEvents(
  peer: Peer,
  stdio: Stdio,
  json: boolean,
  talk$: Observable<unknown>,
): Observable<never> {
  if (!json) return talk$.pipe(ignoreElements());
  const event = (name: string, fields = {}) =>
    defer(() => stdio.send([jsonLine(name, { peer: peer.name, ...fields })]));
  return concat(event('open'), talk$, event('close')).pipe(
    catchError((error: unknown) =>
      concat(
        event('close', failureFields(error)),
        throwError(() => error),
      ),
    ),
    ignoreElements(),
  );
}
