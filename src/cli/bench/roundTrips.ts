import { filter, Observable, type OperatorFunction, scan, tap, timer } from 'rxjs';
import type { Connection } from 'bipoll/reactive';
import type { Pace } from './Pace';
import type { Tally } from './Tally';

/** What is asked, and how one tells that the answer is whole. */
export interface Exchange {
  readonly request: Buffer;
  /** Emits once for each answer. */
  readonly answers: OperatorFunction<Buffer, unknown>;
}

/** The answers of an echo: as many bytes as were sent. */
export function echoed(size: number): OperatorFunction<Buffer, unknown> {
  return (data$) =>
    data$.pipe(
      scan((had, { length }) => (had % size) + length, 0),
      filter((had) => had >= size),
    );
}

/**
 * Asks again and again, each time when the answer is there and the next request is due. Completes when there is none any
 * more, and fails if the server ends before.
 *
 * A latency counts from when the request was due if it was late because the answer before it was: so a server that stalls
 * cannot hide how long those have waited that could not be asked meanwhile.
 */
export function roundTrips(
  connection: Connection,
  { request, answers }: Exchange,
  tally: Tally,
  pace: Pace,
): Observable<never> {
  return new Observable((subscriber) => {
    /** From when on the answer is waited for; null: nothing is asked. */
    let since: number | null = null;
    const ask = (from: number) => {
      since = from;
      connection.write(request);
      tally.bytesSent += request.length;
    };
    /** Timers may be early. */
    const askAt = (due: number) => {
      const now = performance.now();
      if (due <= now) ask(now);
      else
        subscriber.add(
          timer(Math.ceil(due - now)).subscribe(() => {
            askAt(due);
          }),
        );
    };
    const askNext = () => {
      const now = performance.now();
      const due = pace.next(now);
      if (due === null) subscriber.complete();
      else if (due <= now) ask(due);
      else askAt(due);
    };
    subscriber.add(() => {
      if (since !== null) tally.onCutOff(performance.now() - since);
    });
    subscriber.add(
      connection.data$
        .pipe(
          tap(({ length }) => {
            tally.bytesReceived += length;
          }),
          answers,
        )
        .subscribe({
          next() {
            if (since === null) {
              subscriber.error(new Error('The server has sent what was not asked for'));
              return;
            }
            tally.onAnswer(performance.now() - since);
            since = null;
            askNext();
          },
          error(error: unknown) {
            subscriber.error(error);
          },
          complete() {
            subscriber.error(new Error('The server ended a connection'));
          },
        }),
    );
    askNext();
  });
}
