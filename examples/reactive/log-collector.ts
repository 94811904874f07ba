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
  mergeMap,
  type MonoTypeOperatorFunction,
  type Observable,
  type ObservableInput,
  of,
  type SchedulerLike,
  timer,
} from 'rxjs';
import { ndjson } from 'bipoll/framing';
import { type Connection, decode, listen, pacedMap } from 'bipoll/reactive';
import { misused, readArguments } from '../arguments';
import { announce } from './announce';
import { closeOnError } from './closeOnError';

/** Appends a line to the log, and completes once it is written. */
export type Append = (line: string) => ObservableInput<unknown>;

export interface CollectOptions {
  /** Records that each client may send in a second; no limit by default. */
  perSecond?: number;
  scheduler?: SchedulerLike;
}

export interface Entry {
  /** Milliseconds since 1970. */
  received: number;
  record: unknown;
}

/**
 * Nothing is dropped: a client that is faster than its rate or than the disk is not read from meanwhile. A client that
 * sends no JSON is closed; a log that cannot be written is an error of the whole.
 *
 * @returns what was written
 */
export function collect(
  connections$: Observable<Connection>,
  append: Append,
  { perSecond = Infinity, scheduler = asyncScheduler }: CollectOptions = {},
): Observable<Entry> {
  return connections$.pipe(
    mergeMap((connection) =>
      connection.data$.pipe(
        decode(ndjson()),
        closeOnError(connection),
        pace(perSecond, scheduler),
        map((record): Entry => ({ received: scheduler.now(), record })),
        // Until a line is written, the client is not read from.
        pacedMap((entry) => {
          const written$ = from(append(`${JSON.stringify(entry)}\n`)).pipe(ignoreElements());
          return concat(written$, of(entry));
        }),
      ),
    ),
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
  }).subscribe();
}

if (require.main === module) void main();
