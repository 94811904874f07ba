import {
  endWith,
  finalize,
  forkJoin,
  interval,
  lastValueFrom,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  take,
  takeUntil,
  takeWhile,
  tap,
  timer,
} from 'rxjs';
import type { Connection } from 'bipoll/reactive';
import type { ValuesOf } from '../arguments/Option';
import { Pace } from '../bench/Pace';
import { echoed, type Exchange, roundTrips } from '../bench/roundTrips';
import { liveLine, reportOf } from '../bench/report';
import { Tally } from '../bench/Tally';
import type { Run } from '../Command';
import type { benchOptions } from '../definitions/bench';
import { connectionTo } from '../endpoints/connectTo';
import { readEndpoint } from '../endpoints/Endpoint';
import { ExitCode, UsageError } from '../exitCodes';
import { framingOf } from '../framings';
import { paletteFor } from '../shown/colours';
import { bar, Progress } from '../shown/Progress';
import { stopping } from '../stopping';

type Values = ValuesOf<typeof benchOptions>;

const OVER = Symbol('over');
/** Milliseconds between two looks at the figures. */
const LIVE_PERIOD = 200;

/** Measures round trips. */
export const run: Run<typeof benchOptions> = async (values, [target], stopSignal) => {
  const stop$ = stopping(stopSignal);
  const { connections = 1, timeout, ca, servername, insecure, json } = values;
  const exchange = exchangeOf(values);
  const tls = { ca, servername, insecure };
  const connection$ = connectionTo(readEndpoint(target!), { timeout, tls }).pipe(take(1));
  const progress = new Progress();
  const tally = new Tally();
  const bench$ = forkJoin(Array.from({ length: connections }, () => connection$)).pipe(
    mergeMap((all) => load(all, exchange, tally, values, progress)),
    takeUntil(stop$),
  );
  try {
    await lastValueFrom(bench$, { defaultValue: undefined });
  } finally {
    progress.clear();
  }
  process.stdout.write(reportOf(tally, connections, json, paletteFor(process.stdout)));
  if (tally.requests === 0 && !stopSignal.aborted) {
    throw new Error('The server has answered nothing');
  }
  return ExitCode.done;
};

/** All connections at work at once. */
function load(
  connections: readonly Connection[],
  exchange: Exchange,
  tally: Tally,
  { duration = 5000, requests, rate }: Values,
  progress: Progress,
): Observable<unknown> {
  const pace = new Pace(rate, requests ?? Infinity);
  const share = () =>
    requests === undefined ? (1000 * tally.seconds) / duration : tally.requests / requests;
  const show$ = interval(LIVE_PERIOD).pipe(
    tap(() => {
      progress.show(() => `${bar(Math.min(1, share()))} ${liveLine(tally)}`);
    }),
  );
  tally.start();
  pace.start(performance.now());
  const trips$ = merge(
    ...connections.map((connection) => roundTrips(connection, exchange, tally, pace)),
  );
  return merge(trips$.pipe(endWith(OVER)), show$).pipe(
    takeWhile((value) => value !== OVER),
    takeUntil(requests === undefined ? timer(duration) : NEVER),
    finalize(() => {
      tally.stop();
      const now = performance.now();
      for (const { due, count } of pace.overdue(now)) tally.onUnanswered(now - due, count);
      for (const connection of connections) connection.close();
    }),
  );
}

function exchangeOf({ frame, request, size = 64 }: Values): Exchange {
  if (frame === undefined) {
    if (request !== undefined) throw new UsageError('--request needs --frame');
    return { request: Buffer.alloc(size, 'x'), answers: echoed(size) };
  }
  const framing = framingOf(frame);
  const line = request === undefined ? Buffer.alloc(size, 'x') : Buffer.from(request);
  return { request: framing.encode(line, 0), answers: framing.cut };
}
