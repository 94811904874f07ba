import {
  forkJoin,
  lastValueFrom,
  map,
  merge,
  mergeMap,
  of,
  type Observable,
  retry,
  take,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { ValuesOf } from '../arguments/Option';
import type { Run } from '../Command';
import type { waitOptions } from '../definitions/wait';
import { connectionTo } from '../endpoints/connectTo';
import { type Endpoint, readEndpoint, textOf } from '../endpoints/Endpoint';
import { ExitCode, exitCodeOf } from '../exitCodes';
import { jsonLine } from '../shown/json';
import { messageOf, tell, tellError } from '../shown/messages';
import { Progress } from '../shown/Progress';
import { stopping } from '../stopping';

/** Milliseconds for one attempt at most: a host that drops packets now may answer later. */
const LONGEST_ATTEMPT = 2000;

/** Waits until all targets answer. */
export const run: Run<typeof waitOptions> = async (values, words, stopSignal) => {
  const stop$ = stopping(stopSignal);
  const { timeout = 30_000, json } = values;
  const endpoints = words.map(readEndpoint);
  const progress = new Progress();
  const start = performance.now();
  const seconds = () => Math.round(performance.now() - start) / 1000;
  const pending = new Map<string, string>(); // what each last failed with
  const attempts = endpoints.map((endpoint) => {
    const target = textOf(endpoint);
    pending.set(target, 'no answer');
    return answer(endpoint, values, (error) => {
      pending.set(target, messageOf(error));
      progress.show(() => `waiting for ${target}: ${messageOf(error)} (${seconds()} s)`);
    }).pipe(
      tap(() => {
        pending.delete(target);
        progress.clear();
        if (json) process.stdout.write(jsonLine('answers', { target, seconds: seconds() }));
        else tell(`${target} answers after ${seconds()} s`);
      }),
    );
  });
  const all$ = forkJoin(attempts).pipe(map(() => ExitCode.done));
  const late$ = timer(timeout).pipe(map(() => ExitCode.timedOut));
  const first$ = merge(all$, late$).pipe(take(1), takeUntil(stop$));
  const exitCode = await lastValueFrom(first$, { defaultValue: ExitCode.failed }).finally(() => {
    progress.clear();
  });
  if (exitCode !== ExitCode.timedOut) return exitCode;
  for (const [target, reason] of pending) {
    if (json) process.stdout.write(jsonLine('silent', { target, reason, seconds: seconds() }));
    else tellError(`${target} did not answer within ${timeout / 1000} s: ${reason}`);
  }
  return exitCode;
};

/** One connection, after however many failures. */
function answer(
  endpoint: Endpoint,
  { interval = 250, ca, servername, insecure }: ValuesOf<typeof waitOptions>,
  onFailure: (error: unknown) => void,
): Observable<undefined> {
  const tls = { ca, servername, insecure };
  return connectionTo(endpoint, { timeout: LONGEST_ATTEMPT, tls }).pipe(
    take(1),
    mergeMap((connection) => {
      connection.close(); // completes its source at once, so `map` would be too late
      return of(undefined);
    }),
    retry({
      delay(error) {
        if (exitCodeOf(error) === ExitCode.misused) return throwError(() => error as unknown);
        onFailure(error);
        return timer(interval);
      },
    }),
  );
}
