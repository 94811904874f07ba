import { types } from 'node:util';
import {
  Observable,
  type ObservableInput,
  type OperatorFunction,
  type Subscriber,
  takeWhile,
} from 'rxjs';
import { checkFunction, checkInteger, type OptionNames, optionsOf } from '../core/argument';
import type { Connection } from './connection/Connection';
import { Holds } from './pacing/Holds';
import { currentOrigin, Origin } from './pacing/Origin';
import { Queue } from './Queue';
import { QueueFullError } from './connection/QueueFullError';
import { type Reading, readingOf } from './connection/Reading';
import { sizeOf } from './pacing/sizeOf';
import { Upstream } from './pacing/Upstream';
import { resultOf } from './resultOf';

/** @see pacedMap */
export interface PacedMapOptions {
  /** How many inner Observables run at once; 1 by default: one after the other, in order. */
  concurrency?: number;
  /**
   * How many bytes of values may wait; 16 MiB by default, far more than one chunk brings. Only a source that cannot be
   * held back reaches this limit: the Observable then fails with a `QueueFullError`.
   *
   * Bytes count by their length, text by its number of UTF-16 units, anything else by the bytes of the chunk or frame
   * that it was made from, as far as that is known; and every value for 64 more.
   */
  maxQueuedBytes?: number;
  /** The connections to hold back, where the operator cannot see which one a value came from. */
  holds?: Connection | readonly Connection[];
}

const PACED_MAP_OPTIONS: OptionNames<PacedMapOptions> = {
  concurrency: true,
  maxQueuedBytes: true,
  holds: true,
};

/**
 * Maps each value to an Observable, a promise or an iterable, and emits what those emit, at the pace of the work: while
 * `concurrency` of them run, the connections that emitted the values are not read, and the kernel holds the peers back.
 * Nothing is lost, and what waits is bounded: by the frames of one chunk of each connection.
 *
 * It finds the connection through any operators and any composition that pass a value on as soon as they get it:
 * `switchMap`, `merge`, `defer`, a `Subject`. Behind operators that emit later, such as `delay`, it finds it if there is
 * only one. Otherwise it warns once (`BIPOLL_UNHELD_SOURCE`), and `holds` says which connections to hold back.
 *
 * For the frames of connections. Connections themselves are served by `serve`.
 *
 * An error of the Observable: what the source, `project` or an inner Observable fails with; `QueueFullError`.
 *
 * @throws TypeError RangeError `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
 *
 * @example
 * connection.data$
 *   .pipe(decode(ndjson()), pacedMap((record) => save(record), { concurrency: 4 }))
 *   .subscribe();
 */
export function pacedMap<T, R>(
  project: (value: T, index: number) => ObservableInput<R>,
  options: PacedMapOptions = {},
): OperatorFunction<T, R> {
  checkFunction('project', project);
  const own = optionsOf('options', options, PACED_MAP_OPTIONS);
  const { concurrency = 1, maxQueuedBytes = 2 ** 24, holds } = own;
  const settings: Settings<T, R> = {
    project,
    concurrency: checkInteger('concurrency', concurrency, 1, Number.MAX_SAFE_INTEGER),
    maxQueuedBytes: checkInteger('maxQueuedBytes', maxQueuedBytes, 1, Number.MAX_SAFE_INTEGER),
    told: holds === undefined ? null : [holds].flat().map((each) => readingOf('holds', each)),
  };
  return (source) =>
    new Observable((subscriber) => {
      new Pacer(settings, subscriber).subscribeTo(source);
    });
}

interface Settings<T, R> {
  readonly project: (value: T, index: number) => ObservableInput<R>;
  readonly concurrency: number;
  readonly maxQueuedBytes: number;
  /** What to hold back, if the program says so. */
  readonly told: readonly Reading[] | null;
}

/** Each value counts for at least this, so that the number of empty ones is limited too. */
const OVERHEAD = 64;

/** A value that waits or is being worked on. */
interface Job<T> {
  value: T;
  readonly weight: number;
  /**
   * On behalf of this origin the work is done and its results are emitted once the connection has finished emitting the
   * value.
   */
  readonly origin: Origin;
  isCounted: boolean;
  isDone: boolean;
}

const ADVICE =
  'Put pacedMap before such an operator, or say which connections to hold back: pacedMap(project, { holds: connection }).';

/** One subscription. It is full while `concurrency` jobs are running; only then are connections held back. */
class Pacer<T, R> {
  readonly #settings: Settings<T, R>;
  readonly #subscriber: Subscriber<R>;
  readonly #upstream = new Upstream();
  readonly #holds = new Holds();
  readonly #waiting = new Queue<Job<T>>();
  #waitingBytes = 0;
  /** How many jobs of each connection are waiting or running. */
  readonly #jobs = new Map<Reading, number>();
  #active = 0;
  #index = 0;
  #wasFull = false;
  #isStarting = false;
  #sourceIsOver = false;

  constructor(settings: Settings<T, R>, subscriber: Subscriber<R>) {
    this.#settings = settings;
    this.#subscriber = subscriber;
  }

  subscribeTo(source: Observable<T>): void {
    const subscriber = this.#subscriber;
    // An endless iterable emits within subscribe(), before its subscription exists to be unsubscribed.
    const open$ = source.pipe(takeWhile(() => !subscriber.closed));
    const subscription = this.#upstream.subscribe(open$, {
      next: (value) => {
        this.#onValue(value);
      },
      error: (error: unknown) => {
        subscriber.error(error);
      },
      complete: () => {
        this.#sourceIsOver = true;
        this.#settle();
      },
    });
    subscription.add(() => {
      this.#sourceIsOver = true;
      this.#holds.releaseAll();
    });
    subscriber.add(subscription);
  }

  get #isFull(): boolean {
    return this.#active >= this.#settings.concurrency;
  }

  #onValue(value: T): void {
    const size = sizeOf(value);
    const origin = new Origin(this.#upstream.emitter);
    origin.size = size;
    const job: Job<T> = { value, weight: OVERHEAD + size, origin, isCounted: false, isDone: false };
    if (this.#isFull || this.#isStarting || this.#waiting.length > 0) this.#enqueue(job);
    else if (currentOrigin()?.reading) this.#start(job);
    else this.#startBehind(job);
    this.#settle();
  }

  #enqueue(job: Job<T>): void {
    const { maxQueuedBytes, told } = this.#settings;
    if (this.#waitingBytes >= maxQueuedBytes) {
      this.#subscriber.error(new QueueFullError(maxQueuedBytes));
      return;
    }
    const { reading } = job.origin;
    // By the time the job runs, lent memory will have been taken back.
    if (reading?.lends && types.isUint8Array(job.value)) job.value = Buffer.from(job.value) as T;
    if (!reading && !told) this.#upstream.warnUnheld(ADVICE);
    this.#waiting.push(job);
    this.#waitingBytes += job.weight;
    this.#count(job);
  }

  /** Starts a job that its connection is not emitting at the moment. */
  #startBehind(job: Job<T>): void {
    const { origin } = job;
    const start = () => {
      origin.during(() => {
        this.#start(job);
      });
    };
    if (origin.reading) origin.reading.inContext(start);
    else start();
  }

  #start(job: Job<T>): void {
    const subscriber = this.#subscriber;
    this.#active++;
    let inner: Observable<R>;
    try {
      inner = resultOf('project', this.#settings.project(job.value, this.#index++));
    } catch (error) {
      subscriber.error(error);
      return;
    }
    subscriber.add(
      inner.subscribe({
        next(result) {
          if (currentOrigin()?.reading) subscriber.next(result);
          else job.origin.emit(subscriber, result);
        },
        error(error: unknown) {
          subscriber.error(error);
        },
        complete: () => {
          this.#onDone(job);
        },
      }),
    );
    if (!job.isDone) this.#count(job);
  }

  #onDone(job: Job<T>): void {
    job.isDone = true;
    this.#active--;
    const isLast = this.#discount(job);
    this.#startWaiting();
    const { reading } = job.origin;
    if (isLast && reading && !this.#jobs.has(reading)) this.#holds.release(reading);
  }

  /** A loop, not a recursion, as inner Observables may complete at once. */
  #startWaiting(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    while (!this.#isFull && !this.#subscriber.closed) {
      const job = this.#waiting.shift();
      if (!job) break;
      this.#waitingBytes -= job.weight;
      this.#startBehind(job);
    }
    this.#isStarting = false;
    this.#settle();
  }

  #count(job: Job<T>): void {
    const { reading } = job.origin;
    if (job.isCounted || !reading) return;
    job.isCounted = true;
    this.#jobs.set(reading, (this.#jobs.get(reading) ?? 0) + 1);
    if (this.#isFull && !this.#settings.told) this.#hold(reading);
  }

  /** @returns whether it was the last one of its connection */
  #discount({ isCounted, origin: { reading } }: Job<T>): boolean {
    if (!isCounted || !reading) return false;
    const left = this.#jobs.get(reading)! - 1;
    if (left > 0) this.#jobs.set(reading, left);
    else this.#jobs.delete(reading);
    return left === 0;
  }

  #hold(reading: Reading): void {
    if (!this.#sourceIsOver) this.#holds.hold(reading);
  }

  /** After any change: holds back or releases, and completes when all is done. */
  #settle(): void {
    if (this.#subscriber.closed) return;
    if (this.#sourceIsOver && this.#active === 0 && this.#waiting.length === 0) {
      this.#subscriber.complete();
      return;
    }
    const isFull = this.#isFull;
    if (isFull === this.#wasFull) return;
    this.#wasFull = isFull;
    if (!isFull) this.#holds.releaseAll();
    else for (const reading of this.#settings.told ?? this.#jobs.keys()) this.#hold(reading);
  }
}
