import { catchError, from, map, mergeMap, of, take, takeUntil, tap } from 'rxjs';
import { lastValueFrom } from 'rxjs';
import { connect } from 'bipoll/reactive';
import type { Run } from '../Command';
import { readPorts } from '../arguments/read';
import type { scanOptions } from '../definitions/scan';
import { placeText } from '../endpoints/Endpoint';
import { resolved } from '../endpoints/resolved';
import { codeOf, ExitCode } from '../exitCodes';
import { jsonLine } from '../shown/json';
import { tell } from '../shown/messages';
import { bar, Progress } from '../shown/Progress';
import { stopping } from '../stopping';

/** What a port turned out to be. */
type State = 'open' | 'closed' | 'silent';

/** What a connect fails with, but for a refusal, where nothing comes from the host, or from a router on the way. */
const SILENT = new Set([
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EACCES',
  'EPERM',
]);

/** Finds open ports. */
export const run: Run<typeof scanOptions> = async (values, words, stopSignal) => {
  const stop$ = stopping(stopSignal);
  const [host = '', ports = ''] = words;
  const { timeout = 1000, concurrency = 200, json } = values;
  const all = readPorts(ports);
  const address = await resolved(host);
  const counts: Record<State, number> = { open: 0, closed: 0, silent: 0 };
  const progress = new Progress();
  const start = performance.now();
  const scan$ = from(all).pipe(
    mergeMap(
      (port) => stateOf(address, port, timeout).pipe(map((state) => ({ port, state }))),
      concurrency,
    ),
    tap(({ port, state }) => {
      counts[state]++;
      if (state === 'open') {
        progress.clear();
        const found = { host: address, port };
        process.stdout.write(
          json ? jsonLine('open', found) : `tcp://${placeText(address, port)}\n`,
        );
      }
      const done = counts.open + counts.closed + counts.silent;
      progress.show(
        () => `${bar(done / all.length)} ${done}/${all.length} ports, ${counts.open} open`,
      );
    }),
    takeUntil(stop$),
  );
  try {
    await lastValueFrom(scan$, { defaultValue: undefined });
  } finally {
    progress.clear();
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (json) process.stdout.write(jsonLine('done', { ...counts, seconds: Number(seconds) }));
  else
    tell(`${counts.open} open, ${counts.closed} closed, ${counts.silent} silent, in ${seconds} s`);
  return counts.open > 0 ? ExitCode.done : ExitCode.failed;
};

/** An error of the Observable: what is our own fault, such as `EMFILE`. */
function stateOf(host: string, port: number, timeout: number) {
  return connect({ host, port }, { timeout }).pipe(
    take(1),
    mergeMap((connection) => {
      connection.close(); // completes its source at once, so `map` would be too late
      return of<State>('open');
    }),
    catchError((error: unknown) => {
      const code = codeOf(error) ?? '';
      if (code === 'ECONNREFUSED') return of<State>('closed');
      // It was there, and has hung up on us at once.
      if (code === 'ECONNRESET') return of<State>('open');
      if (SILENT.has(code)) return of<State>('silent');
      throw error;
    }),
  );
}
