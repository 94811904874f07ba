import { from, Observable, type ObservableInput, type OperatorFunction } from 'rxjs';
import { checkInteger, invalidType } from '../core/argument';
import { QueueFullError } from './connection/QueueFullError';
import { derivedFrom, readingBehind } from './connection/Reading';

/** @see mergeMap */
export interface MergeMapOptions {
  /** How many inner Observables run at once; 1 by default for `concatMap`, and 16 for `mergeMap`. */
  concurrent?: number;
  /**
   * How many values may wait; 65536 by default, more than one chunk can bring as frames. Only a source that cannot be
   * held back comes so far: the Observable fails then with a `QueueFullError`.
   */
  maxQueued?: number;
}

/**
 * As rxjs' `mergeMap`, for the frames of one connection and consumers that are slower than it (connections themselves
 * are merged by that of rxjs): while as many as `concurrent` are at work, the
 * connection that the values come from is not read, through any operators of one source. Nothing is lost, and what
 * waits is bounded: by the frames of one chunk.
 *
 * @param options a number is `concurrent`, as with rxjs
 *
 * @example
 * connection.data$
 *   .pipe(decode(ndjson()), mergeMap((record) => save(record), { concurrent: 4 }))
 *   .subscribe();
 */
export function mergeMap<T, R>(
  project: (value: T, index: number) => ObservableInput<R>,
  options: MergeMapOptions | number = {},
): OperatorFunction<T, R> {
  if (typeof options === 'number') return mergeMap(project, { concurrent: options });
  if (typeof project !== 'function') throw invalidType('project', 'a function', project);
  const concurrent = checkInteger('concurrent', options.concurrent ?? 16, 1, 2 ** 31 - 1);
  const maxQueued = checkInteger('maxQueued', options.maxQueued ?? 65_536, 0, 2 ** 31 - 1);
  return (source) => {
    const reading = readingBehind(source);
    const merged = new Observable<R>((subscriber) => {
      const waiting: T[] = [];
      let active = 0;
      let index = 0;
      let isComplete = false;
      let isHeld = false;
      let isStarting = false;

      const release = (): void => {
        if (!isHeld) return;
        isHeld = false;
        reading?.release();
      };
      const settle = (): void => {
        if (subscriber.closed) return;
        if (isComplete && active === 0 && waiting.length === 0) {
          subscriber.complete();
        } else if (active >= concurrent) {
          if (!isHeld && !isComplete) {
            isHeld = true;
            reading?.hold();
          }
        } else if (waiting.length === 0) {
          release();
        }
      };
      const start = (value: T): void => {
        let inner: Observable<R>;
        try {
          inner = from(project(value, index++));
        } catch (error) {
          subscriber.error(error);
          return;
        }
        active++;
        subscriber.add(
          inner.subscribe({
            next(result) {
              subscriber.next(result);
            },
            error(error: unknown) {
              subscriber.error(error);
            },
            complete() {
              active--;
              startWaiting();
            },
          }),
        );
      };
      // A loop, not a recursion, as inner Observables may complete at once.
      const startWaiting = (): void => {
        if (isStarting) return;
        isStarting = true;
        while (active < concurrent && waiting.length > 0 && !subscriber.closed) {
          start(waiting.shift()!);
        }
        isStarting = false;
        settle();
      };

      subscriber.add(
        source.subscribe({
          next(value) {
            if (waiting.length >= maxQueued && active >= concurrent) {
              subscriber.error(new QueueFullError(maxQueued, 'values'));
              return;
            }
            waiting.push(value);
            startWaiting();
          },
          error(error: unknown) {
            subscriber.error(error);
          },
          complete() {
            isComplete = true;
            settle();
          },
        }),
      );
      // Last, or what was held back would come to who is about to leave.
      subscriber.add(release);
    });
    return derivedFrom(source, merged);
  };
}

/**
 * {@link mergeMap}, one after the other: as rxjs' `concatMap`, and the source is not read while one is at work.
 *
 * @example
 * connection.data$.pipe(decode(lines()), concatMap((line) => append(file, line))).subscribe();
 */
export function concatMap<T, R>(
  project: (value: T, index: number) => ObservableInput<R>,
  options: Omit<MergeMapOptions, 'concurrent'> = {},
): OperatorFunction<T, R> {
  return mergeMap(project, { ...options, concurrent: 1 });
}
