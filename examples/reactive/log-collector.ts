// Collects records, one JSON text a line, in a file: at the pace of the disk, and so many a second of each client.
//
//   npx tsx examples/reactive/log-collector.ts --path /tmp/log.sock /tmp/log.ndjson 1000
import { open } from 'node:fs/promises';
import {
  asyncScheduler,
  concat,
  from,
  ignoreElements,
  map,
  type MonoTypeOperatorFunction,
  type Observable,
  type ObservableInput,
  of,
  type SchedulerLike,
  timer,
} from 'rxjs';
import { ndjson } from 'bipoll/framing';
import {
  type Connection,
  decode,
  listen,
  pacedMap,
  serve,
  type ServeOptions,
} from 'bipoll/reactive';
import { misused, readArguments } from '../arguments';
import { announce } from './announce';
import { stopSignal$ } from './stopSignal';

/** Appends a line to the log, and completes once it is written. */
export type Append = (line: string) => ObservableInput<unknown>;

export interface CollectOptions extends ServeOptions {
  /** Records that each client may send in a second; no limit by default. */
  perSecond?: number;
}

export interface Entry {
  /** Milliseconds since 1970. */
  received: number;
  record: unknown;
}

/**
 * Nothing is dropped: a client that is faster than its rate or than the disk is not read meanwhile. A client that
 * sends no JSON is closed; a log that cannot be written is an error of the whole.
 *
 * @returns what was written
 */
export function collect(
  connections$: Observable<Connection>,
  append: Append,
  { perSecond = Infinity, ...options }: CollectOptions = {},
): Observable<Entry> {
  const { scheduler = asyncScheduler } = options;
  const entriesOf = ({ data$ }: Connection) =>
    data$.pipe(
      decode(ndjson()),
      pace(perSecond, scheduler),
      map((record): Entry => ({ received: scheduler.now(), record })),
    );
  return connections$.pipe(
    serve(entriesOf, options),
    // Until a line is written, the client that it came from is not read.
    pacedMap((entry) => {
      const written$ = from(append(`${JSON.stringify(entry)}\n`)).pipe(ignoreElements());
      return concat(written$, of(entry));
    }),
  );
}

/** Milliseconds by which a client may be ahead: timers are late, which shall not slow it down. */
const SLACK = 100;

/** Lets values through at a rate, and holds the client back that they come from. */
function pace<T>(perSecond: number, scheduler: SchedulerLike): MonoTypeOperatorFunction<T> {
  let due = -Infinity;
  return pacedMap((value) => {
    const now = scheduler.now();
    due = Math.max(due + 1000 / perSecond, now - SLACK);
    return due <= now ? of(value) : timer(due - now, scheduler).pipe(map(() => value));
  });
}

async function main(): Promise<void> {
  const usage = 'log-collector (--path PATH | --port PORT) FILE [RECORDS-PER-SECOND]';
  const { target, rest } = readArguments(usage);
  const [path = 'log.ndjson', perSecond = 'Infinity'] = rest;
  if (!(Number(perSecond) > 0)) misused(usage);
  const file = await open(path, 'a');
  const connections$ = listen(target, { replaceStale: true, onListening: announce });
  collect(connections$, (line) => file.appendFile(line), {
    perSecond: Number(perSecond),
    stop$: stopSignal$,
  }).subscribe();
}

if (require.main === module) void main();
